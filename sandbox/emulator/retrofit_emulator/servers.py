"""Real servers behind emulated databases and session stores: which address each has, and what their runner says of them.

The sandbox's daemon runs the servers and reports with `PUT /_retrofit/servers`. Until it has reported for the first time
nobody runs any, and everything counts as available at once, as moto has it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

DATABASES = "127.82"
SESSION_STORES = "127.83"
LOG_STORES = "127.84"
ADDRESSES = 250 * 256

_reports: dict[str, dict[str, Any]] = {}
_runner = False


def replace(reported: dict[str, dict[str, Any]]) -> None:
    """By the server's id: `{"state": "starting|available|failed", "reason"}`."""
    global _reports, _runner
    _reports = reported
    _runner = True


def status(identifier: str) -> str:
    """In the words that RDS and ElastiCache share."""
    if not _runner:
        return "available"
    state = _reports.get(identifier, {}).get("state")
    return state if state in ("available", "failed") else "creating"


def free_address(network: str, taken: Iterable[str]) -> str:
    """
    A loopback address that no other server has. Each sandbox begins elsewhere, so that two on one machine do not want
    the same one.
    """
    used = set(taken)
    start = int(os.environ.get("RETROFIT_ADDRESS_SEED", "0")[:8], 16)
    for number in ((start + offset) % ADDRESSES for offset in range(ADDRESSES)):
        address = f"{network}.{number // 256}.{number % 256}"
        if number % 256 not in (0, 255) and address not in used:
            return address
    raise ValueError("the sandbox has no free address for another server")


def databases(instances: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Database instances that a real PostgreSQL stands behind."""
    for instance in instances:
        if not has_server(instance):
            continue
        yield {
            "id": instance.dbi_resource_id,
            "identifier": instance.db_instance_identifier,
            "status": instance.retrofit_status,
            "engineVersion": instance.engine_version,
            "address": instance.address,
            "port": int(instance.port),
            "databaseName": instance.db_name,
            "masterUsername": instance.master_username,
            "masterPassword": master_password(instance),
            "replicaOf": getattr(instance, "retrofit_replica_of", None) if instance.is_replica else None,
            "restoredFrom": getattr(instance, "retrofit_restored_from", None),
            "clonedFrom": getattr(instance, "retrofit_cloned_from", None),
        }


def snapshots(taken: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for snapshot in taken:
        if is_copied(snapshot):
            yield {
                "id": snapshot.retrofit_id,
                "identifier": snapshot.db_snapshot_identifier,
                "databaseId": snapshot.dbi_resource_id,
                "copyOf": getattr(snapshot, "retrofit_copy_of", None),
            }


def has_server(resource: Any) -> bool:
    return resource.engine == "postgres"


def is_copied(snapshot: Any) -> bool:
    """Those that somebody asked for. moto makes an automatic one with each instance, before there is anything in it."""
    return has_server(snapshot) and snapshot.snapshot_type == "manual"


def master_password(instance: Any) -> str | None:
    secret = getattr(instance, "master_user_secret", None)
    if secret is None:
        return instance._master_user_password
    value = secret.secretsmanager.get_secret_value(secret.secret_arn, None, None)
    return json.loads(value["SecretString"])["password"]


def session_stores(groups: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for group in groups:
        yield {
            "id": group.retrofit_id,
            "identifier": group.replication_group_id,
            "engine": group.engine,
            "address": group.retrofit_address,
            "port": int(group.port),
            "tls": bool(group.transit_encryption_enabled),
            "tokens": list(group.retrofit_tokens),
        }


def log_stores(domains: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for domain in domains:
        yield {
            "id": domain.retrofit_id,
            "identifier": domain.domain_name,
            "address": domain.retrofit_address,
            "port": 443,
            "user": domain.retrofit_user,
            "password": domain.retrofit_password,
        }
