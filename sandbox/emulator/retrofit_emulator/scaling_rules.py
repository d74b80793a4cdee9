"""What a scaling policy makes of a group's capacity: decisions only, numbers in and numbers out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# Target tracking as CloudWatch's alarms for it are set up: quick to add, slow to take away.
OUT_PERIODS = 3
IN_PERIODS = 15
IN_SHARE = 0.9


@dataclass(frozen=True)
class Capacity:
    desired: int
    minimum: int
    maximum: int
    warming: int
    """Machines launched so recently that they do not count yet."""

    def within(self, wanted: int) -> int:
        return max(self.minimum, min(self.maximum, wanted))


def adjusted(capacity: int, kind: str, by: int, least: int | None = None) -> int:
    """ExactCapacity, ChangeInCapacity or PercentChangeInCapacity; of a percentage at least `least` machines."""
    if kind == "ExactCapacity":
        return by
    if kind == "ChangeInCapacity":
        return capacity + by
    change = capacity * by / 100
    # Away from zero below one machine, towards zero above, as Auto Scaling rounds.
    whole = math.copysign(1, change) if 0 < abs(change) < 1 else float(math.trunc(change))
    if least and change:
        whole = math.copysign(max(abs(whole), least), change)
    return capacity + int(whole)


def simple(capacity: Capacity, kind: str, by: int, least: int | None) -> int:
    return capacity.within(adjusted(capacity.desired, kind, by, least))


def step(capacity: Capacity, kind: str, steps: Iterable[dict[str, Any]], least: int | None, breach: float) -> int:
    """`breach`: how far the number is beyond the alarm's threshold, negative below it."""
    chosen = next((s for s in steps if _holds(s, breach)), None)
    if chosen is None:
        return capacity.desired
    by = int(chosen["ScalingAdjustment"])
    if by > 0 or kind == "ExactCapacity":
        # Machines that warm up are the answer to this same breach: only a larger step adds to them.
        wanted = adjusted(capacity.desired - capacity.warming, kind, by, least)
        return capacity.within(max(wanted, capacity.desired) if by > 0 else wanted)
    if capacity.warming:
        return capacity.desired
    return capacity.within(adjusted(capacity.desired, kind, by, least))


def _holds(adjustment: dict[str, Any], breach: float) -> bool:
    lower = adjustment.get("MetricIntervalLowerBound")
    upper = adjustment.get("MetricIntervalUpperBound")
    low = -math.inf if lower in (None, "") else float(lower)
    high = math.inf if upper in (None, "") else float(upper)
    # The bound that is nearer to the threshold belongs to the step.
    return low <= breach < high if breach >= 0 else low < breach <= high


def tracking(capacity: Capacity, target: float, values: list[float | None], may_shrink: bool) -> int:
    """`values`: one number per minute, the newest last, at least `IN_PERIODS`."""
    newest = values[-OUT_PERIODS:]
    if all(value is not None and value > target for value in newest):
        counted = max(1, capacity.desired - capacity.warming)
        return capacity.within(max(capacity.desired, math.ceil(counted * newest[-1] / target)))  # type: ignore[operator]
    oldest = values[-IN_PERIODS:]
    idle = len(oldest) == IN_PERIODS and all(value is not None and value < IN_SHARE * target for value in oldest)
    if may_shrink and idle and not capacity.warming:
        return capacity.within(max(capacity.desired - 1, math.ceil(capacity.desired * oldest[-1] / target)))  # type: ignore[operator]
    return capacity.desired


def together(desired: int, wanted: list[int]) -> int:
    """Several policies of one group: out as soon as one wants to, in only when all do."""
    if any(size > desired for size in wanted):
        return max(wanted)
    return max(wanted) if wanted and all(size < desired for size in wanted) else desired
