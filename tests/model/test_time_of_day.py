"""A time of day with a time zone: when it is that time next."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from include.model.time_of_day import parse_time_of_day


@pytest.mark.parametrize(
    ("text", "moment", "expected"),
    [
        ("06:00", "2026-11-26T00:00", "2026-11-26T06:00"),
        ("06:00", "2026-11-26T06:00", "2026-11-27T06:00"),
        ("00:00", "2026-11-26T00:00", "2026-11-27T00:00"),
        ("23:59 UTC", "2026-12-31T23:58", "2026-12-31T23:59"),
        ("06:00 Europe/Berlin", "2026-11-26T00:00", "2026-11-26T05:00"),
        ("06:00 Europe/Berlin", "2026-07-26T00:00", "2026-07-26T04:00"),
        ("06:00 America/Los_Angeles", "2026-11-26T00:00", "2026-11-26T14:00"),
        ("05:45 Asia/Kathmandu", "2026-11-25T23:59", "2026-11-26T00:00"),
        # The clocks are set forward at 02:00, so that it is never 02:30: an hour later it is 03:30.
        ("02:30 Europe/Berlin", "2026-03-29T00:00", "2026-03-29T01:30"),
        # They are set back at 03:00, so that it is 02:30 twice: the first time counts.
        ("02:30 Europe/Berlin", "2026-10-25T00:00", "2026-10-25T00:30"),
        ("02:30 Europe/Berlin", "2026-10-25T01:15", "2026-10-26T01:30"),
        ("06:00 Europe/Berlin", "2026-03-28T12:00", "2026-03-29T04:00"),
    ],
)
def test_it_is_the_next_such_time_in_its_zone(text: str, moment: str, expected: str) -> None:
    after = parse_time_of_day(text).next_after(datetime.fromisoformat(moment).replace(tzinfo=timezone.utc))
    assert after.astimezone(timezone.utc) == datetime.fromisoformat(expected).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "text", ["", "6:00", "24:00", "12:60", "06:00 Atlantis", "06:00  UTC", "06:00 ../UTC", "06:00 CET", "06:00\n"]
)
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time of day"):
        parse_time_of_day(text)
