"""Tells whether everything that a journal made is gone again, so that it need not be replayed for ever.

Careful rather than clever: services that are not in the table count as full, and so does what a backend had from its
beginning and has no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from moto.core.base_backend import BackendDict

from .calls import identify
from .journal import Entry

# What makes a service full: by the name in signatures, moto's name of it, and the collections that hold its resources.
RESOURCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "acm": ("acm", ("_certificates",)),
    "autoscaling": ("autoscaling", ("autoscaling_groups", "launch_configurations")),
    "backup": ("backup", ("vaults", "plans", "report_plans")),
    "budgets": ("budgets", ("budgets",)),
    "ec2": (
        "ec2",
        (
            "addresses",
            "amis",
            "customer_gateways",
            "dhcp_options_sets",
            "fleets",
            "flow_logs",
            "groups",
            "internet_gateways",
            "key_pairs",
            "launch_templates",
            "managed_prefix_lists",
            "nat_gateways",
            "subnets",
            "transit_gateways",
            "volumes",
            "vpcs",
            "vpc_pcxs",
            "vpn_connections",
            "vpn_gateways",
        ),
    ),
    "elasticache": (
        "elasticache",
        ("cache_clusters", "cache_subnet_groups", "cache_parameter_groups", "replication_groups", "snapshots"),
    ),
    "elasticfilesystem": ("efs", ("file_systems_by_id",)),
    "elasticloadbalancing": ("elbv2", ("load_balancers", "target_groups")),
    "iam": (
        "iam",
        ("roles", "users", "groups", "instance_profiles", "managed_policies", "certificates", "account_aliases"),
    ),
    "kms": ("kms", ("keys",)),
    "logs": ("logs", ("groups", "resource_policies", "destinations")),
    "monitoring": ("cloudwatch", ("alarms", "dashboards", "insight_rules")),
    "rds": (
        "rds",
        (
            "clusters",
            "cluster_snapshots",
            "databases",
            "database_snapshots",
            "db_cluster_parameter_groups",
            "db_parameter_groups",
            "db_proxies",
            "shard_groups",
            "subnet_groups",
        ),
    ),
    "route53": ("route53", ("zones", "health_checks")),
    "s3": ("s3", ("buckets",)),
    "secretsmanager": ("secretsmanager", ("secrets",)),
    "sns": ("sns", ("topics", "subscriptions", "applications")),
    "ssm": ("ssm", ("_documents", "windows", "baselines")),
}
# Calls that change an account as a whole leave nothing that could be counted.
ACCOUNT_WIDE = ("Enable", "Disable", "Modify", "Put", "Update")
GONE = {"deleted", "terminated", "released", "PendingDeletion"}


def is_empty(entries: Iterable[Entry]) -> bool:
    calls = [identify(entry.request) for entry in entries if not entry.request.path.startswith("/_retrofit/")]
    if any(call.service not in RESOURCES and call.service != "sts" for call in calls):
        return False
    if any(call.service == "ec2" and _account_wide(call.operation) for call in calls):
        return False
    services = {moto: attributes for moto, attributes in RESOURCES.values()}
    for backend_dict in BackendDict._instances:
        for _account, _region, backend in backend_dict.iter_backends():
            attributes = services.get(backend_dict.service_name, ())
            baseline = getattr(backend, "retrofit_baseline", {})
            if any(alive(backend, name) != baseline.get(name, 0) for name in attributes):
                return False
            if backend_dict.service_name == "ssm" and _own_parameters(backend):
                return False
    return True


def remember_baseline(service: str, backend: Any) -> None:
    """What a backend has before anybody asked for anything: a default network, AWS's own policies."""
    for moto, attributes in RESOURCES.values():
        if moto == service:
            backend.retrofit_baseline = {name: alive(backend, name) for name in attributes}


def alive(backend: Any, attribute: str) -> int:
    held = getattr(backend, attribute, ())
    members: Collection[Any] = held.values() if isinstance(held, Mapping) else held
    # Security groups are held by network, subnets by zone, budgets by account.
    return sum(len(member) if isinstance(member, Mapping) else not _gone(member) for member in members)


def _gone(member: Any) -> bool:
    states = {getattr(member, name, None) for name in ("state", "key_state", "status") if _plain(member, name)}
    ours = getattr(member, "key_manager", "") == "AWS"
    return ours or bool(states & GONE)


def _plain(member: Any, name: str) -> bool:
    return isinstance(getattr(member, name, None), str)


def _own_parameters(backend: Any) -> bool:
    return any(not name.startswith("/aws/service/") for name, versions in backend._parameters.items() if versions)


def _account_wide(operation: str | None) -> bool:
    name = operation or ""
    return name.startswith(ACCOUNT_WIDE) and name.endswith(
        ("ByDefault", "DefaultKmsKeyId", "BlockPublicAccess", "MetadataDefaults", "SerialConsoleAccess")
    )
