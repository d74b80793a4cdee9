"""
SQS: attributes that a request does not name stay as they are, moto drops the queue's policy with every such request. Whoever
asks for messages is answered at once: to wait for them would hold up every other request, for ever, as no time passes in one.
"""

from __future__ import annotations

from typing import Any

from moto.sqs.models import Queue, SQSBackend

from ._patch import wrap


@wrap(Queue, "_set_attributes")
def _set_attributes(original: Any, self: Any, attributes: dict[str, Any], now: float | None = None) -> None:
    kept = {} if "Policy" in attributes else {"Policy": self.policy}
    original(self, attributes | kept, now)


@wrap(SQSBackend, "receive_message")
def receive_message(
    original: Any, self: Any, queue_name: str, count: int, wait_seconds_timeout: int, *rest: Any
) -> Any:
    return original(self, queue_name, count, 0, *rest)
