"""How a patch says what it changes: `@wrap` around a method, `@replace` in place of one, `@operation` for a new one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def wrap(owner: type, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The decorated function takes the original as its first argument, then what the original takes."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        original = getattr(owner, name)

        @functools.wraps(original)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return function(original, *args, **kwargs)

        setattr(owner, name, wrapped)
        return wrapped

    return decorate


def replace(owner: type, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(function: Any) -> Any:
        if not hasattr(owner, name):
            raise AttributeError(f"{owner.__name__} has no {name}: is it another moto than the pinned one?")
        setattr(owner, name, function)
        return function

    return decorate


def operation(responses: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An API operation that moto lacks or has only as a stub; the function's name is the operation's in snake case."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        setattr(responses, function.__name__, function)
        return function

    return decorate
