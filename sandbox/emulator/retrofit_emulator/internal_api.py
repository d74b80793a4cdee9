"""`/_retrofit/*`: what the machines' and load balancers' runner tells the emulator and asks of it."""

from __future__ import annotations

import json
import logging
import re
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from . import metric_store, servers, state, target_health, vpn_telemetry
from .http import Request, Response
from .patches import autoscaling_groups, ssm_commands

if TYPE_CHECKING:
    from .emulator import Emulator

log = logging.getLogger("retrofit")
PREFIX = "/_retrofit/"
LONGEST_WAIT_SECONDS = 60.0
_INSTANCE_FAIL = re.compile(r"^/_retrofit/instances/(i-[0-9a-f]+)/fail$")
_GROUP_DESIRED = re.compile(r"^/_retrofit/auto-scaling-groups/([^/]+)/desired$")
_GROUP_SCHEDULED = re.compile(r"^/_retrofit/auto-scaling-groups/([^/]+)/scheduled$")
_COMMAND_RESULT = re.compile(r"^/_retrofit/commands/([0-9a-f-]+)/(i-[0-9a-f]+)$")
_JOURNALED = (_INSTANCE_FAIL, _GROUP_DESIRED, _GROUP_SCHEDULED, _COMMAND_RESULT)


def handle(emulator: Emulator, request: Request) -> Response:
    try:
        if request.method == "POST" and any(path.match(request.path) for path in _JOURNALED):
            return emulator.mutate(request)
        route = _ROUTES.get((request.method, request.path))
        if route is None:
            return _json(404, {"error": f"no {request.method} {request.path} here"})
        return route(emulator, request)
    except (ValueError, KeyError, TypeError, AttributeError, NotImplementedError) as error:
        log.error("%s %s\n%s", request.method, request.path, traceback.format_exc())
        return _json(400, {"error": f"{type(error).__name__}: {error}"})


def change(emulator: Emulator, request: Request) -> Response:
    """The internal requests that are journaled."""
    body = json.loads(request.body or b"{}")
    try:
        if match := _INSTANCE_FAIL.match(request.path):
            reason = body.get("reason") or "the machine failed"
            autoscaling_groups.fail_instance(match[1], reason, body.get("check") or "EC2")
        elif match := _GROUP_DESIRED.match(request.decoded_path):
            size, cooldown = int(body["desired"]), body.get("cooldown")
            autoscaling_groups.scale(emulator.region, match[1], size, body["cause"], cooldown)
        elif match := _GROUP_SCHEDULED.match(request.decoded_path):
            autoscaling_groups.apply_schedule(emulator.region, match[1], body["action"], float(body["due"]))
        elif match := _COMMAND_RESULT.match(request.path):
            ssm_commands.report(match[1], match[2], body)
    except LookupError as missing:
        return _json(404, {"error": str(missing)})
    return _json(200, {"ok": True})


def _health(emulator: Emulator, _request: Request) -> Response:
    return _json(200, {"ok": True, "revision": emulator.revision})


def _state(emulator: Emulator, request: Request) -> Response:
    query = {name: values[0] for name, values in parse_qs(request.query).items()}
    if "since" in query:
        wait = min(float(query.get("wait", 0)), LONGEST_WAIT_SECONDS)
        emulator.wait_beyond(int(query["since"]), wait)
    with emulator.lock:
        return _json(200, state.snapshot(emulator.revision))


def _put_target_health(emulator: Emulator, request: Request) -> Response:
    reported = json.loads(request.body)
    with emulator.lock:
        target_health.replace(reported)
    return _json(200, {"ok": True})


def _put_servers(emulator: Emulator, request: Request) -> Response:
    reported = json.loads(request.body)
    with emulator.lock:
        servers.replace(reported)
    return _json(200, {"ok": True})


def _put_vpn_telemetry(emulator: Emulator, request: Request) -> Response:
    reported = json.loads(request.body)
    with emulator.lock:
        vpn_telemetry.replace(reported)
        for connection, tunnels in reported.items():
            for outside, tunnel in tunnels.items():
                dimensions = {"VpnId": connection, "TunnelIpAddress": outside}
                value = 1.0 if tunnel["status"] == "UP" else 0.0
                now = metric_store.parse_time(None)
                metric_store.STORE.put("AWS/VPN", "TunnelState", dimensions, now, [value], None, "None")
    return _json(200, {"ok": True})


def _post_metrics(emulator: Emulator, request: Request) -> Response:
    data = json.loads(request.body)["metrics"]
    with emulator.lock:
        for datum in data:
            metric_store.STORE.put(
                datum["namespace"],
                datum["name"],
                datum.get("dimensions") or {},
                metric_store.parse_time(datum.get("timestamp")),
                datum["values"] if datum.get("values") is not None else [datum["value"]],
                datum.get("counts"),
                datum.get("unit"),
            )
    return _json(200, {"ok": True, "accepted": len(data)})


def _json(status: int, body: Any) -> Response:
    return Response(status, [("Content-Type", "application/json")], json.dumps(body).encode())


_ROUTES = {
    ("GET", "/_retrofit/health"): _health,
    ("GET", "/_retrofit/state"): _state,
    ("PUT", "/_retrofit/servers"): _put_servers,
    ("PUT", "/_retrofit/target-health"): _put_target_health,
    ("PUT", "/_retrofit/vpn-telemetry"): _put_vpn_telemetry,
    ("POST", "/_retrofit/metrics"): _post_metrics,
}
