"""Bucket policies: moto reads no conditions, so a policy that refuses plain HTTP would refuse everything."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

from ._patch import replace

# The emulator's loopback stands for AWS's TLS endpoints, so every request here counts as one over TLS.
REQUEST = {"aws:SecureTransport": "true"}


@replace(FakeBucket, "get_permission")
def get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(self.policy)
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    applying = [statement for statement in statements if applies(statement.get("Condition", {}))]
    if not applying:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps({**policy, "Statement": applying})).is_action_permitted(action, resource)


def applies(conditions: dict[str, dict[str, Any]]) -> bool:
    """False only where a condition is known not to hold; one that is not understood counts as holding."""
    for operator, wanted in conditions.items():
        check = CHECKS.get(operator.removesuffix("IfExists"))
        for key, value in wanted.items():
            if check and key in REQUEST and not check(REQUEST[key], str(value).lower()):
                return False
    return True


CHECKS: dict[str, Callable[[str, str], bool]] = {"Bool": lambda is_, wanted: is_ == wanted}
