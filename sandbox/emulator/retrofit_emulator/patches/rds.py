"""
RDS: instances and snapshots that a real PostgreSQL stands behind. Each instance has an address of its own and counts as
available when its server does; the master password is a random one; what moto copies from one instance to another is
taken apart again.
"""

from __future__ import annotations

import json
import string
from typing import Any

from moto.kms.models import kms_backends
from moto.rds import models
from moto.rds.exceptions import KMSKeyNotAccessibleFault
from moto.rds.models import DBInstance, DBSnapshot, MasterUserSecret, RDSBackend, rds_backends
from moto.secretsmanager.models import SecretsManagerBackend

from .. import determinism, servers
from ..state import backends
from ._patch import replace, wrap

PASSWORD_LENGTH = 32


def _letters(count: int, alphabet: str = string.ascii_uppercase + "234567") -> str:
    return "".join(determinism.identities().choices(alphabet, k=count))


# Instances ----------------------------------------------------------------------------------------------------------
@wrap(DBInstance, "__init__")
def _init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    # Not yet known to the backend, so that the address is chosen among those of the others.
    self.dbi_resource_id = "db-" + _letters(26)
    resource_id = self.dbi_resource_id
    original(self, *args, **kwargs)
    _become_itself(self, resource_id)
    self.performance_insights_enabled = bool(kwargs.get("enable_performance_insights"))
    if self.performance_insights_enabled:
        self.performance_insights_retention_period = kwargs.get("performance_insights_retention_period") or 7
        self.performance_insights_kms_key_id = kwargs.get("performance_insights_kms_key_id")


def _become_itself(instance: Any, resource_id: str) -> None:
    instance.dbi_resource_id = resource_id
    known = [i.retrofit_address for b in backends(rds_backends) for i in b.databases.values() if hasattr(i, "retrofit_address")]
    instance.retrofit_address = servers.free_address(servers.DATABASES, known)


_plain_address = DBInstance.address


@property  # type: ignore[misc]
def _address(self: Any) -> str:
    return self.retrofit_address if servers.has_server(self) else _plain_address.fget(self)


DBInstance.address = _address


def _status(self: Any) -> str:
    if self.retrofit_status == "available" and servers.has_server(self):
        return servers.status(self.dbi_resource_id)
    return self.retrofit_status


def _set_status(self: Any, value: str) -> None:
    self.retrofit_status = value


DBInstance.status = property(_status, _set_status)


@wrap(DBInstance, "update")
def _update(original: Any, self: Any, **kwargs: Any) -> None:
    exports = kwargs.pop("cloudwatch_logs_export_configuration", None) or {}
    original(self, **kwargs)
    kept = [e for e in self.enabled_cloudwatch_logs_exports if e not in (exports.get("DisableLogTypes") or [])]
    added = [e for e in exports.get("EnableLogTypes") or [] if e not in kept]
    self.enabled_cloudwatch_logs_exports = kept + added
    if kwargs.get("enable_performance_insights") is not None:
        self.performance_insights_enabled = bool(kwargs["enable_performance_insights"])
    if kwargs.get("db_port_number") is not None:
        self.port = kwargs["db_port_number"]


@wrap(RDSBackend, "create_db_instance_read_replica")
def _create_read_replica(original: Any, self: Any, db_kwargs: dict[str, Any]) -> Any:
    primary = self.find_db_from_id(db_kwargs["source_db_instance_identifier"])
    resource_id = "db-" + _letters(26)
    replica = original(self, db_kwargs)
    # moto's replica is the primary under another name: password, protection and log exports are not the same things.
    replica.created = models.utcnow()
    replica.instance_create_time = replica.created
    replica.manage_master_user_password = False
    replica.__dict__.pop("master_user_secret", None)
    replica.master_user_password = None
    replica.deletion_protection = bool(db_kwargs.get("deletion_protection"))
    replica.multi_az = bool(db_kwargs.get("multi_az"))
    replica.backup_retention_period = 0
    replica.tags = db_kwargs.get("tags") or []
    replica.enabled_cloudwatch_logs_exports = list(db_kwargs.get("enable_cloudwatch_logs_exports") or [])
    replica.performance_insights_enabled = bool(db_kwargs.get("enable_performance_insights"))
    replica.vpc_security_group_ids = list(db_kwargs.get("vpc_security_group_ids") or primary.vpc_security_group_ids)
    replica.retrofit_replica_of = primary.dbi_resource_id
    for name in ("retrofit_restored_from", "retrofit_cloned_from", "retrofit_address"):
        replica.__dict__.pop(name, None)
    _become_itself(replica, resource_id)
    return replica


@wrap(RDSBackend, "promote_read_replica")
def _promote_read_replica(original: Any, self: Any, db_kwargs: dict[str, Any]) -> Any:
    replica = self.databases[db_kwargs["db_instance_identifier"]]
    source = replica.source_db_instance_identifier
    promoted = original(self, db_kwargs)
    if source in self.databases and promoted.db_instance_identifier in self.databases[source].replicas:
        self.databases[source].remove_replica(promoted)
    promoted.source_db_instance_identifier = None
    return promoted


@wrap(RDSBackend, "delete_db_instance")
def _delete_db_instance(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    instance = original(self, *args, **kwargs)
    # A replica outlives its primary and is an instance like any other from then on.
    for replica in self.databases.values():
        if getattr(replica, "retrofit_replica_of", None) == instance.dbi_resource_id:
            replica.is_replica = False
            replica.source_db_instance_identifier = None
    return instance


# The master password --------------------------------------------------------------------------------------------------
def _credentials(resource: Any) -> str:
    password = _letters(PASSWORD_LENGTH, string.ascii_letters + string.digits)
    return json.dumps({"username": resource.master_username, "password": password})


@replace(MasterUserSecret, "_generate_secret_string")
def _generate_secret_string(self: Any) -> str:
    return _credentials(self.resource)


@replace(MasterUserSecret, "rotate_secret")
def _rotate_master_secret(self: Any) -> None:
    self.secretsmanager.put_secret_value(
        self.secret_arn, _credentials(self.resource), None, determinism.Datetime.now().strftime("%Y%m%d%H%M%S") + _letters(18), ["AWSCURRENT"]
    )
    self.secret = self.secretsmanager.secrets[self.secret_arn]


@wrap(SecretsManagerBackend, "rotate_secret")
def _rotate_secret(original: Any, self: Any, secret_id: str, *args: Any, **kwargs: Any) -> Any:
    """A secret that RDS manages is rotated by RDS, without a function of the user's."""
    secret = self.secrets[secret_id] if self._is_valid_identifier(secret_id) else None
    for backend in backends(rds_backends):
        for instance in backend.databases.values():
            managed = getattr(instance, "master_user_secret", None)
            if secret is not None and managed is not None and managed.secret_arn == secret.arn:
                managed.rotate_secret()
                return self.secrets[secret_id].to_short_dict()
    return original(self, secret_id, *args, **kwargs)


# Snapshots ------------------------------------------------------------------------------------------------------------
@wrap(DBSnapshot, "__init__")
def _snapshot_init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    self.retrofit_id = "snap-" + _letters(16, string.ascii_lowercase + string.digits)
    original(self, *args, **kwargs)


def _snapshot_status(self: Any) -> str:
    return servers.status(self.retrofit_id) if servers.is_copied(self) else "available"


DBSnapshot.status = property(_snapshot_status, lambda self, value: None)


@wrap(RDSBackend, "copy_db_snapshot")
def _copy_db_snapshot(original: Any, self: Any, source_db_snapshot_identifier: str, *args: Any, **kwargs: Any) -> Any:
    copied = original(self, source_db_snapshot_identifier, *args, **kwargs)
    copied.retrofit_copy_of = self.get_db_snapshot(source_db_snapshot_identifier).retrofit_id
    return copied


@wrap(RDSBackend, "restore_db_instance_from_db_snapshot")
def _restore(original: Any, self: Any, from_snapshot_id: str, overrides: dict[str, Any]) -> Any:
    snapshot = self.get_db_snapshot(from_snapshot_id)
    key = kms_backends[self.account_id][self.region_name].keys.get((snapshot.kms_key_id or "").rpartition("/")[2])
    if key is not None and key.key_state != "Enabled":
        raise KMSKeyNotAccessibleFault(snapshot.kms_key_id)
    instance = original(self, from_snapshot_id, overrides)
    instance.retrofit_restored_from = snapshot.retrofit_id
    return instance


@wrap(RDSBackend, "restore_db_instance_to_point_in_time")
def _restore_to_point_in_time(original: Any, self: Any, source_db_identifier: str, *args: Any, **kwargs: Any) -> Any:
    source = self.describe_db_instances(source_db_identifier)[0]
    # moto copies all that an instance holds, which through its secret would be the whole account.
    secret = source.__dict__.pop("master_user_secret", None)
    try:
        instance = original(self, source_db_identifier, *args, **kwargs)
    finally:
        if secret is not None:
            source.master_user_secret = secret
    instance.retrofit_cloned_from = source.dbi_resource_id
    return instance


# Shard groups -----------------------------------------------------------------------------------------------------------
@replace(models.DBShardGroup, "__init__")
def _shard_group_init(self: Any, backend: Any, **kwargs: Any) -> None:
    models.RDSBaseModel.__init__(self, backend)
    self.__dict__.update({name: kwargs.get(name) for name in ("compute_redundancy", "min_acu", "publicly_accessible")})
    self.db_shard_group_identifier = kwargs["db_shard_group_identifier"]
    self.db_cluster_identifier = kwargs["db_cluster_identifier"]
    self.max_acu = kwargs["max_acu"]
    self.status = "available"
    self.db_shard_group_resource_id = "shardgroup-" + _letters(26)
    self.endpoint = f"{self.db_cluster_identifier}.shardgrp-{self.region}.rds.amazonaws.com"
    self.db_shard_group_arn = f"arn:{self.partition}:rds:{self.region}:{self.account_id}:shard-group:{self.db_shard_group_identifier}"
    self.tags = kwargs.get("tags") or []
