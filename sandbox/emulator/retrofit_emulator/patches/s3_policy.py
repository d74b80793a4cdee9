"""Bucket policies, enforced with their conditions: moto reads none, and does not ask for an object that is not there yet."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from ._patch import replace, wrap

ENCRYPTION = "x-amz-server-side-encryption"
KEY_ID = f"{ENCRYPTION}-aws-kms-key-id"
ACTIONS = {"PUT": "PutObject", "POST": "PutObject", "GET": "GetObject", "HEAD": "GetObject", "DELETE": "DeleteObject"}

# What the request under way says of itself, by condition key.
_request: ContextVar[dict[str, str]] = ContextVar("request", default={"aws:SecureTransport": "true"})


class Refused(S3ClientError):
    code = 403

    def __init__(self) -> None:
        super().__init__("AccessDenied", "Access Denied: the policy of the bucket says so")


def said_by(self: Any, request: Any, query: dict[str, Any]) -> dict[str, str]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    said = {
        # The emulator's loopback stands for AWS's TLS endpoints, unless a test says that it came as plain HTTP.
        "aws:SecureTransport": "false" if headers.get("x-forwarded-proto") == "http" else "true",
        "s3:TlsVersion": "1.3",
        "aws:PrincipalIsAWSService": "false",
    }
    if "authorization" in headers or "X-Amz-Signature" in query or "Signature" in query:
        said["aws:PrincipalAccount"] = self.get_current_account()
    if "uploadId" in query:
        # A part is encrypted as its upload was begun.
        said[f"s3:{ENCRYPTION}"] = "aws:kms"
    for name in (ENCRYPTION, KEY_ID):
        if name in headers:
            said[f"s3:{name}"] = headers[name]
    return said


@wrap(S3Response, "_key_response")
def _key_response(original: Any, self: Any, request: Any, full_url: str) -> Any:
    query = self._get_querystring(request, full_url)
    token = _request.set(said_by(self, request, query))
    try:
        name, action = self.parse_bucket_name_from_url(request, full_url), ACTIONS.get(request.method)
        if name and action and self.backend.get_bucket(name).policy:
            bucket = self.backend.get_bucket(name)
            resource = f"arn:{bucket.partition}:s3:::{name}/{self.parse_key_name()}"
            if bucket.get_permission(f"s3:{action}", resource) == PermissionResult.DENIED:
                raise Refused
        return original(self, request, full_url)
    finally:
        _request.reset(token)


@replace(FakeBucket, "get_permission")
def get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(self.policy)
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    applying = [
        {name: value for name, value in statement.items() if name != "Condition"}
        for statement in statements
        if applies(statement.get("Condition", {}), _request.get())
    ]
    if not applying:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps({**policy, "Statement": applying})).is_action_permitted(action, resource)


def applies(conditions: dict[str, dict[str, Any]], said: dict[str, str]) -> bool:
    """Whether all hold. A condition whose operator is not known here counts as one that holds."""
    return all(
        holds(operator, said.get(key), [str(each) for each in (wanted if isinstance(wanted, list) else [wanted])])
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def holds(operator: str, value: str | None, wanted: list[str]) -> bool:
    if operator == "Null":
        return (value is None) == (wanted[0].lower() == "true")
    name = operator.removesuffix("IfExists")
    if value is None:
        # What is not there equals nothing, and differs from everything.
        return name != operator or "Not" in name or name not in CHECKS
    check = CHECKS.get(name)
    return check is None or check(value, wanted)


def _any(same: Callable[[str, str], bool]) -> Callable[[str, list[str]], bool]:
    return lambda value, wanted: any(same(value, each) for each in wanted)


def _none(same: Callable[[str, str], bool]) -> Callable[[str, list[str]], bool]:
    return lambda value, wanted: not any(same(value, each) for each in wanted)


def _equal(value: str, wanted: str) -> bool:
    return value == wanted


CHECKS: dict[str, Callable[[str, list[str]], bool]] = {
    "Bool": _any(lambda value, wanted: value.lower() == wanted.lower()),
    "StringEquals": _any(_equal),
    "StringNotEquals": _none(_equal),
    "StringLike": _any(fnmatch.fnmatchcase),
    "StringNotLike": _none(fnmatch.fnmatchcase),
    "ArnLike": _any(fnmatch.fnmatchcase),
    "ArnEquals": _any(_equal),
    "NumericLessThan": _any(lambda value, wanted: float(value) < float(wanted)),
    "NumericGreaterThan": _any(lambda value, wanted: float(value) > float(wanted)),
}
