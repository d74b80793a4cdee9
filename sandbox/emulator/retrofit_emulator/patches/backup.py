"""AWS Backup: selections, changes of plans, access policies and notifications of vaults."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.backup import urls
from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.models import mock_random
from moto.backup.responses import BackupResponse

from .. import determinism
from ._patch import operation

for _part in ("access-policy", "notification-configuration", "recovery-points/?"):
    urls.url_paths["{0}/backup-vaults/(?P<name>[^/]+)/" + _part + "$"] = urls.response.dispatch


def _after(self: Any, word: str) -> str:
    parts = [unquote(part) for part in self.path.strip("/").split("/")]
    return parts[parts.index(word) + 1]


# Plans --------------------------------------------------------------------------------------------------------------
@operation(BackupResponse)
def update_backup_plan(self: Any) -> str:
    plan = self.backup_backend.plans[_after(self, "plans")]
    wanted = json.loads(self.body)["BackupPlan"]
    for rule in wanted.get("Rules", []):
        rule.setdefault("RuleId", str(mock_random.uuid4()))
    plan.backup_plan = wanted
    plan.version_id = mock_random.get_random_string(length=48)
    return json.dumps({**plan.to_dict(), "CreationDate": determinism.now()})


# Selections ---------------------------------------------------------------------------------------------------------
def _selections(self: Any) -> dict[str, dict[str, Any]]:
    return self.backup_backend.__dict__.setdefault("selections", {}).setdefault(_after(self, "plans"), {})


@operation(BackupResponse)
def create_backup_selection(self: Any) -> str:
    wanted = json.loads(self.body)
    made = {
        "SelectionId": str(mock_random.uuid4()),
        "BackupPlanId": _after(self, "plans"),
        "CreationDate": determinism.now(),
    }
    _selections(self)[made["SelectionId"]] = {**made, "BackupSelection": wanted["BackupSelection"]}
    return json.dumps(made)


@operation(BackupResponse)
def get_backup_selection(self: Any) -> str:
    found = _selections(self).get(_after(self, "selections"))
    if found is None:
        raise ResourceNotFoundException("Cannot find Backup selection")
    return json.dumps(found)


@operation(BackupResponse)
def delete_backup_selection(self: Any) -> str:
    _selections(self).pop(_after(self, "selections"), None)
    return "{}"


@operation(BackupResponse)
def list_backup_selections(self: Any) -> str:
    listed = [
        {
            **{name: s[name] for name in ("SelectionId", "BackupPlanId", "CreationDate")},
            "SelectionName": s["BackupSelection"]["SelectionName"],
            "IamRoleArn": s["BackupSelection"].get("IamRoleArn"),
        }
        for s in _selections(self).values()
    ]
    return json.dumps({"BackupSelectionsList": listed})


# Vaults -------------------------------------------------------------------------------------------------------------
def _vault(self: Any) -> Any:
    return self.backup_backend.vaults[_after(self, "backup-vaults")]


def _described(self: Any, attribute: str) -> str:
    vault = _vault(self)
    given = getattr(vault, attribute, None)
    if given is None:
        raise ResourceNotFoundException(f"The vault {vault.backup_vault_name} has no {attribute.replace('_', ' ')}")
    named = {"BackupVaultName": vault.backup_vault_name, "BackupVaultArn": vault.backup_vault_arn}
    return json.dumps({**named, **given})


@operation(BackupResponse)
def put_backup_vault_access_policy(self: Any) -> str:
    _vault(self).access_policy = {"Policy": json.loads(self.body)["Policy"]}
    return "{}"


@operation(BackupResponse)
def get_backup_vault_access_policy(self: Any) -> str:
    return _described(self, "access_policy")


@operation(BackupResponse)
def delete_backup_vault_access_policy(self: Any) -> str:
    _vault(self).access_policy = None
    return "{}"


@operation(BackupResponse)
def put_backup_vault_notifications(self: Any) -> str:
    given = json.loads(self.body)
    _vault(self).notifications = {name: given[name] for name in ("SNSTopicArn", "BackupVaultEvents")}
    return "{}"


@operation(BackupResponse)
def get_backup_vault_notifications(self: Any) -> str:
    return _described(self, "notifications")


@operation(BackupResponse)
def delete_backup_vault_notifications(self: Any) -> str:
    _vault(self).notifications = None
    return "{}"


@operation(BackupResponse)
def list_recovery_points_by_backup_vault(self: Any) -> str:
    """Nothing takes backups here, so there are none."""
    _vault(self)
    return json.dumps({"RecoveryPoints": []})


@operation(BackupResponse)
def list_tags(self: Any) -> str:
    arn = unquote(self.path.split("/tags/")[-1]).rstrip("/")
    return json.dumps({"Tags": self.backup_backend.list_tags(arn)})
