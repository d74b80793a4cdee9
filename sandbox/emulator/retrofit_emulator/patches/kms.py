"""KMS: a service's own key, made when the service first needs it, is AWS's and not the customer's."""

from __future__ import annotations

from typing import Any

from moto.kms.models import KmsBackend

from ._patch import wrap


@wrap(KmsBackend, "create_alias")
def _create_alias(original: Any, self: Any, target_key_id: str, alias_name: str) -> Any:
    alias = original(self, target_key_id, alias_name)
    if self.get_alias_name(alias_name).startswith("alias/aws/"):
        self.keys[self.get_key_id(target_key_id)].key_manager = "AWS"
    return alias
