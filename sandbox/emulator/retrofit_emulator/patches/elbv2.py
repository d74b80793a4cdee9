"""Load balancers with an address of their own, target groups that know who uses them, health as it really is."""

from __future__ import annotations

import os
from typing import Any

from moto.elbv2 import elbv2_backends, models
from moto.elbv2.exceptions import ELBClientError, TargetGroupNotFoundError

from .. import target_health
from ..state import backends, balancers_of
from ._patch import replace, wrap

Backend = models.ELBv2Backend

# What a real load balancer answers to DescribeLoadBalancerAttributes, by type.
ATTRIBUTES = {
    "application": {
        "access_logs.s3.enabled": "false",
        "connection_logs.s3.bucket": "",
        "connection_logs.s3.enabled": "false",
        "connection_logs.s3.prefix": "",
        "client_keep_alive.seconds": "3600",
        "idle_timeout.timeout_seconds": "60",
        "load_balancing.cross_zone.enabled": "true",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.preserve_host_header.enabled": "false",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
        "routing.http.xff_client_port.enabled": "false",
        "routing.http.xff_header_processing.mode": "append",
        "routing.http2.enabled": "true",
        "waf.fail_open.enabled": "false",
        "zonal_shift.config.enabled": "false",
    },
    "network": {
        "access_logs.s3.enabled": "false",
        "dns_record.client_routing_policy": "any_availability_zone",
        "zonal_shift.config.enabled": "false",
    },
}
LISTENER_ATTRIBUTES = {"routing.http.response.server.enabled": "true"}
ADDRESS_PREFIX = "127.80"


# Load balancers -----------------------------------------------------------------------------------------------------
@wrap(Backend, "create_load_balancer")
def _create_load_balancer(original: Any, self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    if any(balancer.name == name for balancer in self.load_balancers.values()):
        raise models.DuplicateLoadBalancerName()
    address = _free_address()
    kwargs["scheme"] = kwargs.get("scheme") or "internet-facing"
    balancer = original(self, name, *args, **kwargs)
    balancer.dns_name = address
    balancer.state = "active"
    balancer.attrs.update(ATTRIBUTES.get(balancer.type, {}))
    return balancer


# Kept free: the sandbox tries there whether it may open ports below 1024.
RESERVED = f"{ADDRESS_PREFIX}.255.254"
ADDRESSES = 250 * 256


def _free_address() -> str:
    """
    A loopback address that no other load balancer has, in any region: `DNSName` must lead there by itself. Each
    sandbox begins elsewhere, so that two on one machine do not want the same one.
    """
    taken = {b.dns_name for backend in backends(elbv2_backends) for b in backend.load_balancers.values()}
    start = int(os.environ.get("RETROFIT_ADDRESS_SEED", "0")[:8], 16)
    for offset in range(ADDRESSES):
        number = (start + offset) % ADDRESSES
        address = f"{ADDRESS_PREFIX}.{number // 256}.{number % 256}"
        if number % 256 not in (0, 255) and address not in taken and address != RESERVED:
            return address
    raise ELBClientError("TooManyLoadBalancers", "The sandbox has no free address for another load balancer")


@replace(Backend, "delete_load_balancer")
def _delete_load_balancer(self: Any, arn: str) -> None:
    balancer = self.load_balancers.get(arn)
    if balancer is None:
        return
    if balancer.attrs.get("deletion_protection.enabled") == "true":
        raise ELBClientError(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
    self.load_balancers.pop(arn)


# Listeners and rules ------------------------------------------------------------------------------------------------
@wrap(models.FakeListener, "__init__")
def _listener_init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    # moto names the default rule by its place in memory.
    (default,) = self._default_rule.values()
    default.arn = self.arn.replace(":listener/", ":listener-rule/") + "/" + models.mock_random.get_random_hex(16)
    if self.protocol in ("HTTP", "HTTPS"):
        self.attributes = dict(LISTENER_ATTRIBUTES)
    if self.protocol not in ("HTTPS", "TLS"):
        self.ssl_policy = None


@wrap(Backend, "create_listener")
def _create_listener(
    original: Any, self: Any, load_balancer_arn: str, protocol: str, port: Any, *args: Any, **kwargs: Any
) -> Any:
    balancer = self.load_balancers.get(load_balancer_arn)
    if balancer and any(int(listener.port) == int(port) for listener in balancer.listeners.values()):
        raise models.DuplicateListenerError()
    _check_forwards(self, kwargs.get("actions") or [])
    return original(self, load_balancer_arn, protocol, port, *args, **kwargs)


@wrap(Backend, "modify_listener")
def _modify_listener(original: Any, self: Any, arn: str, *args: Any, **kwargs: Any) -> Any:
    if len(args) >= 5:
        _check_forwards(self, args[4] or [])
    listener = original(self, arn, *args, **kwargs)
    for rule in listener._default_rule.values():
        rule.actions = listener.default_actions
    return listener


def _check_forwards(backend: Any, actions: list[dict[str, Any]]) -> None:
    for action in actions:
        weights = [g.get("Weight", 1) for g in (action.get("ForwardConfig") or {}).get("TargetGroups") or []]
        if len(weights) > 5:
            raise ELBClientError("TooManyTargetGroups", "An action can forward to at most 5 target groups")
        if any(not 0 <= int(weight) <= 999 for weight in weights):
            raise ELBClientError("ValidationError", "Weights must be between 0 and 999")


@replace(Backend, "set_rule_priorities")
def _set_priorities(self: Any, rule_priorities: list[dict[str, Any]]) -> list[Any]:
    """All at once: rules may exchange their priorities in one call."""
    wanted = {item["RuleArn"]: int(item["Priority"]) for item in rule_priorities}
    if len(set(wanted.values())) < len(wanted):
        raise models.DuplicatePriorityError(next(iter(wanted.values())))
    rules = self.describe_rules(None, list(wanted))
    for listener in self.describe_listeners(None, list({rule.listener_arn for rule in rules})):
        for rule in listener.rules.values():
            if not rule.is_default and rule.arn not in wanted and int(rule.priority) in wanted.values():
                raise models.PriorityInUseError()
    for rule in rules:
        rule.priority = wanted[rule.arn]
    return rules


# Target groups ------------------------------------------------------------------------------------------------------
@wrap(Backend, "delete_target_group")
def _delete_target_group(original: Any, self: Any, target_group_arn: str) -> Any:
    # One that is gone already is no error: a caller that lost the answer asks again.
    return original(self, target_group_arn) if target_group_arn in self.target_groups else None


def _users(self: Any) -> list[str]:
    listeners = [
        listener
        for backend in backends(elbv2_backends)
        for balancer in backend.load_balancers.values()
        for listener in balancer.listeners.values()
    ]
    return balancers_of(self.arn, listeners)


# moto appends and never removes: derived from the listeners instead.
models.FakeTargetGroup.load_balancer_arns = property(_users, lambda self, value: None)


@replace(Backend, "_get_target_group_arns_from")
def _forwarded(_self: Any, action_data: dict[str, Any]) -> list[str]:
    weighted = [g["TargetGroupArn"] for g in (action_data.get("ForwardConfig") or {}).get("TargetGroups") or []]
    return weighted or [arn for arn in [action_data.get("TargetGroupArn")] if arn]


@wrap(Backend, "create_target_group")
def _create_target_group(original: Any, self: Any, name: str, **kwargs: Any) -> Any:
    if any(group.name == name for group in self.target_groups.values()):
        raise models.DuplicateTargetGroupName()
    return original(self, name, **kwargs)


def _key(group: Any, target: dict[str, Any]) -> str:
    """One machine may serve on several ports. On the group's own it is known by its id, as moto knows all of them."""
    port = int(target.get("Port") or group.port)
    return target["Id"] if port == int(group.port) else f"{target['Id']}:{port}"


@replace(models.FakeTargetGroup, "register")
def _register(self: Any, targets: list[dict[str, Any]]) -> None:
    for target in targets:
        instance = self.ec2_backend.get_instance_by_id(target["Id"])
        if instance and instance.state != "running":
            raise models.TargetNotRunning(instance_id=target["Id"])
        key = _key(self, target)
        self.targets[key] = {"Id": target["Id"], "Port": target.get("Port") or self.port}
        self.deregistered_targets.pop(key, None)


@replace(models.FakeTargetGroup, "deregister")
def _deregister(self: Any, targets: list[dict[str, Any]]) -> None:
    """Targets that are not registered are passed over, as AWS does. Without a port all of a machine's are meant."""
    for target in targets:
        all_of_it = [key for key, t in self.targets.items() if t["Id"] == target["Id"]]
        for key in [_key(self, target)] if target.get("Port") else all_of_it:
            known = self.targets.pop(key, None)
            if known:
                self.deregistered_targets[key] = known


@replace(models.FakeTargetGroup, "deregister_terminated_instances")
def _deregister_terminated(self: Any, instance_ids: list[str]) -> None:
    for key in [k for k, t in self.targets.items() if t["Id"] in instance_ids]:
        self.terminated_targets[key] = self.targets.pop(key)


@replace(Backend, "describe_target_health")
def _describe_target_health(self: Any, target_group_arn: str, targets: list[dict[str, Any]]) -> list[Any]:
    group = self.target_groups.get(target_group_arn)
    if group is None:
        raise TargetGroupNotFoundError()
    reported = target_health.of(group.arn)
    registered = {f"{t['Id']}:{t['Port']}": t for t in group.targets.values()}
    found = {key: _health(group, target, reported.get(key)) for key, target in registered.items()}
    for key, health in reported.items():
        if key not in registered and health["state"] == "draining":
            target_id, _, port = key.rpartition(":")
            found[key] = _health(group, {"Id": target_id, "Port": int(port)}, health)
    if not targets:
        return list(found.values())
    return [_asked(group, target, found) for target in targets]


def _health(group: Any, target: dict[str, Any], reported: dict[str, Any] | None) -> Any:
    if reported and reported["state"] == "draining":
        state = ("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
    elif not group.load_balancer_arns:
        state = ("unused", "Target.NotInUse", "Target group is not configured to receive traffic")
    elif reported:
        state = (reported["state"], reported.get("reason"), reported.get("description"))
    else:
        state = ("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
    return models.FakeHealthStatus(target["Id"], target["Port"], str(_health_port(group, target)), *state)


def _health_port(group: Any, target: dict[str, Any]) -> Any:
    return target["Port"] if group.health_check_port in (None, "traffic-port") else group.health_check_port


def _asked(group: Any, target: dict[str, Any], found: dict[str, Any]) -> Any:
    port = target.get("Port")
    for health in found.values():
        if health.instance_id == target["Id"] and (port is None or int(port) == int(health.port)):
            return health
    return models.FakeHealthStatus(
        target["Id"],
        port or group.port,
        None,
        "unused",
        "Target.NotRegistered",
        "Target is not registered to the target group",
    )
