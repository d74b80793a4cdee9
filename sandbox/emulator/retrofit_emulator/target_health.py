"""Target health as last reported: `{targetGroupArn: {"<id>:<port>": {state, reason, description}}}`."""

from __future__ import annotations

from typing import Any

_reported: dict[str, dict[str, dict[str, Any]]] = {}

STATES = ("initial", "healthy", "unhealthy", "draining", "unused")


def replace(reported: dict[str, dict[str, dict[str, Any]]]) -> None:
    for arn, targets in reported.items():
        for target, health in targets.items():
            if health.get("state") not in STATES:
                raise ValueError(f"{arn} {target}: state {health.get('state')!r} is none of {', '.join(STATES)}")
    global _reported
    _reported = reported


def of(target_group_arn: str) -> dict[str, dict[str, Any]]:
    return _reported.get(target_group_arn, {})
