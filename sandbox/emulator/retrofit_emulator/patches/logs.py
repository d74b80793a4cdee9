"""CloudWatch Logs: a metric filter that is put again replaces the former one."""

from __future__ import annotations

from typing import Any

from moto.logs.metric_filters import MetricFilters

from ._patch import wrap


@wrap(MetricFilters, "add_filter")
def _add_filter(original: Any, self: Any, filter_name: str, pattern: str, group: str, transformations: Any) -> None:
    self.delete_filter(filter_name, group)
    original(self, filter_name, pattern, group, transformations)
