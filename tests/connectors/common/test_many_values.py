"""Values of many records at once are what they are one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.connectors.common.many_values import pick_all
from include.connectors.common.values import (
    InvalidValue,
    boolean,
    day,
    instant,
    integer,
    items,
    negated,
    pick,
    text,
    text_key,
    whole_key,
)
from include.model.numbers import Number
from include.model.page import Record
from include.model.strict_json import Ambiguous

CONVERSIONS = (text, text_key, whole_key, integer, boolean, negated, instant, day, items)
MOMENTS = [
    "2026-03-01T12:00:00Z",
    "2026-03-01T12:00:00z",
    "2026-03-01T12:00:00+01:00",
    "2026-03-01 12:00:00Z",
    "2026-03-01",
    "2026-03-01T12:00:00Z\n",
    "2026-03-01T12:00:00.5Z",
    "2026-02-30T12:00:00Z",
    "2026-03-01T24:00:00Z",
    "2026-03-01T12:00:60Z",
    "2026-W01-1T12:00:00Z",
    "202\uff16-03-01T12:00:00Z",
    "0001-01-01T00:00:00Z",
    "1899-12-30T23:59:59Z",
    "1900-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
]
TEXTS = ["", " ", "\x00", "\ud800", "\udc00", "\u2028", "true", " 7", "007"]
NUMBERS = [0, 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1]
OTHERS: list[Record] = [True, 1.5, Number("1.50"), Number("5.0"), Ambiguous(), {}, [], {"a": 1}, [{"a": 1}, {}]]

texts = st.text(max_size=3) | st.sampled_from(TEXTS)
numbers = st.integers() | st.sampled_from(NUMBERS)
moments = st.sampled_from(MOMENTS)
alike = [st.lists(st.none() | values) for values in (texts, numbers, st.booleans(), moments)]
values_of_records = st.one_of(*alike, st.lists(st.none() | texts | numbers | moments | st.sampled_from(OTHERS)))


def outcome(read: Callable[[], Any]) -> Any:
    """What is read, with its types; or that it is invalid."""
    try:
        return [(type(one), one) for one in read()]
    except InvalidValue:
        return InvalidValue


@pytest.mark.parametrize("convert", CONVERSIONS)
@given(values=values_of_records)
def test_they_are_the_same(convert: Callable[[Record], Any], values: list[Record]) -> None:
    records: list[Record] = [{"a": {"b": value}} for value in values]
    assert outcome(lambda: pick_all(convert, records, "a", "b")) == outcome(
        lambda: [pick(convert, record, "a", "b") for record in records]
    )


@pytest.mark.parametrize("parent", [None, {}, "", [], "x", 7, [1]])
def test_a_step_that_is_empty_or_no_object_is_what_it_is_for_one(parent: Record) -> None:
    records: list[Record] = [{"a": {"b": "c"}}, {"a": parent}, {}]
    assert outcome(lambda: pick_all(text, records, "a", "b")) == outcome(
        lambda: [pick(text, record, "a", "b") for record in records]
    )


def test_an_invalid_value_is_named_by_its_path() -> None:
    with pytest.raises(InvalidValue, match=r"^a\.b: a whole number expected, got text of 1 characters$"):
        pick_all(integer, [{"a": {"b": 1}}, {"a": {"b": "x"}}], "a", "b")


def test_usual_moments_are_aware() -> None:
    (moment,) = pick_all(instant, [{"at": "2026-03-01T12:00:00Z"}], "at")
    assert moment == datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    assert moment is not None
    assert moment.tzinfo is timezone.utc


def test_usual_moments_are_read_as_days() -> None:
    moments = [{"at": "2026-03-01T12:00:00Z"}, {"at": None}, {"at": "2026-03-02T00:00:00.5Z"}]
    days = pick_all(day, moments, "at")
    assert days == [date(2026, 3, 1), None, date(2026, 3, 2)]
    assert {type(one) for one in days} == {date, type(None)}
