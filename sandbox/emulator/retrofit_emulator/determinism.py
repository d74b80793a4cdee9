"""One instant and one source of identifiers per request, so that a replayed journal gives the same state.

moto reads the time and draws random numbers wherever it needs them. Every module of it gets stand-ins for
`datetime`, `time`, `uuid`, `random` and `os.urandom` as it is imported (a hook on the import system, so that lazily
imported services are covered too). Inside `fixed(...)` the stand-ins answer with the given instant and with numbers
drawn from the given seed; outside of it they are the real thing.
"""

from __future__ import annotations

import datetime as _datetime
import importlib.abc
import importlib.util
import os as _os
import random as _random
import sys
import threading
import time as _time
import types
import uuid as _uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_here = threading.local()


def now() -> float:
    """Seconds since the epoch: the instant of the request being handled, else the wall clock."""
    instant = getattr(_here, "instant", None)
    return _time.time() if instant is None else instant


@contextmanager
def fixed(instant: float, seed: str) -> Iterator[None]:
    """Handle one request at `instant`, with identifiers that depend on `seed` alone."""
    identities().seed(seed)
    _here.instant = instant
    try:
        yield
    finally:
        _here.instant = None


@contextmanager
def seeded(seed: str) -> Iterator[None]:
    """Draw from `seed` for a while, then go on with the former sequence as if nothing had been drawn."""
    source = identities()
    former = source.getstate()
    source.seed(seed)
    try:
        yield
    finally:
        source.setstate(former)


def identities() -> _random.Random:
    """moto's own random source."""
    from moto.moto_api._internal import mock_random

    return mock_random


class _LikeDatetime(type):
    """Real datetimes are instances of the stand-in."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _datetime.datetime)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, _datetime.datetime)


class Datetime(_datetime.datetime, metaclass=_LikeDatetime):
    """`datetime.datetime` whose present is the request's instant."""

    @classmethod
    def now(cls, tz: _datetime.tzinfo | None = None) -> _datetime.datetime:
        return _datetime.datetime.fromtimestamp(now(), tz)

    @classmethod
    def utcnow(cls) -> _datetime.datetime:
        return cls.now(_datetime.timezone.utc).replace(tzinfo=None)

    @classmethod
    def today(cls) -> _datetime.datetime:
        return cls.now()


def _uuid4() -> _uuid.UUID:
    return _uuid.UUID(int=identities().getrandbits(128), version=4)


def _urandom(size: int) -> bytes:
    return identities().randbytes(size)


def _standin(module: types.ModuleType, **replaced: Any) -> types.ModuleType:
    copy = types.ModuleType(module.__name__)
    copy.__dict__.update(module.__dict__)
    copy.__dict__.update(replaced)
    return copy


class _Random(types.ModuleType):
    """The functions of `random`, drawn from moto's source."""

    def __getattr__(self, name: str) -> Any:
        return getattr(identities(), name, None) or getattr(_random, name)


_STANDINS: dict[int, Any] = {
    id(original): standin
    for original, standin in (
        (_datetime, _standin(_datetime, datetime=Datetime)),
        (_datetime.datetime, Datetime),
        (_time, _standin(_time, time=now)),
        (_time.time, now),
        (_uuid, _standin(_uuid, uuid4=_uuid4, uuid1=_uuid4)),
        (_uuid.uuid4, _uuid4),
        (_uuid.uuid1, _uuid4),
        (_os, _standin(_os, urandom=_urandom)),
        (_random, _Random("random")),
    )
}
# The source itself, and what numbers its instances without telling anybody.
_UNTOUCHED = {"moto.moto_api._internal.moto_random", "moto.core.base_backend"}


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: Any):
        self._loader = loader

    def create_module(self, spec: Any) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: types.ModuleType) -> None:
        self._loader.exec_module(module)
        for name, value in list(vars(module).items()):
            standin = _STANDINS.get(id(value))
            if standin is not None:
                setattr(module, name, standin)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if not name.startswith("moto.") or name in _UNTOUCHED:
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            spec = finder.find_spec(name, path, target)
            if spec and spec.loader:
                spec.loader = _Loader(spec.loader)
                return spec
        return None


def install() -> None:
    """Must come before the first import of moto."""
    if any(name.startswith("moto.") for name in sys.modules):
        raise RuntimeError("moto was imported before its clock could be replaced")
    sys.meta_path.insert(0, _Finder())


def seed_backends(created: Callable[[str, Any], None]) -> None:
    """A backend makes a default network and the like when it is first touched, be it by a read: same ids each time.

    `created` is told of each, with the service's name in moto.
    """
    from moto.core.base_backend import AccountSpecificBackend

    create = AccountSpecificBackend.__getitem__

    def getitem(self: Any, region: str) -> Any:
        if region == "global":
            region = "aws"
        if region in self.keys():
            return dict.__getitem__(self, region)
        with seeded(f"{self.service_name}/{self.account_id}/{region}"):
            backend = create(self, region)
            created(self.service_name, backend)
            return backend

    AccountSpecificBackend.__getitem__ = getitem
