"""Capacity of Auto Scaling groups: launches over the zones, orderly ends, registration with target groups.

Written as functions on moto's group object; `autoscaling.py` hangs them into moto.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from moto.autoscaling import autoscaling_backends
from moto.autoscaling.models import ASG_NAME_TAG, Activity, FakeAutoScalingGroup, InstanceState
from moto.ec2 import ec2_backends

from .. import determinism

KEPT_ACTIVITIES = 100
DEFAULT_VOLUME_GB = 8


def is_suspended(group: FakeAutoScalingGroup, process: str) -> bool:
    return any(suspended["ProcessName"] == process for suspended in group.suspended_processes)


def reconcile(group: FakeAutoScalingGroup, cause: str) -> None:
    """Launches or ends instances until as many are in service as desired."""
    missing = int(group.desired_capacity or 0) - len(group.active_instances())
    if missing > 0 and not is_suspended(group, "Launch"):
        for _ in range(missing):
            _launch(group, cause)
    elif missing < 0 and not is_suspended(group, "Terminate"):
        end(group, _to_end(group, -missing), cause)
    sync_targets(group)


def end(group: FakeAutoScalingGroup, states: list[InstanceState], cause: str) -> None:
    """Out of the group and its target groups first, then terminated."""
    if not states:
        return
    ended = {state.instance.id for state in states}
    group.instance_states = [s for s in group.instance_states if s.instance.id not in ended]
    sync_targets(group)
    for state in states:
        group.ec2_backend.terminate_instances([state.instance.id])
        record(group, f"Terminating EC2 instance: {state.instance.id}", cause)


def sync_targets(group: FakeAutoScalingGroup) -> None:
    """In each target group: the instances in service, and none that have left the group."""
    elbv2 = group.autoscaling_backend.elbv2_backend
    in_service = [state.instance.id for state in group.active_instances()]
    for arn in group.target_group_arns:
        target_group = elbv2.target_groups.get(arn)
        if target_group is None:
            continue
        gone = [t for t in target_group.targets if t not in in_service and _belonged_to(group, t)]
        if gone:
            target_group.deregister([{"Id": target} for target in gone])
        new = [i for i in in_service if i not in target_group.targets]
        if new and not is_suspended(group, "AddToLoadBalancer"):
            target_group.register([{"Id": i, "Port": target_group.port} for i in new])


def release_targets(group: FakeAutoScalingGroup, target_group_arns: list[str]) -> None:
    """The group's instances leave target groups that are detached from it."""
    elbv2 = group.autoscaling_backend.elbv2_backend
    for arn in target_group_arns:
        target_group = elbv2.target_groups.get(arn)
        if target_group is not None:
            members = [t for t in list(target_group.targets) if _belonged_to(group, t)]
            target_group.deregister([{"Id": target} for target in members])


def fail_instance(instance_id: str, reason: str, check: str = "EC2") -> None:
    """The machine is gone: terminated, and replaced when a group wants it. LookupError when there is none.

    `check`: whose health check found it, for the group's activities.
    """
    for _account, _region, ec2 in ec2_backends.iter_backends():
        instance = ec2.get_instance_by_id(instance_id)
        if instance is None or instance.state == "terminated":
            continue
        group, state = _membership(instance_id)
        cause = f"an instance was taken out of service in response to an {check} health check: {reason}"
        if group is not None and state is not None:
            end(group, [state], cause)
            reconcile(group, cause)
        else:
            ec2.terminate_instances([instance_id])
        return
    raise LookupError(f"no instance {instance_id} that could fail")


def scale(region: str, group_name: str, desired: int, cause: str, cooldown: int | None = None) -> None:
    """Sets the capacity on behalf of a scaling policy, within the group's bounds.

    `cooldown`: seconds in which no other simple policy acts on the group.
    """
    group = _named(region, group_name)
    group.desired_capacity = max(int(group.min_size or 0), min(int(group.max_size or 0), desired))
    if cooldown is not None:
        group.cooldown_of_policy = (determinism.now(), cooldown)
    reconcile(group, cause)


def apply_schedule(region: str, group_name: str, action_name: str, due: float) -> None:
    """Bounds first; the capacity is what the action says, or what it was, within them."""
    group = _named(region, group_name)
    actions = group.autoscaling_backend.scheduled_actions
    action = actions.get((group_name, action_name))
    if action is None:
        raise LookupError(f"no scheduled action {action_name} of {group_name}")
    action.known_since = due
    if not action.recurrence:
        del actions[(group_name, action_name)]
    if action.min_size is not None:
        group.min_size = action.min_size
    if action.max_size is not None:
        group.max_size = action.max_size
    wanted = group.desired_capacity if action.desired_capacity is None else action.desired_capacity
    group.desired_capacity = max(int(group.min_size), min(int(group.max_size), int(wanted or 0)))
    reconcile(group, f"executing scheduled action {action_name}")


def _named(region: str, group_name: str) -> FakeAutoScalingGroup:
    for _account, where, backend in autoscaling_backends.iter_backends():
        group = backend.autoscaling_groups.get(group_name)
        if group is not None and where == region:
            return group
    raise LookupError(f"no Auto Scaling group {group_name} in {region}")


def record(group: FakeAutoScalingGroup, description: str, cause: str) -> None:
    activity = Activity(description, f"At {_iso_now()} {cause}", group, status_code="Successful")
    activity.progress = 100
    activities = group.autoscaling_backend.__dict__.setdefault("activities", [])
    activities.insert(0, activity)
    del activities[KEPT_ACTIVITIES:]


def _iso_now() -> str:
    return determinism.Datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")


def _belonged_to(group: FakeAutoScalingGroup, target: str) -> bool:
    instance = group.ec2_backend.get_instance_by_id(target) if target.startswith("i-") else None
    if instance is None:
        return False
    tagged = any(t["key"] == ASG_NAME_TAG and t["value"] == group.name for t in instance.get_tags())
    return tagged or getattr(instance, "autoscaling_group", None) is group


def _membership(instance_id: str) -> tuple[FakeAutoScalingGroup | None, InstanceState | None]:
    for _account, _region, backend in autoscaling_backends.iter_backends():
        for group in backend.autoscaling_groups.values():
            for state in group.instance_states:
                if state.instance.id == instance_id:
                    return group, state
    return None, None


def _to_end(group: FakeAutoScalingGroup, count: int) -> list[InstanceState]:
    """From the fullest zone, the oldest first; protected ones stay."""
    chosen: list[InstanceState] = []
    while len(chosen) < count:
        left = [s for s in group.active_instances() if s not in chosen]
        zones = Counter(s.availability_zone for s in left)
        open_ = [s for s in left if not s.protected_from_scale_in]
        if not open_:
            break
        chosen.append(max(open_, key=lambda s: (zones[s.availability_zone], -left.index(s))))
    return chosen


def _launch(group: FakeAutoScalingGroup, cause: str) -> None:
    subnet = _emptiest_subnet(group)
    version = _version(group)
    options: dict[str, Any] = {
        "tags": {"instance": {**group.get_propagated_tags(), ASG_NAME_TAG: group.name}},
        "instance_type": _instance_type(group),
        "is_instance_type_default": False,
        "placement": None if subnet else group.availability_zones[0],
        "subnet_id": subnet,
        "launch_config": group.launch_config,
        "associate_public_ip": group.launch_config.associate_public_ip_address if group.launch_config else None,
        "region_name": group.region,
    }
    if version:
        options |= _from_template(version, subnet)
    reservation = group.ec2_backend.run_instances(
        group.image_id, 1, group.user_data, [] if version else group.security_groups, **options
    )
    instance = reservation.instances[0]
    instance.autoscaling_group = group
    state = InstanceState(instance, protected_from_scale_in=group.new_instances_protected_from_scale_in)
    state.version_number = str(version.number) if version else None
    group.instance_states.append(state)
    record(group, f"Launching a new EC2 instance: {instance.id}", cause)


def _version(group: FakeAutoScalingGroup) -> Any:
    template = group.ec2_launch_template
    return template.get_version(group.launch_template_version) if template else None


def _instance_type(group: FakeAutoScalingGroup) -> str:
    overrides = ((group.mixed_instances_policy or {}).get("LaunchTemplate") or {}).get("Overrides") or []
    return (overrides[0].get("InstanceType") if overrides else None) or group.instance_type


def _from_template(version: Any, subnet: str | None) -> dict[str, Any]:
    data = version.data
    nics = data.get("NetworkInterfaces") or []
    groups = data.get("SecurityGroupIds") or (nics[0].get("Groups") if nics else None) or []
    options: dict[str, Any] = {
        "launch_template": {"LaunchTemplateId": version.template.id, "Version": str(version.number)},
        "security_group_ids": list(groups),
        "metadata_options": data.get("MetadataOptions") or {},
        "ebs_optimized": bool(data.get("EbsOptimized")),
        "monitoring_state": "enabled" if (data.get("Monitoring") or {}).get("Enabled") else "disabled",
        "key_name": data.get("KeyName"),
    }
    if nics and nics[0].get("AssociatePublicIpAddress") is not None:
        options["associate_public_ip"] = bool(nics[0]["AssociatePublicIpAddress"])
    volumes = [
        {**mapping, "Ebs": {"VolumeSize": DEFAULT_VOLUME_GB, "DeleteOnTermination": True, **mapping["Ebs"]}}
        for mapping in data.get("BlockDeviceMappings") or []
        if mapping.get("Ebs")
    ]
    if volumes:
        options["block_device_mappings"] = volumes
    return options


def _emptiest_subnet(group: FakeAutoScalingGroup) -> str | None:
    subnets = [s for s in (group.vpc_zone_identifier or "").split(",") if s]
    used = Counter(state.instance.subnet_id for state in group.instance_states)
    return min(subnets, key=lambda subnet: used[subnet]) if subnets else None
