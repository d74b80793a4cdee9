"""IAM: an update keeps what it does not name."""

from __future__ import annotations

from typing import Any

from moto.iam.models import IAMBackend

from ._patch import wrap


@wrap(IAMBackend, "update_role")
def _update_role(original: Any, self: Any, role_name: str, description: Any, max_session_duration: Any) -> Any:
    role = self.get_role(role_name)
    return original(
        self,
        role_name,
        role.description if description is None else description,
        max_session_duration or role.max_session_duration,
    )
