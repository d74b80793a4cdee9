"""Auto Scaling: hooks, policies, schedules and notifications, kept per group."""

from __future__ import annotations

from typing import Any

from moto.autoscaling import models
from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult

from .. import determinism
from ._patch import operation, replace, wrap

Backend = models.AutoScalingBackend


# Lifecycle hooks are kept, but nothing waits on them ----------------------------------------------------------------
@operation(AutoScalingResponse)
def put_lifecycle_hook(self: Any) -> ActionResult:
    put_hook(self.autoscaling_backend, self._get_param("AutoScalingGroupName"), self._get_params())
    return EmptyResult()


def put_hook(backend: Any, group: str, spec: dict[str, Any]) -> None:
    name = spec["LifecycleHookName"]
    former = backend.lifecycle_hooks.get(f"{group}_{name}")
    hook = backend.create_lifecycle_hook(
        name,
        group,
        spec.get("LifecycleTransition") or getattr(former, "lifecycle_transition", None),
        spec.get("HeartbeatTimeout") or getattr(former, "heartbeat_timeout", None),
        spec.get("DefaultResult") or getattr(former, "default_result", None),
    )
    for attribute, parameter in (
        ("role_arn", "RoleARN"),
        ("notification_target_arn", "NotificationTargetARN"),
        ("notification_metadata", "NotificationMetadata"),
    ):
        setattr(hook, attribute, spec.get(parameter) or getattr(former, attribute, None))


@operation(AutoScalingResponse)
def complete_lifecycle_action(self: Any) -> ActionResult:
    return EmptyResult()


@operation(AutoScalingResponse)
def record_lifecycle_action_heartbeat(self: Any) -> ActionResult:
    return EmptyResult()


# Policies and schedules: AWS names them within their group, moto within the region ----------------------------------
@wrap(models.FakeScalingPolicy, "__init__")
def _policy_init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.enabled = True
    self.id = str(models.random.uuid4())
    self.predictive_scaling_configuration = self.predictive_scaling_configuration or None
    if self.policy_type == "TargetTrackingScaling":
        self.alarms = []


@replace(models.FakeScalingPolicy, "arn")
@property  # type: ignore[misc]
def _policy_arn(self: Any) -> str:
    backend = self.autoscaling_backend
    return (
        f"arn:aws:autoscaling:{backend.region_name}:{backend.account_id}:scalingPolicy:{self.id}"
        f":autoScalingGroupName/{self.auto_scaling_group_name}:policyName/{self.name}"
    )


models.FakeScalingPolicy.policy_arn = _policy_arn  # type: ignore[assignment]


@wrap(Backend, "put_scaling_policy")
def _put_policy(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    others = dict(self.policies)
    self.policies.clear()
    policy = original(self, *args, **kwargs)
    self.policies.clear()
    self.policies.update(others)
    former = self.policies.get((policy.auto_scaling_group_name, policy.name))
    if former is not None:
        policy.id = former.id
    self.policies[(policy.auto_scaling_group_name, policy.name)] = policy
    return policy


@wrap(AutoScalingResponse, "put_scaling_policy")
def _put_policy_request(original: Any, self: Any) -> Any:
    original(self)
    enabled = self._get_bool_param("Enabled")
    group, name = self._get_param("AutoScalingGroupName"), self._get_param("PolicyName")
    policy = self.autoscaling_backend.policies[(group, name)]
    policy.enabled = enabled is not False
    # moto spells the name of the ARN so that no client finds it.
    return ActionResult({"PolicyARN": policy.arn, "Alarms": []})


def _find_policy(backend: Any, group: str | None, name: str) -> Any:
    for key, policy in backend.policies.items():
        if policy.arn == name or (policy.name == name and (not group or policy.auto_scaling_group_name == group)):
            return key
    raise ValidationError(f"PolicyName not found - No policy found for policy name: {name}")


@operation(AutoScalingResponse)
def delete_policy(self: Any) -> ActionResult:
    backend = self.autoscaling_backend
    backend.policies.pop(_find_policy(backend, self._get_param("AutoScalingGroupName"), self._get_param("PolicyName")))
    return EmptyResult()


@operation(AutoScalingResponse)
def execute_policy(self: Any) -> ActionResult:
    backend = self.autoscaling_backend
    key = _find_policy(backend, self._get_param("AutoScalingGroupName"), self._get_param("PolicyName"))
    backend.policies[key].execute()
    return EmptyResult()


@wrap(Backend, "put_scheduled_update_group_action")
def _put_schedule(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    others = dict(self.scheduled_actions)
    action = original(self, *args, **kwargs)
    self.scheduled_actions.clear()
    self.scheduled_actions.update(others)
    action.known_since = determinism.now()
    self.scheduled_actions[(action.auto_scaling_group_name, action.scheduled_action_name)] = action
    return action


@replace(Backend, "delete_scheduled_action")
def _delete_schedule(self: Any, auto_scaling_group_name: str, scheduled_action_name: str) -> None:
    if self.scheduled_actions.pop((auto_scaling_group_name, scheduled_action_name), None) is None:
        raise ValidationError("Scheduled action name not found")


# Notifications ------------------------------------------------------------------------------------------------------
def notifications(backend: Any) -> dict[str, dict[str, list[str]]]:
    """`{group: {topic: [types]}}`"""
    return backend.__dict__.setdefault("notifications", {})


@operation(AutoScalingResponse)
def put_notification_configuration(self: Any) -> ActionResult:
    topics = notifications(self.autoscaling_backend).setdefault(self._get_param("AutoScalingGroupName"), {})
    topics[self._get_param("TopicARN")] = self._get_param("NotificationTypes", [])
    return EmptyResult()


@operation(AutoScalingResponse)
def describe_notification_configurations(self: Any) -> ActionResult:
    wanted = self._get_param("AutoScalingGroupNames", [])
    return ActionResult(
        {
            "NotificationConfigurations": [
                {"AutoScalingGroupName": group, "TopicARN": topic, "NotificationType": kind}
                for group, topics in notifications(self.autoscaling_backend).items()
                for topic, kinds in topics.items()
                for kind in kinds
                if not wanted or group in wanted
            ]
        }
    )


@operation(AutoScalingResponse)
def delete_notification_configuration(self: Any) -> ActionResult:
    topics = notifications(self.autoscaling_backend).get(self._get_param("AutoScalingGroupName"), {})
    topics.pop(self._get_param("TopicARN"), None)
    return EmptyResult()
