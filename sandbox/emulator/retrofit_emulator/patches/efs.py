"""EFS: changes of a file system, its backup policy, its resource policy."""

from __future__ import annotations

import json
from typing import Any

from moto.efs.responses import EFSResponse

from ._patch import operation, wrap

JSON = {"Content-Type": "application/json"}


def _file_system(self: Any) -> Any:
    """The router's match is not there yet when the path holds the id, so the path is read."""
    identifier = self.path.split("/file-systems/")[-1].split("/")[0]
    return self.efs_backend.describe_file_systems(file_system_id=identifier)[1][0]


@operation(EFSResponse)
def update_file_system(self: Any) -> Any:
    file_system, wanted = _file_system(self), json.loads(self.body or "{}")
    for parameter, attribute in (
        ("ThroughputMode", "throughput_mode"),
        ("ProvisionedThroughputInMibps", "provisioned_throughput_in_mibps"),
    ):
        if parameter in wanted:
            setattr(file_system, attribute, wanted[parameter])
    return json.dumps(file_system.info_json()), {**JSON, "status": 202}


@operation(EFSResponse)
def put_backup_policy(self: Any) -> Any:
    policy = json.loads(self.body)["BackupPolicy"]
    _file_system(self).given_backup_policy = policy
    return json.dumps({"BackupPolicy": policy}), JSON


@wrap(EFSResponse, "describe_backup_policy")
def _describe_backup_policy(original: Any, self: Any) -> Any:
    policy = getattr(_file_system(self), "given_backup_policy", None)
    return (json.dumps({"BackupPolicy": policy}), JSON) if policy else original(self)


@operation(EFSResponse)
def delete_file_system_policy(self: Any) -> Any:
    _file_system(self).file_system_policy = None
    return "{}", JSON
