"""What was seen of the fields that columns read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from include.connectors.common.columns import at, first_of
from include.connectors.common.shapes import Shapes, has_field, tree_of
from include.connectors.common.values import text

COLUMNS = {"name": first_of(text, "name", "type.name"), "mail": at(text, "emails[].address")}


def shapes(*records: Any) -> Shapes:
    seen = Shapes(tree_of(COLUMNS))
    seen.look(records)
    return seen


@pytest.mark.parametrize(
    ("value", "types"),
    [
        ("x", {"text"}),
        (0, {"number"}),
        (Decimal("1.5"), {"number"}),
        (False, {"boolean"}),
        ([1], {"list"}),
        ({"a": 1}, {"object"}),
        (None, set()),
        ("", set()),
        ("  ", set()),
        ([], set()),
        ({}, set()),
    ],
)
def test_the_type_of_a_value_is_that_of_json_and_an_empty_one_has_none(value: Any, types: set[str]) -> None:
    one = shapes({"name": value}).fields["name"]
    assert (one.types, one.present) == (types, 1)


def test_fields_inside_objects_and_lists_are_seen() -> None:
    seen = shapes({"type": {"name": "A"}, "emails": [{"address": "a"}, {"address": 1}, None, "x"]}).fields
    assert seen["type.name"].types == {"text"}
    assert (seen["emails"].types, seen["emails.address"].types) == ({"list"}, {"text", "number"})


def test_an_object_that_became_a_list_of_objects_still_has_its_fields() -> None:
    seen = shapes({"type": [{"name": "A"}]}).fields
    assert (seen["type"].types, seen["type.name"].present) == ({"list"}, 1)


@pytest.mark.parametrize("record", [None, "x", 3, [], ["x"]])
def test_a_record_that_is_no_object_has_no_fields(record: Any) -> None:
    assert shapes(record).fields["name"].looked_at == 0


@pytest.mark.parametrize(("with_it", "without", "share"), [(2, 0, 1.0), (1, 2, 0.33), (1, 500, 0.0), (0, 5, 0.0)])
def test_the_share_of_records_with_a_field_is_a_whole_percentage(with_it: int, without: int, share: float) -> None:
    seen = shapes(*[{"name": None}] * with_it, *[{}] * without)
    assert seen.fields["name"].share == share


def test_names_are_found_in_lower_case_as_well() -> None:
    columns = {"mail": at(text, "Emails.EmailAddress")}
    records = [{"emails": [{"emailaddress": "a"}]}]
    seen = Shapes(tree_of(columns))
    seen.look(records)
    assert seen.fields["Emails.EmailAddress"].present == 1
    assert has_field(records, "Emails.EmailAddress")
    assert not has_field(records, "Emails.Address")
