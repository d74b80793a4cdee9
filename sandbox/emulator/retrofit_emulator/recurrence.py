"""Times of scheduled actions: five-field cron in a time zone, as Auto Scaling has it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (0, 7, _DAYS))


def latest(cron: str, zone: str | None, after: float, until: float) -> float | None:
    """The last time in (after, until] that the expression names; to be asked for short spans, it looks at each minute."""
    fields = [_parse(text, *bounds) for text, bounds in zip(cron.split(), _FIELDS, strict=True)]
    both_days = not any(text.startswith("*") for text in (cron.split()[2], cron.split()[4]))
    where = zone_of(zone)
    instant = datetime.fromtimestamp(until, timezone.utc).replace(second=0, microsecond=0)
    while instant.timestamp() > after:
        if _matches(instant.astimezone(where), fields, both_days):
            return instant.timestamp()
        instant -= timedelta(minutes=1)
    return None


def zone_of(name: str | None) -> tzinfo:
    if not name or name in ("UTC", "Etc/UTC"):
        return timezone.utc
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        # A machine without a time zone database: the copy that comes with dateutil.
        from dateutil.zoneinfo import get_zonefile_instance

        found = get_zonefile_instance().get(name)
        if found is None:
            raise ValueError(f"time zone {name!r} is not known") from None
        return found


def _matches(local: datetime, fields: list[set[int]], both_days: bool) -> bool:
    minute, hour, day, month, weekday = fields
    if local.minute not in minute or local.hour not in hour or local.month not in month:
        return False
    of_month, of_week = local.day in day, local.isoweekday() % 7 in {d % 7 for d in weekday}
    # As in every cron: where both are restricted, either will do.
    return of_month or of_week if both_days else of_month and of_week


def _parse(text: str, low: int, high: int, names: tuple[str, ...]) -> set[int]:
    def number(word: str) -> int:
        return names.index(word.lower()) + low if word.lower() in names else int(word)

    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            begin, end = low, high
        else:
            begin = number(first)
            end = number(last) if last else (high if step else begin)
        found.update(range(begin, end + 1, int(step or 1)))
    return found
