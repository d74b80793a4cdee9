"""States of alarms, worked out from the numbers when somebody asks."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from . import determinism, metric_math, pace
from .metric_store import STORE

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_SHORTEST_HOLD_SECONDS = 60


def refresh(backend: Any) -> None:
    """Metric alarms first: composite alarms look at them, and at one another in the order of their creation."""
    for alarm in backend.alarms.values():
        if not alarm.rule and determinism.now() >= alarm.set_until:
            _move(alarm, *metric_state(alarm))
    for alarm in backend.alarms.values():
        if alarm.rule and determinism.now() >= alarm.set_until:
            value = ALARM if composite_state(alarm.rule, backend.alarms) else OK
            _move(alarm, value, f"the rule {alarm.rule} is {'true' if value == ALARM else 'false'}")


def hold(alarm: Any) -> None:
    """A state set by SetAlarmState lasts until the next evaluation."""
    alarm.set_until = determinism.now() + pace.seconds(max(int(alarm.period or 0), _SHORTEST_HOLD_SECONDS))


def _move(alarm: Any, state: str, reason: str) -> None:
    if alarm.state_value != state:
        alarm.update_state(reason, "{}", state)


def metric_state(alarm: Any) -> tuple[str, str]:
    values = _latest_periods(alarm)
    alarm.latest_value = next((value for value in reversed(values) if value is not None), None)
    compare = _COMPARISONS.get(alarm.comparison_operator)
    if compare is None or alarm.threshold is None:
        return alarm.state_value, alarm.state_reason
    needed = int(alarm.datapoints_to_alarm or alarm.evaluation_periods)
    breaches = [None if value is None else compare(value, float(alarm.threshold)) for value in values]
    treatment = alarm.treat_missing_data or "missing"
    return judge(breaches, needed, treatment, alarm.state_value), f"the last {len(values)} periods were {values}"


def judge(breaches: list[bool | None], needed: int, treatment: str, former: str) -> str:
    """`breaches`: one per period, None where there is no number."""
    if treatment in ("breaching", "notBreaching"):
        breaches = [treatment == "breaching" if breach is None else breach for breach in breaches]
    if all(breach is None for breach in breaches):
        return former if treatment == "ignore" else INSUFFICIENT
    return ALARM if sum(1 for breach in breaches if breach) >= needed else OK


def _latest_periods(alarm: Any) -> list[float | None]:
    """The newest last. Periods end now and not on the minute, so that an alarm tells what just happened."""
    end = int(determinism.now()) + 1 - pace.LAG_SECONDS
    count = int(alarm.evaluation_periods or 1)
    if alarm.metric_data_queries:
        return _latest_of_queries(alarm, end, count)
    statistic = alarm.extended_statistic or alarm.statistic
    dimensions = {d.name: d.value for d in alarm.dimensions}
    return latest(alarm.namespace, alarm.metric_name, dimensions, statistic, int(alarm.period), count, end)


def latest(
    namespace: str, name: str, dimensions: dict[str, str], statistic: str, nominal: int, count: int, end: int
) -> list[float | None]:
    """One number for each of the last periods before `end`, the newest last."""
    period = pace.period(nominal)
    start = end - count * period
    samples = STORE.samples(namespace, name, dimensions, start, end, period, start % period)
    begins = [start + i * period for i in range(count)]
    values = [samples[b].statistic(statistic) if b in samples else None for b in begins]
    return [value if value is None else pace.per_period(value, statistic, nominal) for value in values]


def _latest_of_queries(alarm: Any, end: int, count: int) -> list[float | None]:
    stats = {q.id: q.metric_stat for q in alarm.metric_data_queries if q.metric_stat}
    expressions = {q.id: q.expression for q in alarm.metric_data_queries if q.expression}
    nominal = max([int(s.period) for s in stats.values()] or [60])
    period = pace.period(nominal)
    start = end - count * period
    series = {}
    for name, stat in stats.items():
        metric = stat.metric
        dimensions = {d.name: d.value for d in metric.dimensions}
        samples = STORE.samples(
            metric.namespace, metric.metric_name, dimensions, start, end, period, start % period
        )
        series[name] = [
            (begin, pace.per_period(sample.statistic(stat.stat), stat.stat, nominal))
            for begin, sample in sorted(samples.items())
        ]
    watched = next((q.id for q in alarm.metric_data_queries if str(q.return_data).lower() != "false"), None)
    points = dict(metric_math.evaluate(expressions, series).get(watched or "", []))
    return [points.get(start + i * period) for i in range(count)]


_STATE = r'(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*"?([^")]+?)"?\s*\)'
_TOKEN = re.compile(rf"\s*(\(|\)|AND\b|OR\b|NOT\b|TRUE\b|FALSE\b|{_STATE})")


def composite_state(rule: str, alarms: dict[str, Any]) -> bool:
    """`ALARM("a") AND NOT (OK(b) OR TRUE)`; names may be ARNs."""
    words: list[str] = []
    position = 0
    text = rule.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"alarm rule {rule!r}: cannot read {text[position:]!r}")
        if match[2]:
            alarm = alarms.get(match[3].rpartition(":alarm:")[2] or match[3])
            words.append(str(alarm is not None and alarm.state_value == match[2]))
        else:
            words.append({"TRUE": "True", "FALSE": "False"}.get(match[1], match[1].lower()))
        position = match.end()
        while position < len(text) and text[position].isspace():
            position += 1
    # Only True, False, and, or, not and parentheses can be in `words`.
    return bool(eval(" ".join(words), {"__builtins__": {}}))  # noqa: S307
