"""Which tunnels are up: told by whoever really runs their ends. Like numbers and health, this is the present and not kept."""

from __future__ import annotations

from typing import Any

_TUNNELS: dict[str, dict[str, dict[str, Any]]] = {}


def replace(reported: dict[str, dict[str, dict[str, Any]]]) -> None:
    """By id of the connection, then by the outside address of AWS's end: `{"status": "UP", "message": "", "routes": 0}`."""
    for tunnels in reported.values():
        for tunnel in tunnels.values():
            if tunnel["status"] not in ("UP", "DOWN"):
                raise ValueError(f"status must be UP or DOWN, not {tunnel['status']!r}")
    _TUNNELS.clear()
    _TUNNELS.update(reported)


def of(connection_id: str, outside: str) -> dict[str, Any]:
    """A tunnel that nobody runs is down."""
    return _TUNNELS.get(connection_id, {}).get(outside, {"status": "DOWN", "message": "IPSEC IS DOWN"})


def any_up(connection_id: str) -> bool:
    return any(tunnel["status"] == "UP" for tunnel in _TUNNELS.get(connection_id, {}).values())
