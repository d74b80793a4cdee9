"""The numbers of CloudWatch: aggregated per second, the last hours only, with percentiles that are right.

Values are kept as a histogram of three significant digits, so memory is bounded by series and time, not by traffic.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone

from . import determinism

KEPT_SECONDS = 3 * 3600
SIGNIFICANT_DIGITS = 3
_PERCENTILE = re.compile(r"^p(\d{1,2}(?:\.\d+)?|100)$")

Dimensions = dict[str, str]
Key = tuple[str, str, tuple[tuple[str, str], ...]]
Point = tuple[int, float]


@dataclass
class Sample:
    count: float = 0
    total: float = 0
    low: float = math.inf
    high: float = -math.inf
    histogram: Counter[float] = field(default_factory=Counter)

    def add(self, value: float, count: float) -> None:
        self.count += count
        self.total += value * count
        self.low = min(self.low, value)
        self.high = max(self.high, value)
        self.histogram[_rounded(value)] += count  # type: ignore[assignment]

    def merge(self, other: Sample) -> None:
        self.count += other.count
        self.total += other.total
        self.low = min(self.low, other.low)
        self.high = max(self.high, other.high)
        self.histogram.update(other.histogram)

    def statistic(self, name: str) -> float:
        simple = {
            "SampleCount": self.count,
            "Sum": self.total,
            "Minimum": self.low,
            "Maximum": self.high,
        }
        if name in simple:
            return simple[name]
        if name == "Average":
            return self.total / self.count if self.count else 0.0
        if match := _PERCENTILE.match(name):
            return self._percentile(float(match[1]))
        raise ValueError(f"statistic {name!r}: allowed are SampleCount, Sum, Average, Minimum, Maximum, p0 to p100")

    def _percentile(self, percent: float) -> float:
        rank = self.count * percent / 100
        seen = 0.0
        for value in sorted(self.histogram):
            seen += self.histogram[value]
            if seen >= rank:
                return value
        return self.high


@dataclass
class Series:
    unit: str
    seconds: dict[int, Sample] = field(default_factory=dict)
    pruned_at: float = 0


class MetricStore:
    def __init__(self) -> None:
        self._series: dict[Key, Series] = {}

    def put(
        self,
        namespace: str,
        name: str,
        dimensions: Dimensions,
        instant: float,
        values: list[float],
        counts: list[float] | None,
        unit: str | None,
    ) -> None:
        """`counts[i]` says how often `values[i]` was seen; once each by default."""
        series = self._series.setdefault(key_of(namespace, name, dimensions), Series(unit or "None"))
        sample = series.seconds.setdefault(int(instant), Sample())
        for value, count in zip(values, counts or [1.0] * len(values), strict=True):
            sample.add(float(value), float(count))
        self._prune(series)

    def put_statistics(
        self,
        namespace: str,
        name: str,
        dimensions: Dimensions,
        instant: float,
        statistics: dict[str, float],
        unit: str | None,
    ) -> None:
        """Sum, count, minimum and maximum without the values; percentiles of those see the average."""
        count = float(statistics["SampleCount"])
        total = float(statistics["Sum"])
        series = self._series.setdefault(key_of(namespace, name, dimensions), Series(unit or "None"))
        average = total / count if count else 0.0
        added = Sample(count, total, float(statistics["Minimum"]), float(statistics["Maximum"]))
        added.histogram[_rounded(average)] = count  # type: ignore[assignment]
        series.seconds.setdefault(int(instant), Sample()).merge(added)
        self._prune(series)

    def query(
        self,
        namespace: str,
        name: str,
        dimensions: Dimensions,
        start: float,
        end: float,
        period: int,
        statistic: str,
    ) -> list[Point]:
        """Oldest first: one point per period that has data; periods begin at multiples of their length."""
        periods = self.samples(namespace, name, dimensions, start, end, period)
        return [(instant, sample.statistic(statistic)) for instant, sample in sorted(periods.items())]

    def samples(
        self, namespace: str, name: str, dimensions: Dimensions, start: float, end: float, period: int, phase: int = 0
    ) -> dict[int, Sample]:
        """`phase` moves the begin of the periods away from the multiples of their length."""
        found: dict[int, Sample] = {}
        series = self._series.get(key_of(namespace, name, dimensions))
        if series is None:
            return found
        first = (int(start) - phase) // period * period + phase
        for second, sample in series.seconds.items():
            if first <= second < end:
                begin = (second - phase) // period * period + phase
                found.setdefault(begin, Sample()).merge(sample)
        return found

    def unit(self, namespace: str, name: str, dimensions: Dimensions) -> str:
        series = self._series.get(key_of(namespace, name, dimensions))
        return series.unit if series else "None"

    def keys(self) -> Iterator[tuple[str, str, Dimensions]]:
        for namespace, name, dimensions in list(self._series):
            yield namespace, name, dict(dimensions)

    def _prune(self, series: Series) -> None:
        now = determinism.now()
        if now - series.pruned_at < 60:
            return
        series.pruned_at = now
        series.seconds = {second: s for second, s in series.seconds.items() if second > now - KEPT_SECONDS}


def key_of(namespace: str, name: str, dimensions: Dimensions) -> Key:
    return namespace, name, tuple(sorted(dimensions.items()))


def parse_time(value: str | float | datetime | None) -> float:
    """Seconds since the epoch of an ISO time, a number or nothing (now)."""
    if value is None:
        return determinism.now()
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=timezone.utc)).timestamp()
    if isinstance(value, (int, float)):
        return float(value)
    return parse_time(datetime.fromisoformat(value.replace("Z", "+00:00")))


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


STORE = MetricStore()
