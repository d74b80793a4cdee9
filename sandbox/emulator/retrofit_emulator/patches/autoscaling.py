"""Auto Scaling: groups whose instances come and go as AWS has it."""

from __future__ import annotations

from typing import Any

from moto.autoscaling import models
from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from . import autoscaling_groups as groups
from ._patch import operation, replace, wrap
from .autoscaling_policies import notifications, put_hook

Group = models.FakeAutoScalingGroup
Backend = models.AutoScalingBackend

USER_REQUEST = "a user request changed the group's capacity"
# What CreateAutoScalingGroup and UpdateAutoScalingGroup take and moto leaves out, by the name that the answer reads.
GROUP_SETTINGS = {
    "DefaultInstanceWarmup": "default_instance_warmup",
    "DefaultCooldown": "default_cooldown",
    "TerminationPolicies": "termination_policies",
    "PlacementGroup": "placement_group",
    "CapacityRebalance": "capacity_rebalance",
    "MaxInstanceLifetime": "max_instance_lifetime",
    "InstanceMaintenancePolicy": "instance_maintenance_policy",
    "DesiredCapacityType": "desired_capacity_type",
    "Context": "context",
    "AvailabilityZoneDistribution": "availability_zone_distribution",
    "AvailabilityZoneImpairmentPolicy": "availability_zone_impairment_policy",
    "CapacityReservationSpecification": "capacity_reservation_specification",
    "ServiceLinkedRoleARN": "service_linked_role_arn",
}
GROUP_DEFAULTS = {
    "availability_zone_distribution": {"CapacityDistributionStrategy": "balanced-best-effort"},
    "capacity_reservation_specification": {"CapacityReservationPreference": "default"},
}


# Groups -------------------------------------------------------------------------------------------------------------
@wrap(Group, "__init__")
def _init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    for name, value in GROUP_DEFAULTS.items():
        setattr(self, name, value)
    original(self, *args, **kwargs)


@replace(Group, "set_desired_capacity")
def _set_desired(self: Any, new_capacity: int | None) -> None:
    self.desired_capacity = self.min_size if new_capacity is None else new_capacity
    groups.reconcile(self, USER_REQUEST)


@replace(Backend, "update_attached_target_groups")
def _update_attached(self: Any, group_name: str) -> None:
    groups.sync_targets(self.autoscaling_groups[group_name])


@replace(Backend, "set_desired_capacity")
def _backend_set_desired(self: Any, group_name: str, desired_capacity: int | None) -> None:
    group = _group(self, group_name)
    desired = int(desired_capacity or 0)
    above, below = desired > group.max_size, desired < group.min_size
    if above or below:
        bound = f"above max value {group.max_size}" if above else f"below min value {group.min_size}"
        raise ValidationError(f"New SetDesiredCapacity value {desired} is {bound} for the AutoScalingGroup.")
    group.set_desired_capacity(desired)


@replace(Backend, "delete_auto_scaling_group")
def _delete(self: Any, group_name: str) -> None:
    group = _group(self, group_name)
    groups.end(group, list(group.instance_states), "the group was deleted")
    self.autoscaling_groups.pop(group_name)
    for kept in (self.policies, self.scheduled_actions):
        for key in [k for k, v in kept.items() if v.auto_scaling_group_name == group_name]:
            del kept[key]
    for key in [k for k, hook in self.lifecycle_hooks.items() if hook.auto_scaling_group_name == group_name]:
        del self.lifecycle_hooks[key]
    notifications(self).pop(group_name, None)


@wrap(AutoScalingResponse, "delete_auto_scaling_group")
def _delete_request(original: Any, self: Any) -> Any:
    group = _group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    if group.instance_states and not self._get_bool_param("ForceDelete", False):
        raise models.AutoscalingClientError(
            "ResourceInUse", "You cannot delete an AutoScalingGroup while there are instances still in the group."
        )
    return original(self)


@wrap(AutoScalingResponse, "create_auto_scaling_group")
def _create_request(original: Any, self: Any) -> Any:
    name = self._get_param("AutoScalingGroupName")
    if name in self.autoscaling_backend.autoscaling_groups:
        raise models.AutoscalingClientError(
            "AlreadyExists", f"AutoScalingGroup by this name already exists - {name} is taken"
        )
    answer = original(self)
    group = self.autoscaling_backend.autoscaling_groups[name]
    _take_settings(self, group)
    for hook in self._get_param("LifecycleHookSpecificationList", []):
        put_hook(self.autoscaling_backend, group.name, hook)
    return answer


@wrap(AutoScalingResponse, "update_auto_scaling_group")
def _update_request(original: Any, self: Any) -> Any:
    group = _group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    mixed = group.mixed_instances_policy
    minimum = self._get_int_param("MinSize", group.min_size)
    maximum = self._get_int_param("MaxSize", group.max_size)
    if minimum > maximum:
        raise ValidationError(f"Max bound, {maximum}, must be greater than or equal to min bound, {minimum}")
    answer = original(self)
    if self._get_param("MixedInstancesPolicy") is None and not self._get_param("LaunchTemplate"):
        group.mixed_instances_policy = mixed
    _take_settings(self, group)
    bounded = max(int(group.min_size), min(int(group.max_size), int(group.desired_capacity)))
    if bounded != group.desired_capacity:
        group.set_desired_capacity(bounded)
    return answer


def _take_settings(request: Any, group: Any) -> None:
    for parameter, attribute in GROUP_SETTINGS.items():
        value = request._get_param(parameter)
        if value is not None:
            setattr(group, attribute, value)


def _group(backend: Any, name: str) -> Any:
    group = backend.autoscaling_groups.get(name)
    if group is None:
        raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    return group


# Instances ----------------------------------------------------------------------------------------------------------
@replace(Backend, "notify_terminate_instances")
def _notify_terminated(self: Any, instance_ids: list[str]) -> None:
    """Instances that were terminated past the group are replaced."""
    for group in self.autoscaling_groups.values():
        kept = [s for s in group.instance_states if s.instance.id not in instance_ids]
        if len(kept) < len(group.instance_states):
            group.instance_states = kept
            groups.reconcile(group, "an instance was terminated by a user")


@replace(Backend, "terminate_instance")
def _terminate(self: Any, instance_id: str, should_decrement: bool) -> Any:
    group, state = groups._membership(instance_id)
    if group is None or state is None:
        raise ValidationError(f"Instance Id not found - No managed instance found for instance ID: {instance_id}")
    former = group.desired_capacity
    if should_decrement:
        group.desired_capacity = former - 1
    groups.end(group, [state], USER_REQUEST)
    groups.reconcile(group, USER_REQUEST)
    return models.TerminateInstanceActivity(state.instance, former)


@wrap(Backend, "set_instance_health")
def _set_health(original: Any, self: Any, instance_id: str, health_status: str) -> None:
    original(self, instance_id, health_status)
    group, state = groups._membership(instance_id)
    if health_status == "Unhealthy" and group and state and not groups.is_suspended(group, "ReplaceUnhealthy"):
        cause = "an instance was taken out of service in response to a user health-check"
        groups.end(group, [state], cause)
        groups.reconcile(group, cause)


@replace(Backend, "detach_load_balancer_target_groups")
def _detach_target_groups(self: Any, group_name: str, target_group_arns: list[str]) -> None:
    group = _group(self, group_name)
    group.target_group_arns = [arn for arn in group.target_group_arns if arn not in target_group_arns]
    groups.release_targets(group, target_group_arns)


@wrap(Backend, "enter_standby_instances")
def _enter_standby(original: Any, self: Any, group_name: str, instance_ids: list[str], should_decrement: bool) -> Any:
    group = _group(self, group_name)
    active = {state.instance.id for state in group.active_instances()}
    others = [i for i in instance_ids if i not in active]
    if others:
        raise ValidationError(f"The instance {others[0]} is not in InService.")
    if should_decrement and int(group.desired_capacity) - len(instance_ids) < int(group.min_size):
        raise ValidationError(
            f"AutoScalingGroup {group_name} has min-size={group.min_size}, max-size={group.max_size}, and "
            f"desired-size={group.desired_capacity}. To place into standby {len(instance_ids)} instance, please "
            "update the AutoScalingGroup sizes appropriately."
        )
    return original(self, group_name, instance_ids, should_decrement)


@wrap(Backend, "exit_standby_instances")
def _exit_standby(original: Any, self: Any, group_name: str, instance_ids: list[str]) -> Any:
    group = _group(self, group_name)
    standby = {s.instance.id for s in group.instance_states if s.lifecycle_state == "Standby"}
    others = [i for i in instance_ids if i not in standby]
    if others:
        raise ValidationError(f"The instance {others[0]} is not in Standby.")
    if int(group.desired_capacity) + len(instance_ids) > int(group.max_size):
        raise ValidationError(
            f"AutoScalingGroup {group_name} has max-size={group.max_size}: an instance cannot leave standby."
        )
    return original(self, group_name, instance_ids)


@replace(models.InstanceState, "launch_template")
@property  # type: ignore[misc]
def _instance_template(self: Any) -> dict[str, Any] | None:
    template = self.auto_scaling_group.ec2_launch_template
    if template is None:
        return None
    version = getattr(self, "version_number", None) or str(template.default_version_number)
    return {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "Version": version}


@operation(AutoScalingResponse)
def describe_scaling_activities(self: Any) -> ActionResult:
    name = self._get_param("AutoScalingGroupName")
    wanted = self._get_param("ActivityIds", [])
    activities = [
        activity
        for activity in self.autoscaling_backend.__dict__.get("activities", [])
        if (not name or activity.auto_scaling_group_name == name) and (not wanted or activity.activity_id in wanted)
    ]
    return ActionResult({"Activities": activities})
