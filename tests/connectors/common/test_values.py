"""JSON values, odd ones included."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import pytest

from include.connectors.common.values import InvalidValue, boolean, day, instant, integer, items, negated, pick, text

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("convert", [text, boolean, negated, integer, instant, day])
def test_null_and_blank_are_empty(convert: Any, empty: Any) -> None:
    assert convert(empty) is None


def test_a_missing_key_is_empty_at_any_depth() -> None:
    assert pick(text, {}, "a", "b") is None
    assert pick(text, {"a": None}, "a", "b") is None
    assert pick(items, {}, "list") == []


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("Ann", "Ann"),
        (" Ann ", " Ann "),
        (5, "5"),
        ("A\x00nn", "Ann"),
        ("\x00", None),
        ("  ", None),
        ("Ann\ud800", "Ann\ufffd"),
        ("\U0001f600", "\U0001f600"),
        ("2604\u200e", "2604\u200e"),
        ("x" * 300, "x" * 300),
    ],
)
def test_text_is_kept_as_it_is_but_for_what_postgres_cannot_store(value: Any, kept: str | None) -> None:
    assert text(value) == kept


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01T12:00:00", NOON),
        ("2026-03-01T13:00:00+01:00", NOON),
        ("2026-03-01T12:00:00.000Z", NOON),
        ("2026-03-01T12:00:00.0000000Z", NOON),
        ("2026-03-01T12:00:00.5Z", NOON.replace(microsecond=500_000)),
    ],
)
def test_moments_are_aware_and_utc(value: str, moment: datetime) -> None:
    assert instant(value) == moment
    assert str(instant(value)).endswith("+00:00")


@pytest.mark.parametrize("value", ["2026-03-01T00:00:00Z", "2026-03-01", "2026-03-01T23:59:59-08:00"])
def test_a_date_is_the_one_that_is_written(value: str) -> None:
    assert day(value) == date(2026, 3, 1)


@pytest.mark.parametrize("convert", [day, instant])
@pytest.mark.parametrize("time", ["", "T00:00:00", "T00:00:00.0000000Z", "T05:30:00+14:00"])
@pytest.mark.parametrize("none", ["0001-01-01", "0001-12-31", "1899-12-30", "1899-12-31", "1900-01-01"])
def test_dates_that_databases_write_for_none_are_none(convert: Any, none: str, time: str) -> None:
    assert convert(none + time) is None


@pytest.mark.parametrize("real", ["1899-12-29", "1900-01-02", "0002-01-01", "1970-01-01", "9999-12-31"])
def test_the_days_beside_them_are_dates(real: str) -> None:
    assert str(day(real)) == real


@pytest.mark.parametrize(
    ("convert", "value"),
    [
        (text, {}),
        (text, []),
        (boolean, "maybe"),
        (boolean, 2),
        (integer, "five"),
        (integer, 1.5),
        (integer, True),
        (integer, float("inf")),
        (integer, 2**70),
        (instant, "yesterday"),
        (instant, 5),
        (instant, "9999-12-31T23:00:00-14:00"),
        (day, "31/12/2026"),
        (day, 20260301),
        (items, {}),
        (items, ["x"]),
    ],
)
def test_what_cannot_be_is_odd(convert: Any, value: Any) -> None:
    with pytest.raises(InvalidValue):
        convert(value)


def test_an_odd_value_is_named_by_its_path_and_not_shown_where_it_could_be_personal() -> None:
    with pytest.raises(InvalidValue, match=r"^status\.name: text expected, got dict$"):
        pick(text, {"status": {"name": {}}}, "status", "name")
    with pytest.raises(InvalidValue) as caught:
        pick(day, {"born": "Jane Doe, 1970"}, "born")
    assert str(caught.value) == "born: a date expected, got text of 14 characters"


def test_numbers_come_in_several_spellings() -> None:
    assert [integer(value) for value in (5, 5.0, "5", "5.0", 2**62)] == [5, 5, 5, 5, 2**62]
    assert [boolean(value) for value in (True, "true", "False", 1, "0")] == [True, True, False, True, False]
    assert negated(False) is True
