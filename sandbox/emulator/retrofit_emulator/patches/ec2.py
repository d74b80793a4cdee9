"""EC2: launch templates that keep their own tags apart, instances that know when they ended, flow logs."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.types import Base64EncodedString
from moto.ec2.models import launch_templates
from moto.ec2.models.instances import Instance
from moto.ec2.responses.dhcp_options import DHCPOptions
from moto.ec2.responses.flow_logs import FlowLogs
from moto.ec2.responses.settings import Settings

from .. import determinism
from ._patch import operation, wrap

DEFAULT_EBS_KEY = "alias/aws/ebs"


# Instances ----------------------------------------------------------------------------------------------------------
@wrap(Instance, "terminate")
def _terminate(original: Any, self: Any) -> Any:
    if getattr(self, "ended_at", None) is None:
        self.ended_at = determinism.now()
    return original(self)


# Launch templates ---------------------------------------------------------------------------------------------------
@wrap(launch_templates.LaunchTemplate, "create_version")
def _create_version(original: Any, self: Any, data: dict[str, Any], description: str) -> Any:
    user_data = data.get("UserData")
    if user_data is not None and not isinstance(user_data, Base64EncodedString):
        data["UserData"] = Base64EncodedString(user_data)
    # moto puts the template's own tags among those for its instances.
    specifications = [t for t in data.pop("TagSpecifications", []) if t.get("ResourceType") != "launch-template"]
    if specifications:
        data["TagSpecifications"] = specifications
    return original(self, data, description)


# Read anew each time, so that tags changed by CreateTags show.
launch_templates.LaunchTemplate.tags = property(  # type: ignore[assignment]
    lambda self: self.get_tags(), lambda self, value: None
)


# Flow logs and DHCP options keep all that they were given -----------------------------------------------------------
@wrap(FlowLogs, "create_flow_logs")
def _create_flow_logs(original: Any, self: Any) -> Any:
    answer = original(self)
    options = self._get_param("DestinationOptions")
    if options:
        for flow_log in answer.result["FlowLogIds"]:
            self.ec2_backend.flow_logs[flow_log].destination_options = {
                "FileFormat": options.get("FileFormat", "plain-text"),
                "HiveCompatiblePartitions": bool(options.get("HiveCompatiblePartitions")),
                "PerHourPartition": bool(options.get("PerHourPartition")),
            }
    return answer


@wrap(DHCPOptions, "create_dhcp_options")
def _create_dhcp_options(original: Any, self: Any) -> Any:
    answer = original(self)
    answer.result["DhcpOptions"].add_tags(self._parse_tag_specification().get("dhcp-options", {}))
    return answer


# The account's default key for volumes ------------------------------------------------------------------------------
@operation(Settings)
def get_ebs_default_kms_key_id(self: Any) -> ActionResult:
    return ActionResult({"KmsKeyId": getattr(self.ec2_backend, "ebs_default_kms_key", DEFAULT_EBS_KEY)})


@operation(Settings)
def modify_ebs_default_kms_key_id(self: Any) -> ActionResult:
    self.ec2_backend.ebs_default_kms_key = self._get_param("KmsKeyId")
    return get_ebs_default_kms_key_id(self)


@operation(Settings)
def reset_ebs_default_kms_key_id(self: Any) -> ActionResult:
    self.ec2_backend.ebs_default_kms_key = DEFAULT_EBS_KEY
    return get_ebs_default_kms_key_id(self)
