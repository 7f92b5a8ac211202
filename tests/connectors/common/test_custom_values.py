"""A custom field that fills a column: dates are parsed, everything else is text."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.connectors.common.custom_values import DATES, chosen_values, column_value, storable
from include.connectors.common.values import InvalidValue
from include.model.numbers import Number
from include.model.page import Record
from include.model.strict_json import Ambiguous


def nested(depth: int) -> Record:
    """That many lists and objects inside one another."""
    return {"a": nested(depth - 1)} if depth % 2 else [nested(depth - 1)] if depth else 7


def test_the_columns_that_hold_dates() -> None:
    assert {"purchase_date", "warranty_expires_on"} == DATES


@pytest.mark.parametrize(("value", "format_"), [("2026-03-01T00:00:00Z", ""), ("01.03.26", "%d.%m.%y")])
def test_a_date_is_read_with_or_without_a_format(value: str, format_: str) -> None:
    assert column_value("purchase_date", value, format_) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("value", "format_"), [("1900-01-01T00:00:00", ""), ("0001-01-01", ""), ("31/12/1899", "%d/%m/%Y")]
)
def test_a_date_that_stands_for_none_leaves_the_column_to_the_vendor(value: str, format_: str) -> None:
    assert column_value("purchase_date", value, format_) is None


@pytest.mark.parametrize(
    ("value", "format_"),
    [
        ("1/3/2026", "%d/%m/%Y"),
        ("1 MAR  2026", "%d %b %Y"),
        ("20260301", "%Y%m%d"),
        (20260301, "%Y%m%d"),
        ("2026-03-01T10:00:00.5+0530", "%Y-%m-%dT%H:%M:%S.%f%z"),
    ],
)
def test_a_date_may_be_written_shorter_than_its_format_where_that_is_clear(value: Record, format_: str) -> None:
    assert column_value("purchase_date", value, format_) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("value", "format_"),
    [
        ("1122026", "%d%m%Y"),
        ("2026111", "%Y%m%d"),
        ("31/02/2026", "%d/%m/%Y"),
        ("03/31/2026", "%d/%m/%Y"),
        ("1/3/26", "%d/%m/%Y"),
        ("1/3/2026 or later", "%d/%m/%Y"),
        ("\uff11/3/2026", "%d/%m/%Y"),
        (["1/3/2026", "2/3/2026"], "%d/%m/%Y"),
        ("01/03/2026", ""),
        ("20260301", ""),
        (True, "%Y"),
        (Ambiguous(), ""),
    ],
)
def test_a_date_that_can_be_read_in_two_ways_or_in_none_is_invalid(value: Record, format_: str) -> None:
    with pytest.raises(InvalidValue):
        column_value("purchase_date", value, format_)


@given(st.dates(date(1969, 1, 1), date(2068, 12, 31)), st.sampled_from(["%d.%m.%y", "%Y%m%d", "%b %d, %Y", "%j/%Y"]))
def test_every_date_is_read_as_its_format_writes_it(written: date, format_: str) -> None:
    assert column_value("purchase_date", written.strftime(format_), format_) == written


def test_a_value_that_is_no_such_date_is_invalid_and_the_message_does_not_repeat_it() -> None:
    with pytest.raises(InvalidValue, match=r"^a date like %d\.%m\.%y expected$"):
        column_value("purchase_date", "soon", "%d.%m.%y")


def test_any_other_column_takes_text_and_several_values_as_a_list_of_them() -> None:
    assert column_value("notes", "01.03.26", "%d.%m.%y") == "01.03.26"
    for several in (["Owner", None, "Billing"], ["Billing", "Owner"]):
        assert column_value("type", several, "") == "Billing, Owner"


def test_an_empty_field_leaves_the_column_to_the_vendor() -> None:
    assert column_value("purchase_date", " ", "") is None


def test_chosen_fields_are_stored_under_their_names_and_empty_ones_are_null() -> None:
    chosen = {"a": "1", "b": "2", "c": "3", "d": "4"}
    assert chosen_values({"1": "x", "2": [], "3": " "}, chosen) == {"a": "x", "b": None, "c": None, "d": None}


@pytest.mark.parametrize("value", [True, 0, -0.0, 2**70, Number("10.50"), Number("1e400"), "x ", [1, {"a": [None]}]])
def test_a_value_is_stored_as_it_is(value: Record) -> None:
    assert storable(value) == value
    assert type(storable(value)) is type(value)


@pytest.mark.parametrize(
    "value",
    [
        *(nested(60), Ambiguous(), [Ambiguous()], {"a\x00": 1}, {"\ud800": 1}, float("nan"), float("inf")),
        *(Number("1e131072"), Number("1e-16384"), Number("0." + "1" * 16384)),
    ],
)
def test_a_value_that_postgres_cannot_hold_is_invalid_and_its_field_is_named(value: Record) -> None:
    with pytest.raises(InvalidValue, match=r"^custom field 7: "):
        chosen_values({"7": value}, {"seven": "7"})


def test_a_field_that_setup_did_not_choose_is_not_looked_at() -> None:
    assert chosen_values({"7": Ambiguous(), "8": "x"}, {"eight": "8"}) == {"eight": "x"}
