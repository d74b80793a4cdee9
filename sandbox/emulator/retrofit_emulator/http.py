"""Requests and responses as plain values: what the server reads, the journal stores and the services answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """As it came, percent-encoded, without the query."""
    query: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes = b""

    @property
    def decoded_path(self) -> str:
        return unquote(self.path)


@dataclass
class Response:
    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
