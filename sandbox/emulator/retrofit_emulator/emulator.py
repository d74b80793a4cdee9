"""One AWS: takes each request to the services in turn, keeps the changes, counts revisions."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from pathlib import Path

from . import determinism, errors, internal_api
from .calls import Call, identify
from .http import Request, Response
from .journal import Entry, Journal
from .moto_app import MotoApp

log = logging.getLogger("retrofit")


class Emulator:
    def __init__(self, region: str, journal: Path):
        self.region = region
        self._journal = Journal(journal)
        self._moto = MotoApp()
        # One request at a time: moto's state is not made for threads, and Python would run one at a time anyway.
        self.lock = threading.RLock()
        self._changed = threading.Condition()
        self.revision = 0

    def replay(self) -> list[Entry]:
        """Brings back the state that the journal tells; the changes it took."""
        entries = self._journal.open()
        for entry in entries:
            self._change(entry)
            self.revision = entry.number
        return entries

    def forget(self) -> None:
        """Empties the journal, for a process that will start anew with it."""
        self._journal.clear()

    def handle(self, request: Request) -> Response:
        if request.path.startswith(internal_api.PREFIX):
            return internal_api.handle(self, request)
        call = identify(request)
        if call.mutates:
            return self.mutate(request, call)
        with self.lock:
            return self._dispatch(request, call)

    def mutate(self, request: Request, call: Call | None = None) -> Response:
        """Journals a change, makes it, and wakes whoever waits for the next revision."""
        with self.lock:
            entry = Entry(self.revision + 1, time.time(), request)
            self._journal.append(entry)
            response = self._change(entry, call)
            with self._changed:
                self.revision = entry.number
                self._changed.notify_all()
            return response

    def wait_beyond(self, since: int, seconds: float) -> None:
        """Returns when the revision is another than `since`, or when the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self.revision != since, seconds)

    def _change(self, entry: Entry, call: Call | None = None) -> Response:
        with determinism.fixed(entry.instant, f"{self._journal.salt}/{entry.number}"):
            if entry.request.path.startswith(internal_api.PREFIX):
                return internal_api.change(self, entry.request)
            return self._dispatch(entry.request, call or identify(entry.request))

    def _dispatch(self, request: Request, call: Call) -> Response:
        started = time.monotonic()
        response = self._try(request, call)
        name = call.operation or f"{request.method} {request.path}?{request.query}"
        milliseconds = (time.monotonic() - started) * 1000
        log.debug("%s:%s %d in %.0f ms", call.service, name, response.status, milliseconds)
        return response

    def _try(self, request: Request, call: Call) -> Response:
        try:
            return self._moto.handle(request)
        except NotImplementedError as missing:
            log.warning("not implemented: %s:%s: %s", call.service, call.operation, missing)
            return errors.not_implemented(request, call, str(missing))
        except Exception as failure:  # noqa: BLE001 - whatever goes wrong in a service must not end the server
            log.error("%s:%s failed\n%s", call.service, call.operation, traceback.format_exc())
            return errors.internal(request, call, failure)
