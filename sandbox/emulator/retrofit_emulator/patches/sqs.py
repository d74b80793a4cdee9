"""SQS: attributes that a request does not name stay as they are; moto drops the queue's policy with every such request."""

from __future__ import annotations

from typing import Any

from moto.sqs.models import Queue

from ._patch import wrap


@wrap(Queue, "_set_attributes")
def _set_attributes(original: Any, self: Any, attributes: dict[str, Any], now: float | None = None) -> None:
    kept = {} if "Policy" in attributes else {"Policy": self.policy}
    original(self, attributes | kept, now)
