"""Where a column comes from, and that every column of a table has to be mentioned."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest

from include.connectors.common.column_check import check_columns
from include.connectors.common.columns import (
    Column,
    at,
    by_id,
    either,
    first_of,
    flagged_or_first,
    flags,
    joined,
    latest,
    not_available,
    phone,
)
from include.connectors.common.values import InvalidValue, instant, integer, text
from include.model.page import Record
from include.model.tables import BY_NAME

ENTRIES: list[Record] = [{"id": 2}, {"id": "3", "main": True}, {"id": 10, "main": True}, {"a": 1}, {"b": 1}]
STATUSES = dict.fromkeys(("source_id", *BY_NAME["company_statuses"].facts), at(text, "x"))


def test_a_column_is_the_value_at_its_path() -> None:
    column = at(integer, "site.id", note="of the site")
    assert (column.fields, column.note) == (("site.id",), "of the site")
    assert [column.read(record, None) for record in ({"site": {"id": "7"}}, {"site": None}, {})] == [7, None, None]
    with pytest.raises(InvalidValue, match=r"^site\.id: a whole number expected"):
        column.read({"site": {"id": "x"}}, None)


@pytest.mark.parametrize(
    ("record", "value"), [({"owner": {"id": 1}}, 1), ({"owner": None, "old": 2}, None), ({"old": 2}, 2)]
)
def test_an_older_name_is_read_only_where_the_record_does_not_have_the_new_one(
    record: Record, value: int | None
) -> None:
    assert at(integer, "owner.id", older="old").read(record, None) == value


def test_of_several_fields_the_first_that_is_filled_in_counts() -> None:
    column = first_of(text, "name", "company.name")
    assert column.fields == ("name", "company.name")
    assert [column.read(r, None) for r in ({"name": " ", "company": {"name": "B"}}, {"name": "A"}, {})] == [
        "B",
        "A",
        None,
    ]


@pytest.mark.parametrize(
    ("record", "name"),
    [({"first": "Ann", "last": "Lee"}, "Ann Lee"), ({"first": None, "last": "Lee"}, "Lee"), ({"first": " "}, None)],
)
def test_parts_of_a_name_are_joined_and_empty_ones_leave_no_blank(record: Record, name: str | None) -> None:
    assert joined("first", "last").read(record, None) == name


def test_of_several_columns_the_first_that_is_not_empty_counts() -> None:
    column = either(at(text, "name"), joined("first", "last"))
    assert column.fields == ("name", "first", "last")
    assert [column.read(r, None) for r in ({"name": "A", "first": "B"}, {"name": "", "first": "B"}, {})] == [
        "A",
        "B",
        None,
    ]


def test_of_several_moments_the_last_counts_and_an_invalid_one_is_reported_with_it() -> None:
    column = latest("a", "b.c")
    early, late = "2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z"
    for record in ({"a": early, "b": {"c": late}}, {"a": late}, {"a": late, "b": []}):
        assert column.read(record, None) == instant(late)
    assert column.read({}, None) is None
    with pytest.raises(InvalidValue, match=r"^b\.c: a date and time expected") as caught:
        column.read({"a": early, "b": {"c": "soon"}}, None)
    assert caught.value.usable == instant(early)


def test_of_several_entries_the_flagged_one_counts_otherwise_the_first() -> None:
    one, two, three = {"id": 1}, {"id": 2, "main": True}, {"id": 3, "main": True}
    assert flagged_or_first([one, two, three], "main") is two
    assert flagged_or_first([one, {"id": 4, "main": False}], "main") is one
    assert flagged_or_first([], "main") is None


@pytest.mark.parametrize("entries", list(permutations(ENTRIES)))
def test_the_order_of_a_list_decides_nothing(entries: Sequence[Record]) -> None:
    assert by_id(entries) == ENTRIES
    assert flagged_or_first(entries, "main") == {"id": "3", "main": True}
    assert flagged_or_first(entries, "other") == {"id": 2}


@pytest.mark.parametrize(
    ("number", "extension"),
    [
        ("555-0100 x123", "123"),
        ("5550100x5", "5"),
        ("(555) 555-0100 ext. 12", "12"),
        ("+49 89 555 0100, Ext 7", "7"),
        ("555-0100 extension: 44", "44"),
        ("555-0100 (x12)", "12"),
        ("+1-555-555-0100;ext=9", "9"),
        ("555-0100", None),
        ("555-0100 x", None),
        ("x123", None),
        ("555-0100 or 555-0199", None),
        ("555-0100 fax 12", None),
        ("555-0100 x12 / 555-0199", None),
        ("555-0100 x12 (Ann)", None),
        ("1-800-FLOWERX22", None),
        ("1" * 50_000 + " " * 50_000, None),
        (None, None),
    ],
)
def test_an_extension_is_read_from_a_number_where_it_is_unmistakable(number: str | None, extension: str | None) -> None:
    columns = phone("work", "mobile", extension="ext")
    record = {"work": "", "mobile": number}
    assert columns["phone"].read(record, None) == number
    assert columns["phone_extension"].read(record, None) == extension


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"work": "555-0100", "ext": "7", "mobile": "555-0199"}, ("555-0100", "7")),
        ({"work": "555-0100 x8", "ext": "7"}, ("555-0100 x8", "7")),
        ({"work": None, "ext": "7", "mobile": "555-0199"}, ("555-0199", None)),
        ({"ext": "7"}, (None, "7")),
    ],
)
def test_an_extension_of_its_own_is_that_of_the_first_number(record: Record, found: tuple[str, str]) -> None:
    columns = phone("work", "mobile", extension="ext")
    assert (columns["phone"].read(record, None), columns["phone_extension"].read(record, None)) == found


def test_flags_are_labels_in_a_fixed_order() -> None:
    column = flags({"vip": "Important", "service": "Service account"})
    found = [column.read(r, None) for r in ({"service": 1, "vip": True}, {"service": "true"}, {"vip": False}, {})]
    assert found == ["Important, Service account", "Service account", None, None]


def test_a_column_that_the_vendor_does_not_have_is_null_and_says_so() -> None:
    column = not_available("No such thing.")
    assert (column.read({"anything": 1}, None), column.fields, column.is_available) == (None, (), False)


def test_all_columns_of_a_table_have_to_be_mentioned_and_no_other() -> None:
    check_columns("company_statuses", STATUSES)
    check_columns("company_statuses", STATUSES | {"deleted_at": at(text, "x"), "kept": at(text, "x")})
    fewer = {name: column for name, column in STATUSES.items() if name != "is_default"}
    with pytest.raises(ValueError, match=r"company_statuses\.is_default: say where it comes from"):
        check_columns("company_statuses", fewer)
    with pytest.raises(ValueError, match=r"'nmae' is not a column of company_statuses\. Did you mean 'name'\?"):
        check_columns("company_statuses", STATUSES | {"nmae": at(text, "x")})


def test_columns_may_be_divided_between_listing_and_details() -> None:
    details: dict[str, Column[object]] = {"is_default": at(text, "x")}
    check_columns("company_statuses", {name: STATUSES[name] for name in STATUSES.keys() - details.keys()}, details)


def test_custom_fields_have_to_be_mentioned_unless_the_vendor_has_a_place_for_them() -> None:
    columns = {name: at(text, "x") for name in ("source_id", *BY_NAME["assets"].facts) if name != "custom_fields"}
    check_columns("assets", columns, has_custom=True)
    with pytest.raises(ValueError, match=r"assets\.custom_fields: say where"):
        check_columns("assets", columns)
