"""
ElastiCache: replication groups that a real server stands behind, with the member clusters that the provider reads them by;
parameter groups; and the operations on subnet groups and replication groups that moto has no or half of.
"""

from __future__ import annotations

import string
from types import SimpleNamespace
from typing import Any

from moto.core.responses import ActionResult, EmptyResult, PaginatedResult
from moto.core.utils import utcnow
from moto.elasticache import elasticache_backends, models
from moto.elasticache.exceptions import (
    CacheSubnetGroupNotFound,
    ElastiCacheException,
    InvalidParameterValueException,
    ReplicationGroupNotFound,
)
from moto.elasticache.models import CacheSubnetGroup, ElastiCacheBackend, ReplicationGroup
from moto.elasticache.responses import ElastiCacheResponse

from .. import determinism, servers
from ..state import backends
from ._patch import operation, replace, wrap

LATEST = {"valkey": "8.0.1", "redis": "7.1.0"}
# Both the former and the new token are good after a rotation; the next one drops the older of them.
TOKENS = 2


class CacheParameterGroupNotFound(ElastiCacheException):
    code = "CacheParameterGroupNotFound"

    def __init__(self, name: str):
        super().__init__(f"CacheParameterGroup not found: {name}")


# Replication groups -------------------------------------------------------------------------------------------------
@wrap(ReplicationGroup, "__init__")
def _init(original: Any, self: Any, account_id: str, region_name: str, *args: Any, **kwargs: Any) -> None:
    original(self, account_id, region_name, *args, **kwargs)
    letters = determinism.identities().choices(string.ascii_lowercase + string.digits, k=16)
    self.retrofit_id = "cache-" + "".join(letters)
    taken = [g.retrofit_address for b in backends(elasticache_backends) for g in b.replication_groups.values()]
    self.retrofit_address = servers.free_address(servers.SESSION_STORES, taken)
    self.retrofit_tokens = [kwargs["auth_token"]] if kwargs.get("auth_token") else []
    self.region, self.account_id = region_name, account_id
    self.engine_version = _whole_version(self.engine, self.engine_version)
    self.snapshot_window = kwargs.get("snapshot_window") or "05:00-06:00"
    self.preferred_maintenance_window = (self.preferred_maintenance_window or "sun:23:00-mon:01:00").lower()
    if self.transit_encryption_enabled:
        self.transit_encryption_mode = self.transit_encryption_mode or "required"
    self.auto_minor_version_upgrade = kwargs.get("auto_minor_version_upgrade") is not False
    if self.cluster_mode != "enabled":
        _set_members(self, int(kwargs.get("num_cache_clusters") or 1), kwargs.get("preferred_cache_cluster_azs") or [])


def _whole_version(engine: str, version: str | None) -> str:
    latest = LATEST.get(engine, "7.1.0")
    if version is None or latest.startswith(f"{version}."):
        return latest
    return version if version.count(".") == 2 else f"{version}.0" if version.count(".") == 1 else f"{version}.0.0"


def _set_members(group: Any, count: int, zones: list[str]) -> None:
    endpoint = {"address": group.retrofit_address, "port": group.port}
    group.member_clusters = [f"{group.replication_group_id}-{number + 1:0>3}" for number in range(count)]
    group.node_groups = [
        {
            "node_group_id": "0001",
            "status": "available",
            "primary_endpoint": endpoint,
            "reader_endpoint": endpoint,
            "node_group_members": [
                {
                    "cache_cluster_id": cluster_id,
                    "cache_node_id": "0001",
                    "read_endpoint": endpoint,
                    "preferred_availability_zone": (zones or [f"{group.region}a"])[index % max(len(zones), 1)],
                    "current_role": "primary" if index == 0 else "replica",
                }
                for index, cluster_id in enumerate(group.member_clusters)
            ],
        }
    ]


def _status(self: Any) -> str:
    return servers.status(self.retrofit_id) if self.retrofit_status == "available" else self.retrofit_status


ReplicationGroup.status = property(_status, lambda self, value: setattr(self, "retrofit_status", value))


@replace(ElastiCacheResponse, "modify_replication_group")
def _modify_replication_group(self: Any) -> Any:
    """Each change that the API knows, told by its own parameter; what is not told stays."""
    backend, params = self.elasticache_backend, self.params
    group = _group(backend, params["ReplicationGroupId"])
    plain = {
        "ReplicationGroupDescription": "description",
        "CacheNodeType": "cache_node_type",
        "CacheParameterGroupName": "cache_parameter_group_name",
        "Engine": "engine",
        "NotificationTopicArn": "notification_topic_arn",
        "SnapshotRetentionLimit": "snapshot_retention_limit",
        "SnapshotWindow": "snapshot_window",
        "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
        "SecurityGroupIds": "security_group_ids",
        "TransitEncryptionMode": "transit_encryption_mode",
    }
    for parameter, attribute in plain.items():
        if params.get(parameter) is not None:
            setattr(group, attribute, params[parameter])
    for parameter, attribute in (("AutomaticFailoverEnabled", "automatic_failover"), ("MultiAZEnabled", "multi_az")):
        if params.get(parameter) is not None:
            setattr(group, attribute, "enabled" if params[parameter] else "disabled")
    if params.get("PreferredMaintenanceWindow"):
        group.preferred_maintenance_window = params["PreferredMaintenanceWindow"].lower()
    if params.get("EngineVersion") or params.get("Engine"):
        group.engine_version = _whole_version(group.engine, params.get("EngineVersion"))
    if params.get("TransitEncryptionEnabled") is not None:
        group.transit_encryption_enabled = params["TransitEncryptionEnabled"]
    if params.get("AuthToken"):
        _change_token(group, params["AuthToken"], params.get("AuthTokenUpdateStrategy") or "ROTATE")
    return ActionResult({"ReplicationGroup": group})


def _change_token(group: Any, token: str, strategy: str) -> None:
    if not group.transit_encryption_enabled:
        raise InvalidParameterValueException("AUTH needs encryption in transit")
    former = [t for t in group.retrofit_tokens if t != token]
    kept = {"SET": [], "ROTATE": former[: TOKENS - 1], "DELETE": []}[strategy]
    group.retrofit_tokens = [] if strategy == "DELETE" else [token, *kept]
    group.auth_token_enabled = bool(group.retrofit_tokens)
    group.auth_token_last_modified_date = utcnow()


@replace(ElastiCacheResponse, "delete_replication_group")
def _delete_replication_group(self: Any) -> Any:
    backend = self.elasticache_backend
    group = _group(backend, self.params["ReplicationGroupId"])
    if self.params.get("FinalSnapshotIdentifier"):
        backend.create_snapshot(self.params["FinalSnapshotIdentifier"], group.replication_group_id, None, None, [])
    del backend.replication_groups[group.replication_group_id]
    group.status = "deleting"
    return ActionResult({"ReplicationGroup": group})


def _resize(self: Any) -> Any:
    group = _group(self.elasticache_backend, self.params["ReplicationGroupId"])
    zones = [m["preferred_availability_zone"] for m in group.node_groups[0]["node_group_members"]]
    _set_members(group, int(self.params["NewReplicaCount"]) + 1, list(dict.fromkeys(zones)))
    return ActionResult({"ReplicationGroup": group})


@operation(ElastiCacheResponse)
def increase_replica_count(self: Any) -> Any:
    return _resize(self)


@operation(ElastiCacheResponse)
def decrease_replica_count(self: Any) -> Any:
    return _resize(self)


def _group(backend: Any, identifier: str) -> Any:
    group = backend.replication_groups.get(identifier)
    if group is None:
        raise ReplicationGroupNotFound(identifier)
    return group


# Member clusters -----------------------------------------------------------------------------------------------------
@wrap(ElastiCacheBackend, "describe_cache_clusters")
def _describe_cache_clusters(original: Any, self: Any, cache_cluster_id: str | None = None) -> list[Any]:
    members = {m.cache_cluster_id: m for g in self.replication_groups.values() for m in _members(g)}
    if cache_cluster_id in members:
        return [members[cache_cluster_id]]
    return [*original(self, cache_cluster_id), *([] if cache_cluster_id else members.values())]


def _members(group: Any) -> list[Any]:
    """Made of the group whenever somebody asks, so that they never disagree with it."""
    return [
        SimpleNamespace(
            arn=f"arn:aws:elasticache:{group.region}:{group.account_id}:cluster:{cluster_id}",
            cache_cluster_id=cluster_id,
            cache_cluster_status=group.status,
            cache_cluster_create_time=group.replication_group_create_time,
            cache_node_type=group.cache_node_type,
            engine=group.engine,
            engine_version=group.engine_version,
            num_cache_nodes=1,
            preferred_availability_zone=f"{group.region}a",
            preferred_maintenance_window=group.preferred_maintenance_window,
            cache_parameter_group={
                "cache_parameter_group_name": group.cache_parameter_group_name
                or f"default.{group.engine}{group.engine_version.split('.')[0]}",
                "parameter_apply_status": "in-sync",
            },
            cache_subnet_group_name=group.cache_subnet_group_name,
            security_groups=[
                {"security_group_id": identifier, "status": "active"} for identifier in group.security_group_ids or []
            ],
            auto_minor_version_upgrade=group.auto_minor_version_upgrade,
            replication_group_id=group.replication_group_id,
            snapshot_retention_limit=group.snapshot_retention_limit,
            snapshot_window=group.snapshot_window,
            auth_token_enabled=group.auth_token_enabled,
            transit_encryption_enabled=group.transit_encryption_enabled,
            at_rest_encryption_enabled=group.at_rest_encryption_enabled,
            network_type=group.network_type,
            ip_discovery=group.ip_discovery,
            cache_nodes=[
                {
                    "cache_node_id": "0001",
                    "cache_node_status": "available",
                    "endpoint": {"address": group.retrofit_address, "port": group.port},
                }
            ],
        )
        for cluster_id in group.member_clusters
    ]


# Subnet groups --------------------------------------------------------------------------------------------------------
@operation(ElastiCacheResponse)
def modify_cache_subnet_group(self: Any) -> Any:
    backend, name = self.elasticache_backend, self.params["CacheSubnetGroupName"]
    former = backend.describe_cache_subnet_groups(name)[0]
    changed = CacheSubnetGroup(
        account_id=backend.account_id,
        region_name=backend.region_name,
        cache_subnet_group_name=name,
        cache_subnet_group_description=self.params.get("CacheSubnetGroupDescription")
        or former.cache_subnet_group_description,
        subnet_ids=self.params.get("SubnetIds") or former.subnet_ids,
        tags=former.tags,
    )
    backend.cache_subnet_groups[name] = changed
    return ActionResult({"CacheSubnetGroup": changed})


@operation(ElastiCacheResponse)
def delete_cache_subnet_group(self: Any) -> Any:
    name = self.params["CacheSubnetGroupName"]
    if self.elasticache_backend.cache_subnet_groups.pop(name, None) is None:
        raise CacheSubnetGroupNotFound(name)
    return EmptyResult()


# Parameter groups -----------------------------------------------------------------------------------------------------
def _parameter_groups(backend: Any) -> dict[str, Any]:
    return backend.__dict__.setdefault("cache_parameter_groups", {})


def _parameter_group(self: Any) -> Any:
    name = self.params["CacheParameterGroupName"]
    found = _parameter_groups(self.elasticache_backend).get(name)
    if found is None:
        raise CacheParameterGroupNotFound(name)
    return found


@operation(ElastiCacheResponse)
def create_cache_parameter_group(self: Any) -> Any:
    backend, name = self.elasticache_backend, self.params["CacheParameterGroupName"]
    made = SimpleNamespace(
        cache_parameter_group_name=name,
        cache_parameter_group_family=self.params["CacheParameterGroupFamily"],
        description=self.params.get("Description"),
        is_global=False,
        arn=f"arn:aws:elasticache:{backend.region_name}:{backend.account_id}:parametergroup:{name}",
        parameters={},
    )
    _parameter_groups(backend)[name] = made
    if self.params.get("Tags"):
        backend.tagging_service.tag_resource(made.arn, self.params["Tags"])
    return ActionResult({"CacheParameterGroup": made})


@operation(ElastiCacheResponse)
def describe_cache_parameter_groups(self: Any) -> Any:
    name = self.params.get("CacheParameterGroupName")
    found = [_parameter_group(self)] if name else list(_parameter_groups(self.elasticache_backend).values())
    return PaginatedResult({"CacheParameterGroups": found})


@operation(ElastiCacheResponse)
def describe_cache_parameters(self: Any) -> Any:
    own = [
        {"parameter_name": name, "parameter_value": value, "source": "user"}
        for name, value in _parameter_group(self).parameters.items()
    ]
    return PaginatedResult({"Parameters": own})


@operation(ElastiCacheResponse)
def modify_cache_parameter_group(self: Any) -> Any:
    group = _parameter_group(self)
    for parameter in self.params.get("ParameterNameValues") or []:
        group.parameters[parameter["ParameterName"]] = parameter.get("ParameterValue")
    return ActionResult({"CacheParameterGroupName": group.cache_parameter_group_name})


@operation(ElastiCacheResponse)
def reset_cache_parameter_group(self: Any) -> Any:
    group = _parameter_group(self)
    named = [p["ParameterName"] for p in self.params.get("ParameterNameValues") or []]
    for name in list(group.parameters) if self.params.get("ResetAllParameters") else named:
        group.parameters.pop(name, None)
    return ActionResult({"CacheParameterGroupName": group.cache_parameter_group_name})


@operation(ElastiCacheResponse)
def delete_cache_parameter_group(self: Any) -> Any:
    del _parameter_groups(self.elasticache_backend)[_parameter_group(self).cache_parameter_group_name]
    return EmptyResult()


@wrap(ElastiCacheBackend, "__init__")
def _backend_init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.arn_regex = models.re_compile(
        r"^arn:aws:elasticache:.*:[0-9]*:(cluster|snapshot|subnetgroup|parametergroup|replicationgroup|user):.*$"
    )
