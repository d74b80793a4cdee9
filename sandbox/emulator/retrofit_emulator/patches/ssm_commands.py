"""Run Command: what was sent is kept until a machine has run it and its result was reported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2 import ec2_backends
from moto.ssm import ssm_backends
from moto.ssm.exceptions import SSMException
from moto.ssm.models import Command
from moto.ssm.models import SimpleSystemManagerBackend as Backend
from moto.ssm.responses import SimpleSystemManagerResponse as Responses

from .. import determinism
from ._patch import operation, replace, wrap

DOCUMENT = "AWS-RunShellScript"
PLUGIN = "aws:runShellScript"
AGENT_VERSION = "3.3.1611.0"
SHORTEST_TIMEOUT, LONGEST_TIMEOUT = 30, 2_592_000
DEFAULT_EXECUTION_SECONDS = 3600
# Characters of the output that the API gives; the rest is cut off, with a note.
OUTPUT_LIMIT, ERROR_LIMIT, LISTED_LIMIT = 24_000, 8_000, 2_500
CUT = "\n---Output truncated---"
UNFINISHED = ("Pending", "InProgress", "Cancelling")
FINAL = ("Success", "Failed", "TimedOut", "Cancelled")
DETAILS = {"InProgress": "InProgress", "TimedOut": "ExecutionTimedOut"}
KEPT_COMMANDS = 500


# Sending ------------------------------------------------------------------------------------------------------------
@replace(Command, "_get_instance_ids_from_targets")
def _instances_of_targets(self: Any) -> list[str]:
    """moto takes all instances where no targets are named."""
    if not self.targets:
        return []
    wanted = {t["Key"].replace("InstanceIds", "instance-id"): t["Values"] for t in self.targets}
    reservations = ec2_backends[self.account_id][self.backend_region].all_reservations(filters=wanted)
    return [i.id for r in reservations for i in r.instances if i.state == "running"]


@wrap(Backend, "send_command")
def _send(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    if kwargs["document_name"] != DOCUMENT:
        raise SSMException("InvalidDocument", f"The sandbox runs {DOCUMENT} and no other document.")
    timeout = kwargs["timeout_seconds"]
    if timeout is not None and not SHORTEST_TIMEOUT <= timeout <= LONGEST_TIMEOUT:
        raise SSMException(
            "ValidationException",
            f"Value '{timeout}' at 'timeoutSeconds' failed to satisfy constraint: "
            f"Member must have value from {SHORTEST_TIMEOUT} to {LONGEST_TIMEOUT}",
        )
    lines = (kwargs["parameters"] or {}).get("commands")
    if not lines:
        raise SSMException("InvalidParameters", "The parameter commands is required.")
    kwargs["instance_ids"] = list(kwargs["instance_ids"])
    invalid = [i for i in kwargs["instance_ids"] if not _running(self, i)]
    if invalid:
        raise SSMException(
            "InvalidInstanceId",
            f"Instances [[{', '.join(invalid)}]] not in a valid state for account {self.account_id}",
        )
    command = original(self, *args, **kwargs)
    command.sent_at = determinism.now()
    command.progress = {i: {"status": "Pending"} for i in command.instance_ids}
    del self._commands[:-KEPT_COMMANDS]
    return command


def _running(backend: Any, instance_id: str) -> bool:
    instance = ec2_backends[backend.account_id][backend.region_name].get_instance_by_id(instance_id)
    return instance is not None and instance.state == "running"


@operation(Responses)
def cancel_command(self: Any) -> EmptyResult:
    command = self.ssm_backend.get_command_by_id(self._get_param("CommandId"))
    for instance_id in self._get_param("InstanceIds", []) or command.instance_ids:
        progress = command.progress.get(instance_id, {})
        if progress.get("status") == "Pending":
            progress["status"] = "Cancelled"
        elif progress.get("status") == "InProgress":
            progress["status"] = "Cancelling"
    return EmptyResult()


# What a machine is to run, and what it tells -----------------------------------------------------------------------
def unfinished() -> Iterator[dict[str, Any]]:
    for _account, _region, backend in ssm_backends.iter_backends():
        for command in backend._commands:
            for instance_id in command.instance_ids:
                status = _status(command, instance_id)
                if status in UNFINISHED:
                    yield {
                        "id": command.command_id,
                        "instanceId": instance_id,
                        "status": status,
                        "commands": list(command.parameters["commands"]),
                        "workingDirectory": _parameter(command, "workingDirectory") or None,
                        "timeoutSeconds": _execution_seconds(command),
                    }


def report(command_id: str, instance_id: str, told: dict[str, Any]) -> None:
    """LookupError when there is no such command. A result that is final stays as it is."""
    if told["status"] not in (*FINAL, "InProgress"):
        raise ValueError(f"status {told['status']!r} is none of InProgress, {', '.join(FINAL)}")
    for _account, _region, backend in ssm_backends.iter_backends():
        for command in backend._commands:
            if command.command_id == command_id and instance_id in command.progress:
                progress = command.progress[instance_id]
                if progress["status"] in FINAL or progress["status"] == "Cancelling" == told["status"]:
                    return
                if told["status"] == "InProgress":
                    progress.setdefault("started_at", determinism.now())
                    if progress["status"] == "Pending":
                        progress["status"] = "InProgress"
                    return
                progress.update(told, ended_at=determinism.now())
                return
    raise LookupError(f"no command {command_id} for {instance_id}")


# Asking -------------------------------------------------------------------------------------------------------------
def _status(command: Any, instance_id: str) -> str:
    """Worked out when somebody asks: what no machine has taken, or none has answered, is over at some time."""
    progress = command.progress[instance_id]
    status = progress["status"]
    waited = determinism.now() - command.sent_at
    if status == "Pending" and waited > command.timeout_seconds:
        return "TimedOut"
    # The machine's agent ends it in time; the service only where the machine is no more.
    if status in ("InProgress", "Cancelling") and waited > command.timeout_seconds + _execution_seconds(command):
        return "TimedOut"
    return status


def _details(command: Any, instance_id: str) -> str:
    status = _status(command, instance_id)
    if status == "TimedOut" and "started_at" not in command.progress[instance_id]:
        return "DeliveryTimedOut"
    return DETAILS.get(status, status)


@replace(Command, "get_invocation")
def _invocation(self: Any, instance_id: str, plugin_name: str | None) -> dict[str, Any]:
    if instance_id not in self.progress or plugin_name not in (None, PLUGIN):
        raise SSMException("InvocationDoesNotExist", "An error occurred (InvocationDoesNotExist)")
    progress = self.progress[instance_id]
    started, ended = progress.get("started_at"), progress.get("ended_at")
    return {
        "CommandId": self.command_id,
        "InstanceId": instance_id,
        "Comment": self.comment,
        "DocumentName": self.document_name,
        "PluginName": PLUGIN,
        "ResponseCode": int(progress.get("exitCode", -1)),
        "ExecutionStartDateTime": _iso(started),
        "ExecutionElapsedTime": f"PT{(ended - started):.3f}S" if started and ended else "",
        "ExecutionEndDateTime": _iso(ended),
        "Status": _status(self, instance_id),
        "StatusDetails": _details(self, instance_id),
        "StandardOutputContent": _cut(progress.get("stdout", ""), OUTPUT_LIMIT),
        "StandardErrorContent": _cut(progress.get("stderr", ""), ERROR_LIMIT),
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
    }


@wrap(Command, "response_object")
def _command(original: Any, self: Any) -> dict[str, Any]:
    statuses = [_status(self, i) for i in self.instance_ids]
    done = [s for s in statuses if s not in UNFINISHED]
    failed = [s for s in done if s != "Success"]
    if len(done) < len(statuses):
        overall = "Pending" if all(s == "Pending" for s in statuses) else "InProgress"
    else:
        overall = failed[0] if failed else "Success"
    return {
        **original(self),
        "CompletedCount": len(done),
        "ErrorCount": len(failed),
        "Status": overall,
        "StatusDetails": overall,
    }


@operation(Responses)
def list_command_invocations(self: Any) -> ActionResult:
    wanted, on = self._get_param("CommandId"), self._get_param("InstanceId")
    detailed = self._get_bool_param("Details", False)
    commands = [self.ssm_backend.get_command_by_id(wanted)] if wanted else self.ssm_backend._commands
    return ActionResult(
        {
            "CommandInvocations": [
                _listed(command, instance_id, detailed)
                for command in commands
                for instance_id in command.instance_ids
                if on in (None, instance_id)
            ]
        }
    )


def _listed(command: Any, instance_id: str, detailed: bool) -> dict[str, Any]:
    invocation = command.get_invocation(instance_id, None)
    listed = {
        "CommandId": command.command_id,
        "InstanceId": instance_id,
        "Comment": command.comment,
        "DocumentName": command.document_name,
        "RequestedDateTime": command.requested_date_time,
        "Status": invocation["Status"],
        "StatusDetails": invocation["StatusDetails"],
        "CommandPlugins": [],
    }
    if detailed:
        output = invocation["StandardOutputContent"]
        if invocation["StandardErrorContent"]:
            output += "\n----------ERROR-------\n" + invocation["StandardErrorContent"]
        listed["CommandPlugins"] = [
            {
                "Name": PLUGIN,
                "Status": invocation["Status"],
                "StatusDetails": invocation["StatusDetails"],
                "ResponseCode": invocation["ResponseCode"],
                "Output": _cut(output, LISTED_LIMIT),
            }
        ]
    return listed


@operation(Responses)
def describe_instance_information(self: Any) -> ActionResult:
    """Every running instance has an agent that answers."""
    filters = [*(self._get_param("Filters") or []), *(self._get_param("InstanceInformationFilterList") or [])]
    wanted = next(
        (f.get("Values") or f.get("valueSet") for f in filters if "InstanceIds" in (f.get("Key"), f.get("key"))), None
    )
    ec2 = ec2_backends[self.ssm_backend.account_id][self.ssm_backend.region_name]
    return ActionResult(
        {
            "InstanceInformationList": [
                {
                    "InstanceId": instance.id,
                    "PingStatus": "Online",
                    "LastPingDateTime": determinism.now(),
                    "AgentVersion": AGENT_VERSION,
                    "IsLatestVersion": True,
                    "PlatformType": "Linux",
                    "PlatformName": "Debian GNU/Linux",
                    "PlatformVersion": "12",
                    "ResourceType": "EC2Instance",
                    "IPAddress": instance.private_ip if instance.nics else "",
                }
                for instance in ec2.all_instances()
                if instance.state == "running" and (wanted is None or instance.id in wanted)
            ]
        }
    )


def _execution_seconds(command: Any) -> int:
    return int(_parameter(command, "executionTimeout") or DEFAULT_EXECUTION_SECONDS)


def _parameter(command: Any, name: str) -> str:
    return next(iter(command.parameters.get(name) or []), "")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - len(CUT)] + CUT


def _iso(seconds: float | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds")
