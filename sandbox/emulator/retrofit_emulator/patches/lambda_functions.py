"""Lambda: a function's logging configuration, which moto does not keep, so that every update would set it again."""

from __future__ import annotations

from typing import Any

from moto.awslambda.models import LambdaFunction

from ._patch import wrap


def _logging(function: LambdaFunction, given: dict[str, Any] | None) -> dict[str, Any]:
    """As AWS fills it in: text, in the group of the function's own name."""
    return {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}"} | (given or {})


@wrap(LambdaFunction, "__init__")
def _init(original: Any, self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
    original(self, account_id, spec, *args, **kwargs)
    self.logging_config = _logging(self, spec.get("LoggingConfig"))
    self.logs_group_name = self.logging_config["LogGroup"]


@wrap(LambdaFunction, "update_configuration")
def _update_configuration(original: Any, self: Any, config_updates: dict[str, Any]) -> dict[str, Any]:
    if "LoggingConfig" in config_updates:
        self.logging_config = _logging(self, config_updates["LoggingConfig"])
        self.logs_group_name = self.logging_config["LogGroup"]
    return original(self, config_updates)


@wrap(LambdaFunction, "get_configuration")
def _get_configuration(original: Any, self: Any, on_create: bool = False) -> dict[str, Any]:
    return original(self, on_create) | {"LoggingConfig": self.logging_config}
