"""Opening answers: what is missing or invalid is an error, and never an empty list."""

from __future__ import annotations

import pytest

from include.connectors.common.responses import count_at, listed, member, required_count, required_key
from include.model.errors import ShapeError
from include.model.page import Record


def test_a_member_is_the_value_under_its_key() -> None:
    assert member({"rows": [1]}, "rows", list, "PSA: /things") == [1]


@pytest.mark.parametrize(
    ("body", "found"), [({}, "nothing"), ({"rows": None}, "NoneType"), ({"rows": {}}, "dict"), ([], "nothing")]
)
def test_a_member_that_is_missing_or_of_another_kind_is_an_error_that_says_what_came(body: Record, found: str) -> None:
    with pytest.raises(ShapeError, match=rf"PSA: /things answered with {found} under 'rows', not with a list"):
        member(body, "rows", list, "PSA: /things")


def test_a_list_is_a_list() -> None:
    assert listed([1], "PSA: /things") == [1]
    with pytest.raises(ShapeError, match="PSA: /things answered with dict, not with a list"):
        listed({"rows": []}, "PSA: /things")


@pytest.mark.parametrize("spelled", [7, 7.0, "7"])
def test_a_count_may_be_spelled_as_text(spelled: Record) -> None:
    assert count_at({"meta": {"total": spelled}}, "PSA: /things", "meta", "total") == 7


@pytest.mark.parametrize("body", [{}, {"meta": None}, {"meta": {"total": None}}])
def test_a_missing_count_is_none_unless_it_is_required(body: Record) -> None:
    assert count_at(body, "PSA: /things", "meta", "total") is None
    with pytest.raises(ShapeError, match=r"PSA: /things answered without 'meta.total'"):
        required_count(body, "PSA: /things", "meta", "total")


@pytest.mark.parametrize("total", ["many", "", " ", [], {}, True, 7.5, "007", [7]])
def test_an_invalid_count_is_an_error_and_never_empty(total: Record) -> None:
    with pytest.raises(
        ShapeError, match=r"PSA: /things answered with an invalid count: meta\.total is no whole number"
    ):
        count_at({"meta": {"total": total}}, "PSA: /things", "meta", "total")


@pytest.mark.parametrize("meta", ["", [], "none", 0])
def test_a_count_in_something_else_than_an_object_is_an_error(meta: Record) -> None:
    with pytest.raises(ShapeError, match=r"PSA: /things answered with \w+ where 'total' should be"):
        count_at({"meta": meta}, "PSA: /things", "meta", "total")


@pytest.mark.parametrize("spelled", [7, 7.0, "7", "7.0"])
def test_a_key_is_a_whole_number_however_it_is_spelled(spelled: Record) -> None:
    assert required_key({"id": spelled}, "PSA: /things") == 7


@pytest.mark.parametrize("record", [{}, {"id": None}, {"id": "x"}, {"id": 7.5}, {"id": True}, [], None])
def test_a_key_that_other_requests_depend_on_has_to_be_usable(record: Record) -> None:
    with pytest.raises(ShapeError, match="PSA: /things: a record has no usable 'id'"):
        required_key(record, "PSA: /things")
