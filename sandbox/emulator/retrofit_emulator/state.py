"""What the sandbox's machines and load balancers are to be, read from the services' state."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from datetime import timezone
from typing import Any

from moto.autoscaling.models import ASG_NAME_TAG
from moto.ec2 import ec2_backends
from moto.elasticache import elasticache_backends
from moto.elbv2 import elbv2_backends
from moto.opensearch import opensearch_backends
from moto.rds import rds_backends

from . import determinism, servers
from .patches import ssm_commands

ENDED_INSTANCES_SECONDS = 3600
GZIP_MAGIC = b"\x1f\x8b"


def snapshot(revision: int) -> dict[str, Any]:
    balancers = [b for backend in backends(elbv2_backends) for b in backend.load_balancers.values()]
    groups = [g for backend in backends(elbv2_backends) for g in backend.target_groups.values()]
    listeners = [listener for b in balancers for listener in b.listeners.values()]
    databases = [i for backend in backends(rds_backends) for i in backend.databases.values()]
    database_snapshots = [s for backend in backends(rds_backends) for s in backend.database_snapshots.values()]
    stores = [g for backend in backends(elasticache_backends) for g in backend.replication_groups.values()]
    domains = [d for backend in backends(opensearch_backends) for d in backend.domains.values()]
    return {
        "revision": revision,
        "loadBalancers": [_load_balancer(b) for b in balancers],
        "listeners": [_listener(listener) for listener in listeners],
        "targetGroups": [_target_group(g, listeners) for g in groups],
        "instances": [_instance(i) for backend in backends(ec2_backends) for i in _instances(backend)],
        "commands": list(ssm_commands.unfinished()),
        "databases": list(servers.databases(databases)),
        "databaseSnapshots": list(servers.snapshots(database_snapshots)),
        "sessionStores": list(servers.session_stores(stores)),
        "logStores": list(servers.log_stores(domains)),
    }


def backends(services: Any) -> Iterator[Any]:
    """Those that were touched; looking must not make new ones."""
    for _account, _region, backend in services.iter_backends():
        yield backend


def target_groups_of(actions: list[Any]) -> Iterator[tuple[str, int]]:
    for action in actions:
        if action.type != "forward":
            continue
        forwarded = action.data.get("ForwardConfig", {}).get("TargetGroups")
        if forwarded:
            for target_group in forwarded:
                yield target_group["TargetGroupArn"], int(target_group.get("Weight", 1))
        elif action.data.get("TargetGroupArn"):
            yield action.data["TargetGroupArn"], 1


def _load_balancer(balancer: Any) -> dict[str, Any]:
    return {
        "arn": balancer.arn,
        "name": balancer.name,
        "dnsName": balancer.dns_name,
        "scheme": balancer.scheme or "internet-facing",
        "type": balancer.type,
    }


def _listener(listener: Any) -> dict[str, Any]:
    rules = sorted(
        (rule for rule in listener.rules.values() if not rule.is_default), key=lambda rule: int(rule.priority)
    )
    return {
        "arn": listener.arn,
        "loadBalancerArn": listener.load_balancer_arn,
        "port": int(listener.port),
        "protocol": listener.protocol,
        "certificateArns": [c for c in listener.certificates if c],
        "defaultActions": _actions(listener.default_actions),
        "rules": [
            {
                "arn": rule.arn,
                "priority": int(rule.priority),
                "conditions": [_condition(c) for c in rule.conditions],
                "actions": _actions(rule.actions),
            }
            for rule in rules
        ],
    }


def _actions(actions: list[Any]) -> list[dict[str, Any]]:
    return [_action(action) for action in sorted(actions, key=lambda a: int(a.data.get("Order", 0)))]


def _action(action: Any) -> dict[str, Any]:
    data = action.data
    if action.type == "forward":
        weights = [{"arn": arn, "weight": weight} for arn, weight in target_groups_of([action])]
        return {"type": "forward", "targetGroups": weights}
    if action.type == "redirect":
        config = data["RedirectConfig"]
        names = ("Protocol", "Port", "Host", "Path", "Query", "StatusCode")
        return {"type": "redirect", **{name[0].lower() + name[1:]: config.get(name) for name in names}}
    if action.type == "fixed-response":
        config = data["FixedResponseConfig"]
        names = ("StatusCode", "ContentType", "MessageBody")
        return {"type": "fixed-response", **{name[0].lower() + name[1:]: config.get(name) for name in names}}
    return {"type": action.type}


def _condition(condition: dict[str, Any]) -> dict[str, Any]:
    config = next((value for key, value in condition.items() if key.endswith("Config")), {})
    values = config.get("Values") or condition.get("Values") or []
    read: dict[str, Any] = {
        "field": condition["Field"],
        "values": [v if isinstance(v, str) else {"key": v.get("Key"), "value": v["Value"]} for v in values],
    }
    if "HttpHeaderName" in config:
        read["name"] = config["HttpHeaderName"]
    return read


def _target_group(group: Any, listeners: list[Any]) -> dict[str, Any]:
    matcher = getattr(group, "matcher", None) or {}
    return {
        "arn": group.arn,
        "name": group.name,
        "protocol": group.protocol,
        "port": int(group.port) if group.port is not None else None,
        "healthCheck": {
            "enabled": bool(group.health_check_enabled),
            "protocol": group.health_check_protocol,
            "port": str(group.health_check_port),
            "path": group.health_check_path,
            "intervalSeconds": int(group.health_check_interval_seconds),
            "timeoutSeconds": int(group.health_check_timeout_seconds),
            "healthyThreshold": int(group.healthy_threshold_count),
            "unhealthyThreshold": int(group.unhealthy_threshold_count),
            "matcher": matcher.get("HttpCode"),
        },
        "deregistrationDelaySeconds": int(group.attributes["deregistration_delay.timeout_seconds"]),
        "loadBalancerArns": balancers_of(group.arn, listeners),
        "targets": [{"id": t["Id"], "port": int(t["Port"])} for t in group.targets.values()],
    }


def balancers_of(target_group_arn: str, listeners: list[Any]) -> list[str]:
    """A target group belongs to a load balancer while one of its listeners or rules forwards to it."""
    found: list[str] = []
    for listener in listeners:
        actions = [*listener.default_actions, *(a for rule in listener.rules.values() for a in rule.actions)]
        used = any(arn == target_group_arn for arn, _weight in target_groups_of(actions))
        if used and listener.load_balancer_arn not in found:
            found.append(listener.load_balancer_arn)
    return found


def _instances(backend: Any) -> Iterator[Any]:
    for instance in backend.all_instances():
        ended = getattr(instance, "ended_at", None)
        if ended is None or determinism.now() - ended < ENDED_INSTANCES_SECONDS:
            yield instance


def _instance(instance: Any) -> dict[str, Any]:
    tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
    return {
        "id": instance.id,
        "state": instance.state,
        "userData": decoded_user_data(instance.user_data),
        "privateIp": instance.private_ip if instance.nics else None,
        "instanceType": instance.instance_type,
        "autoScalingGroup": tags.get(ASG_NAME_TAG),
        "tags": tags,
        "launchedAt": instance.launch_time.replace(tzinfo=timezone.utc).isoformat(),
    }


def decoded_user_data(user_data: Any) -> str | None:
    """Text, unpacked when it was compressed as a whole, as cloud-init would do."""
    if user_data is None:
        return None
    raw = base64.b64decode(str(user_data))
    if raw.startswith(GZIP_MAGIC):
        raw = gzip.decompress(raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(raw).decode("ascii")
