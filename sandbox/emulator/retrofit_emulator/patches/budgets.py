"""Budgets: changes, subscribers and tags."""

from __future__ import annotations

import json
from typing import Any

from moto.budgets.responses import BudgetsResponse

from ._patch import operation, wrap


def _budget(self: Any) -> Any:
    account, name = self._get_param("AccountId"), self._get_param("BudgetName")
    self.backend.describe_budget(account, name)
    return self.backend.budgets[account][name]


def _notification(self: Any) -> Any:
    wanted = self._get_param("Notification")
    return next((n for n in _budget(self).notifications if _same(n.details, wanted)), None)


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    names = ("NotificationType", "ComparisonOperator", "ThresholdType")
    return float(one["Threshold"]) == float(other["Threshold"]) and all(one.get(n) == other.get(n) for n in names)


@operation(BudgetsResponse)
def update_budget(self: Any) -> str:
    new = self._get_param("NewBudget")
    account = self._get_param("AccountId")
    self.backend.describe_budget(account, new["BudgetName"])
    kept = self.backend.budgets[account][new["BudgetName"]]
    kept.budget = {**{k: kept.budget[k] for k in ("TimePeriod", "LastUpdatedTime")}, **new}
    return "{}"


@operation(BudgetsResponse)
def describe_subscribers_for_notification(self: Any) -> str:
    notification = _notification(self)
    return json.dumps({"Subscribers": notification.subscribers if notification else []})


@operation(BudgetsResponse)
def delete_notification(self: Any) -> str:
    budget, notification = _budget(self), _notification(self)
    budget.notifications = [n for n in budget.notifications if n is not notification]
    return "{}"


def _tags_of(self: Any, arn: str) -> dict[str, str]:
    return self.backend.__dict__.setdefault("tags", {}).setdefault(arn, {})


def _tags(self: Any) -> dict[str, str]:
    return _tags_of(self, self._get_param("ResourceARN"))


@wrap(BudgetsResponse, "create_budget")
def _create_budget(original: Any, self: Any) -> str:
    answer = original(self)
    arn = f"arn:aws:budgets::{self._get_param('AccountId')}:budget/{self._get_param('Budget')['BudgetName']}"
    _tags_of(self, arn).update({tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags", [])})
    return answer


@operation(BudgetsResponse)
def list_tags_for_resource(self: Any) -> str:
    return json.dumps({"ResourceTags": [{"Key": k, "Value": v} for k, v in _tags(self).items()]})


@operation(BudgetsResponse)
def tag_resource(self: Any) -> str:
    _tags(self).update({tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags", [])})
    return "{}"


@operation(BudgetsResponse)
def untag_resource(self: Any) -> str:
    for key in self._get_param("ResourceTagKeys", []):
        _tags(self).pop(key, None)
    return "{}"
