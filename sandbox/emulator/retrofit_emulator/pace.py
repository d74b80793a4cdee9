"""How long a minute is for what waits by the minute: periods of alarms, cooldowns, warm-ups, grace.

60 seconds, or `RETROFIT_MINUTE_SECONDS`, so that a test sees in seconds what takes minutes in a real account. Counts
per period are scaled along: a thousand requests a minute are a thousand requests a minute at any pace. The times of
scheduled actions belong to the calendar and stay as they are.
"""

from __future__ import annotations

import os

VARIABLE = "RETROFIT_MINUTE_SECONDS"


def _minute() -> float:
    text = os.environ.get(VARIABLE, "60")
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 60:
        raise SystemExit(f"{VARIABLE}={text!r}: allowed are 1 to 60 seconds")
    return value


MINUTE_SECONDS = _minute()
FACTOR = MINUTE_SECONDS / 60
# Numbers arrive once a second for the second before; a period of a few seconds must not end before they are there.
LAG_SECONDS = 0 if FACTOR == 1 else 1


def seconds(nominal: float) -> float:
    return nominal * FACTOR


def period(nominal: float) -> int:
    """Whole seconds, since numbers are kept by the second."""
    return max(1, round(nominal * FACTOR))


def per_period(value: float, statistic: str, nominal: float) -> float:
    """What a count would have been over the whole period."""
    return value * nominal / period(nominal) if statistic in ("Sum", "SampleCount") else value
