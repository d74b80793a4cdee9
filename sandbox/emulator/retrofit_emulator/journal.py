"""The journal: every request that changes something, in order, one JSON object per line.

A line is written before its request is handled, so that a crash loses nothing that was answered. The first line tells
the format and a salt that makes identifiers differ from one journal to the next.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .http import Request

FORMAT = 1
# What belongs to the connection or to the client's retries says nothing about the change.
DROPPED_HEADERS = {
    "accept",
    "accept-encoding",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "connection",
    "content-length",
    "expect",
    "transfer-encoding",
}


class JournalError(Exception):
    pass


@dataclass(frozen=True)
class Entry:
    number: int
    instant: float
    request: Request


class Journal:
    def __init__(self, path: Path):
        self._path = path
        self._file: IO[bytes] | None = None
        self.salt = ""

    def open(self) -> list[Entry]:
        """The entries kept so far; appending goes on behind the last whole one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise JournalError(f"{self._path} is in use by another emulator") from error
        entries, whole = self._read()
        os.ftruncate(descriptor, whole)
        self._file = os.fdopen(descriptor, "r+b", buffering=0)
        self._file.seek(whole)
        if not self.salt:
            self._begin()
        return entries

    def append(self, entry: Entry) -> None:
        self._write(_encode(entry))

    def clear(self) -> None:
        """Forget everything: the state is empty."""
        assert self._file
        self._file.seek(0)
        self._file.truncate(0)
        self._begin()

    def _begin(self) -> None:
        self.salt = secrets.token_hex(8)
        self._write({"format": FORMAT, "salt": self.salt})

    def _write(self, line: dict[str, Any]) -> None:
        assert self._file
        self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")

    def _read(self) -> tuple[list[Entry], int]:
        entries: list[Entry] = []
        whole = 0
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines):
                if not line.endswith(b"\n"):
                    break  # the process ended in the middle of writing it, so it was never handled
                try:
                    self._take(number, json.loads(line), entries)
                except (ValueError, KeyError) as error:
                    raise JournalError(
                        f"{self._path}: line {number + 1} cannot be read ({error}); "
                        "move the file away to start with an empty AWS"
                    ) from error
                whole += len(line)
        return entries, whole

    def _take(self, number: int, line: dict[str, Any], entries: list[Entry]) -> None:
        if number > 0:
            entries.append(_decode(line))
        elif line["format"] == FORMAT:
            self.salt = line["salt"]
        else:
            raise ValueError(f"format {line['format']}, this emulator writes format {FORMAT}")


def _encode(entry: Entry) -> dict[str, Any]:
    request = entry.request
    line: dict[str, Any] = {
        "n": entry.number,
        "t": entry.instant,
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": {k: v for k, v in request.headers.items() if k not in DROPPED_HEADERS},
    }
    try:
        line["body"] = request.body.decode("utf-8")
    except UnicodeDecodeError:
        line["base64"] = base64.b64encode(request.body).decode("ascii")
    return line


def _decode(line: dict[str, Any]) -> Entry:
    body = base64.b64decode(line["base64"]) if "base64" in line else line["body"].encode("utf-8")
    request = Request(line["method"], line["path"], line["query"], line["headers"], body)
    return Entry(line["n"], line["t"], request)
