"""Instance refresh: one instance after the other, done when the request is."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.models import random
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from .. import determinism
from . import autoscaling_groups as groups
from ._patch import operation
from .autoscaling import _group


def _refreshes(self: Any) -> list[dict[str, Any]]:
    everything = self.autoscaling_backend.__dict__.setdefault("refreshes", {})
    return everything.setdefault(self._get_param("AutoScalingGroupName"), [])


@operation(AutoScalingResponse)
def start_instance_refresh(self: Any) -> ActionResult:
    group = _group(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    template = (self._get_param("DesiredConfiguration") or {}).get("LaunchTemplate")
    if template:
        group._set_launch_configuration(None, template, None)
    now = determinism.Datetime.utcnow()
    refresh = {
        "InstanceRefreshId": str(random.uuid4()),
        "AutoScalingGroupName": group.name,
        "Status": "Successful",
        "StartTime": now,
        "EndTime": now,
        "PercentageComplete": 100,
        "InstancesToUpdate": 0,
    }
    cause = f"instance refresh {refresh['InstanceRefreshId']}"
    for state in list(group.instance_states):
        groups.end(group, [state], cause)
        groups.reconcile(group, cause)
    _refreshes(self).insert(0, refresh)
    return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})


@operation(AutoScalingResponse)
def describe_instance_refreshes(self: Any) -> ActionResult:
    wanted = self._get_param("InstanceRefreshIds", [])
    found = [r for r in _refreshes(self) if not wanted or r["InstanceRefreshId"] in wanted]
    return ActionResult({"InstanceRefreshes": found})
