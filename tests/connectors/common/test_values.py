"""JSON values, odd ones included."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.connectors.common.tickets import hours
from include.connectors.common.values import (
    InvalidValue,
    an_object,
    boolean,
    day,
    instant,
    integer,
    items,
    may_be_true,
    negated,
    objects,
    pick,
    text,
    text_key,
    whole_key,
)
from include.model.numbers import Number
from include.model.strict_json import Ambiguous

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
EMPTY: list[Any] = [None, "", "  ", "\t\n", "\u00a0", [], {}]
MOMENTS = st.datetimes(datetime(1901, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001 - hypothesis adds it


@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize(
    "convert", [text, text_key, boolean, negated, integer, whole_key, instant, day, hours, items, objects, an_object]
)
def test_empty_in_any_form_is_empty(convert: Any, empty: Any) -> None:
    assert not convert(empty)
    assert convert(empty) is not False


@pytest.mark.parametrize("empty", EMPTY)
def test_a_path_ends_at_what_is_empty_in_any_form(empty: Any) -> None:
    assert pick(text, {}, "a", "b") is None
    assert pick(text, {"a": empty}, "a", "b") is None
    assert pick(text, empty, "a") is None
    assert pick(items, {"list": empty}, "list") == []


def test_empty_entries_of_a_list_are_left_out_unless_each_is_a_row() -> None:
    assert items([None, {"a": 1}, {}, "", []]) == [{"a": 1}]
    assert objects([None, {"a": 1}, {}, "", []]) == [{}, {"a": 1}, {}, {}, {}]


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
        (Number("1.10"), "1.10"),
        (Number("1e3"), "1e3"),
        (12345678901234567890, "12345678901234567890"),
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
        ("2026-03-01T12:00:00.9999999Z", NOON.replace(microsecond=999_999)),
        (" 2026-03-01t12:00:00z ", NOON),
        ("2026-03-01 14:00:00 +0200", NOON),
        ("2026-03-01T07:00-05", NOON),
        ("2026-03-01T17:30+05:30", NOON),
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


SEVERAL = Ambiguous()
NO_MOMENTS = [
    *("yesterday", 5, True, "/Date(1772366400000)/", "2024-W01-1", "2024-W01-1T12:00:00Z", "20240101"),
    *("2026-3-1", "2026-060", "01/03/2026", "03/01/2026 12:00", "01.03.2026", "26-03-01", "20260301T120000"),
    *("2026-02-30T12:00:00Z", "0000-01-01T00:00:00Z", "12026-01-01T00:00:00Z", "\uff12\uff10\uff12\uff16-03-01"),
    *("2026-03-01T24:00:00Z", "2026-03-01T23:59:60Z", "2026-03-01T12:60:00Z", "2026-03-01T12", "2026-03-01T120000Z"),
    *("2026-03-01T12:00:00+5", "2026-03-01T12:00:00+05:3", "2026-03-01T12:00:00+05:60", "2026-03-01T12:00:00+24:00"),
    *("2026-03-01T12:00:00 UTC", "2026-03-01T12:00:00Z!", "2026-03-01T12:00:00,5Z", "2026-03-01T12:00:00.Z"),
    *("2026-03-01 or later", "2026-03-01T12:00:00ZZ", "2026-03-01\nT12:00:00Z", "2026-03-01Z", {"a": 1}, SEVERAL),
]
NO_NUMBERS = [
    *("five", 1.5, "1.5", Number("1.5"), True, False, float("inf"), float("nan"), Number("1e400"), 2**63, -(2**63) - 1),
    *("1e3", "1_000", "1,000", "+5", "-0", "007", "00", "0x10", "5.", ".5", "5.0.0", "\uff11\uff12", "\u0665", "5 5"),
    *("5\x00", "9" * 5000, [5], {"a": 5}, SEVERAL, Number("1e999999999"), Number("9007199254740992.5")),
]
NO_FLAGS = ["maybe", "yes", "t", 2, -1, "2", "01", 0.5, Number("0.1"), [True], {"a": 1}, SEVERAL, "true false"]


@pytest.mark.parametrize(
    ("convert", "value"),
    [
        *((text, value) for value in ({"a": 1}, ["x"], SEVERAL)),
        *((text_key, value) for value in ("A\x00", "A\ud800", {"a": 1}, ["x"], SEVERAL)),
        *((boolean, value) for value in NO_FLAGS),
        *((integer, value) for value in NO_NUMBERS),
        *((instant, value) for value in (*NO_MOMENTS, "9999-12-31T23:00:00-14:00", "9999-12-31T23:59:59-01:00")),
        *((day, value) for value in (*NO_MOMENTS, "31/12/2026", 20260301)),
        *((hours, value) for value in ("1_0", "1e3", "nan", "inf", "\uff11", "+1", True, -1, 10_000, [1], SEVERAL)),
        *(
            (one, value)
            for one in (items, objects)
            for value in ({"a": 1}, ["x"], [{"a": 1}, "x"], "x", 0, False, SEVERAL)
        ),
        *((an_object, value) for value in ([{"a": 1}], "x", 0, False, SEVERAL)),
    ],
)
def test_what_cannot_be_is_invalid(convert: Any, value: Any) -> None:
    with pytest.raises(InvalidValue):
        convert(value)


def test_an_odd_value_is_named_by_its_path_and_not_shown_where_it_could_be_personal() -> None:
    with pytest.raises(InvalidValue, match=r"^status\.name: text expected, got dict$"):
        pick(text, {"status": {"name": {"x": 1}}}, "status", "name")
    with pytest.raises(InvalidValue) as caught:
        pick(day, {"born": "Jane Doe, 1970"}, "born")
    assert str(caught.value) == "born: a date expected, got text of 14 characters"


def test_numbers_come_in_several_spellings() -> None:
    five = (5, 5.0, "5", "5.0", " 5 ", Number("5.0"), Number("0.5e1"))
    assert [integer(value) for value in (*five, 2**62)] == [*([5] * len(five)), 2**62]
    assert [integer(value) for value in ("9007199254740993", Number("9007199254740993.0"))] == [2**53 + 1] * 2
    assert [whole_key(value) for value in (0, "-1", "-1.0", Number("-0.0"))] == ["0", "-1", "-1", "0"]
    assert negated(False) is True


@pytest.mark.parametrize(
    ("flag", "spellings"),
    [
        (True, [True, "true", "True", " TRUE ", 1, "1", 1.0, "1.0", Number("1.0")]),
        (False, [False, "false", "False", 0, "0", 0.0, "0.0", Number("0.00")]),
    ],
)
def test_flags_come_in_several_spellings(flag: bool, spellings: list[Any]) -> None:
    assert [boolean(value) for value in spellings] == [flag] * len(spellings)


@pytest.mark.parametrize(
    ("flag", "may_be"), [(None, False), ("", False), ({}, False), (0, False), (1, True), ("?", True)]
)
def test_a_flag_that_protects_something_counts_as_set_where_it_cannot_be_read(flag: Any, may_be: bool) -> None:
    assert may_be_true(flag) is may_be


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_whole_number_is_the_same_in_every_spelling(number: int) -> None:
    spellings = (number, str(number), f" {number}\t", f"{number}.0", Number(f"{number}.00"))
    assert [integer(value) for value in spellings] == [number] * len(spellings)
    assert whole_key(str(number)) == str(number)


@given(st.one_of(st.text(max_size=12), st.text("0123456789.-+_eE \uff11", max_size=12)))
def test_text_is_a_number_only_where_the_number_is_spelled_like_it(typed: str) -> None:
    try:
        number = integer(typed)
    except InvalidValue:
        return
    digits, _, fraction = typed.strip().partition(".")
    assert (digits, fraction.strip("0")) == ("" if number is None else str(number), "")


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_the_same_with_any_offset(moment: datetime, minutes: int) -> None:
    assert instant(moment.isoformat()) == moment
    assert instant(moment.replace(tzinfo=None).isoformat(" ")) == moment
    with suppress(OverflowError):
        elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
        assert instant(elsewhere.isoformat()) == moment
        assert day(elsewhere.isoformat()) == elsewhere.date()


@given(st.text("0123456789-T:.Z+ W", min_size=8, max_size=30))
def test_a_stamp_that_is_read_has_a_year_month_and_day_in_that_order(typed: str) -> None:
    with suppress(InvalidValue):
        written = day(typed)
        assert written is None or typed.strip().startswith(written.isoformat())


@given(st.text(max_size=20), st.text(max_size=20))
def test_two_text_keys_are_never_one(one: str, other: str) -> None:
    with suppress(InvalidValue):
        if text_key(one) is not None and text_key(one) == text_key(other):
            assert one == other
