"""Acts on what was configured: alarms that fire policies, target tracking, schedules, sick targets.

A thread looks every few seconds. What follows from a look is sent as a request of the internal API, so that it is
journaled like any change; the look itself changes nothing that a restart has to bring back.
"""

from __future__ import annotations

import json
import logging
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from moto.autoscaling import autoscaling_backends
from moto.cloudwatch import cloudwatch_backends

from . import alarms, determinism, pace, recurrence, scaling_rules, target_health
from .http import Request
from .metric_store import STORE
from .patches.autoscaling_groups import is_suspended
from .scaling_rules import Capacity

if TYPE_CHECKING:
    from .emulator import Emulator

log = logging.getLogger("retrofit")

# A schedule whose time came while the emulator was being restarted is still acted on.
LATEST_SCHEDULE_SECONDS = 600
_TRACKED = {
    "ASGAverageCPUUtilization": ("AWS/EC2", "CPUUtilization", "Average"),
    "ASGAverageNetworkIn": ("AWS/EC2", "NetworkIn", "Average"),
    "ASGAverageNetworkOut": ("AWS/EC2", "NetworkOut", "Average"),
    "ALBRequestCountPerTarget": ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum"),
}


@dataclass(frozen=True)
class Change:
    path: str
    body: dict[str, Any]


class Autoscaler:
    def __init__(self, emulator: Emulator):
        self._emulator = emulator
        # When each alarm last called its actions: it calls them again every minute while it lasts.
        self._called: dict[str, float] = {}
        self._ended = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="autoscaler", daemon=True).start()

    def _run(self) -> None:
        every = min(5.0, max(0.5, pace.MINUTE_SECONDS / 6))
        while not self._ended.wait(every):
            try:
                self.look()
            except Exception:  # noqa: BLE001 - one group that cannot be understood must not stop the others for good
                log.error("autoscaler\n%s", traceback.format_exc())

    def look(self) -> None:
        with self._emulator.lock:
            for change in self._changes():
                log.info("autoscaler: %s %s", change.path, change.body.get("cause") or change.body.get("reason"))
                path = "/_retrofit/" + change.path
                self._emulator.mutate(Request("POST", path, "", {}, json.dumps(change.body).encode()))

    def _changes(self) -> Iterator[Change]:
        for account, region, backend in list(autoscaling_backends.iter_backends()):
            groups = list(backend.autoscaling_groups.values())
            if not groups:
                continue
            for group in groups:
                _put_group_metrics(group)
            cloudwatch = cloudwatch_backends[account][region]
            alarms.refresh(cloudwatch)
            yield from (change for group in groups for change in _unhealthy(group))
            yield from _due_schedules(backend)
            yield from self._fired(backend, cloudwatch)
            yield from (change for group in groups for change in _tracked(backend, group))

    def _fired(self, backend: Any, cloudwatch: Any) -> Iterator[Change]:
        now = determinism.now()
        policies = {policy.arn: policy for policy in backend.policies.values()}
        for alarm in list(cloudwatch.alarms.values()):
            if alarm.state_value != alarms.ALARM or not alarm.actions_enabled:
                self._called.pop(alarm.alarm_arn, None)
                continue
            called = [policies[action] for action in alarm.alarm_actions or [] if action in policies]
            if not called or now - self._called.get(alarm.alarm_arn, 0) < pace.seconds(60):
                continue
            self._called[alarm.alarm_arn] = now
            for policy in called:
                change = _on_alarm(backend, policy, alarm)
                if change:
                    yield change


def _on_alarm(backend: Any, policy: Any, alarm: Any) -> Change | None:
    group = backend.autoscaling_groups.get(policy.auto_scaling_group_name)
    if group is None or not policy.enabled or is_suspended(group, "AlarmNotification"):
        return None
    least = int(policy.min_adjustment_magnitude) if policy.min_adjustment_magnitude else None
    warmup = policy.estimated_instance_warmup or group.__dict__.get("default_instance_warmup")
    capacity = _capacity(group, warmup)
    if policy.policy_type == "StepScaling":
        breach = float(alarm.latest_value or 0) - float(alarm.threshold or 0)
        wanted = scaling_rules.step(capacity, policy.adjustment_type, policy.step_adjustments or [], least, breach)
    elif policy.policy_type == "SimpleScaling":
        if determinism.now() < _cools_until(group):
            return None
        by = int(policy.scaling_adjustment or 0)
        wanted = scaling_rules.simple(capacity, policy.adjustment_type, by, least)
    else:
        return None
    if wanted == capacity.desired:
        return None
    cause = (
        f"a monitor alarm {alarm.name} in state ALARM triggered policy {policy.name} "
        f"changing the desired capacity from {capacity.desired} to {wanted}"
    )
    change = _desired(group, wanted, cause)
    if policy.policy_type == "SimpleScaling":
        default = group.default_cooldown
        change.body["cooldown"] = int(policy.cooldown if policy.cooldown is not None else default)
    return change


def _tracked(backend: Any, group: Any) -> Iterator[Change]:
    """Target tracking: each policy says what it wants, then they are heard together."""
    if is_suspended(group, "AlarmNotification"):
        return
    wanted: list[int] = []
    capacity = _capacity(group, group.__dict__.get("default_instance_warmup"))
    named = []
    for policy in backend.policies.values():
        configuration = policy.target_tracking_configuration
        if policy.auto_scaling_group_name != group.name or configuration is None or not policy.enabled:
            continue
        own = _capacity(group, policy.estimated_instance_warmup or group.__dict__.get("default_instance_warmup"))
        settings = configuration.__dict__
        values = _tracked_values(group, settings)
        may_shrink = str(settings.get("DisableScaleIn", False)).lower() != "true"
        wanted.append(scaling_rules.tracking(own, float(settings["TargetValue"]), values, may_shrink))
        named.append(policy.name)
    size = scaling_rules.together(capacity.desired, wanted)
    if size != capacity.desired:
        cause = (
            f"target tracking by {', '.join(named)} changing the desired capacity from {capacity.desired} to {size}"
        )
        yield _desired(group, size, cause)


def _tracked_values(group: Any, settings: dict[str, Any]) -> list[float | None]:
    predefined = settings.get("PredefinedMetricSpecification")
    if predefined:
        kind = predefined["PredefinedMetricType"]
        namespace, name, statistic = _TRACKED[kind]
        label = predefined.get("ResourceLabel", "")
        dimensions = (
            {"TargetGroup": label[label.index("targetgroup/"):]}
            if kind == "ALBRequestCountPerTarget"
            else {"AutoScalingGroupName": group.name}
        )
    else:
        custom = settings["CustomizedMetricSpecification"]
        namespace, name, statistic = custom.get("Namespace"), custom.get("MetricName"), custom.get("Statistic")
        dimensions = {d["Name"]: d["Value"] for d in custom.get("Dimensions") or []}
    end = int(determinism.now()) + 1 - pace.LAG_SECONDS
    return alarms.latest(namespace, name, dimensions, statistic, 60, scaling_rules.IN_PERIODS, end)


def _unhealthy(group: Any) -> Iterator[Change]:
    """Machines that the load balancer calls unhealthy, once their grace is over."""
    if "ELB" not in str(group.health_check_type) or _any_suspended(group, "HealthCheck", "ReplaceUnhealthy"):
        return
    grace = pace.seconds(int(group.health_check_grace_period or 0))
    for state in list(group.active_instances()):
        if _age(state.instance) >= grace and _is_sick(group, state.instance.id):
            reason = "the load balancer reports the target as unhealthy"
            yield Change(f"instances/{state.instance.id}/fail", {"reason": reason, "check": "ELB system"})


def _is_sick(group: Any, instance_id: str) -> bool:
    elbv2 = group.autoscaling_backend.elbv2_backend
    for arn in group.target_group_arns:
        target_group = elbv2.target_groups.get(arn)
        target = target_group.targets.get(instance_id) if target_group else None
        if target is None:
            continue
        reported = target_health.of(arn).get(f"{instance_id}:{target['Port']}")
        if reported and reported["state"] == "unhealthy":
            return True
    return False


def _due_schedules(backend: Any) -> Iterator[Change]:
    now = determinism.now()
    for (group_name, name), action in list(backend.scheduled_actions.items()):
        group = backend.autoscaling_groups.get(group_name)
        if group is None or is_suspended(group, "ScheduledActions"):
            continue
        known = getattr(action, "known_since", now)
        due = _due(action, max(known, now - LATEST_SCHEDULE_SECONDS), now)
        if due is not None:
            yield Change(f"auto-scaling-groups/{quote(group_name)}/scheduled", {"action": name, "due": due})


def _due(action: Any, after: float, now: float) -> float | None:
    begins, ends = _instant(action.start_time), _instant(action.end_time)
    if not action.recurrence:
        return begins if begins is not None and after < begins <= now else None
    after = max(after, (begins or 0) - 1)
    return recurrence.latest(action.recurrence, action.time_zone, after, min(now, ends or now))


def _instant(text: Any) -> float | None:
    if not text:
        return None
    from dateutil import parser

    moment = parser.parse(str(text))
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def _desired(group: Any, size: int, cause: str) -> Change:
    return Change(f"auto-scaling-groups/{quote(group.name)}/desired", {"desired": size, "cause": cause})


def _capacity(group: Any, warmup: Any) -> Capacity:
    warm = pace.seconds(float(warmup or 0))
    warming = sum(1 for state in group.active_instances() if _age(state.instance) < warm)
    return Capacity(int(group.desired_capacity or 0), int(group.min_size), int(group.max_size), warming)


def _cools_until(group: Any) -> float:
    """The cooldown of the last simple policy that acted, counted from its journaled change."""
    begun, nominal = group.__dict__.get("cooldown_of_policy", (0.0, 0))
    return begun + pace.seconds(nominal)


def _age(instance: Any) -> float:
    return determinism.now() - instance.launch_time.replace(tzinfo=timezone.utc).timestamp()


def _any_suspended(group: Any, *processes: str) -> bool:
    return any(is_suspended(group, process) for process in processes)


def _put_group_metrics(group: Any) -> None:
    """Sizes as CloudWatch has them, for groups that collect them."""
    in_service = len(group.active_instances())
    sizes = {
        "GroupDesiredCapacity": group.desired_capacity,
        "GroupInServiceInstances": in_service,
        "GroupTotalInstances": in_service,
        "GroupMinSize": group.min_size,
        "GroupMaxSize": group.max_size,
    }
    now = determinism.now()
    for name, value in sizes.items():
        if name in group.metrics:
            where = ("AWS/AutoScaling", name, {"AutoScalingGroupName": group.name})
            STORE.put(*where, now, [float(value or 0)], None, "None")
