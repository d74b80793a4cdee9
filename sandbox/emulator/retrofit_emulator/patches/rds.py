"""RDS: each instance has a resource id of its own, which the provider finds it by."""

from __future__ import annotations

from typing import Any

from moto.rds.models import DBInstance

from .. import determinism
from ._patch import wrap


@wrap(DBInstance, "__init__")
def _init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    letters = determinism.identities().choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=26)
    self.dbi_resource_id = "db-" + "".join(letters)
