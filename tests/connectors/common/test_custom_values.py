"""A custom field that fills a column: dates are parsed, everything else is text."""

from __future__ import annotations

from datetime import date

import pytest

from include.connectors.common.custom_values import DATES, column_value
from include.connectors.common.values import InvalidValue


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


def test_a_value_that_is_no_such_date_is_invalid_and_the_message_does_not_repeat_it() -> None:
    with pytest.raises(InvalidValue, match=r"^a date like %d\.%m\.%y expected$"):
        column_value("purchase_date", "soon", "%d.%m.%y")


def test_any_other_column_takes_text_and_several_values_as_a_list_of_them() -> None:
    assert column_value("notes", "01.03.26", "%d.%m.%y") == "01.03.26"
    for several in (["Owner", None, "Billing"], ["Billing", "Owner"]):
        assert column_value("type", several, "") == "Billing, Owner"


def test_an_empty_field_leaves_the_column_to_the_vendor() -> None:
    assert column_value("purchase_date", " ", "") is None
