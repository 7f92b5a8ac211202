"""The filter language, on a record that is a plain dict."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from simulator.connectwise.filter_parser import parse
from simulator.connectwise.filters import conjuncts, field_names
from simulator.messages import ApiError

RECORD = {
    "id": 7,
    "name": "Åkerman & Söner",
    "deletedFlag": False,
    "status/id": 3,
    "website": None,
    "lastUpdated": datetime(2025, 3, 1, 12, tzinfo=timezone.utc),
    "purchaseDate": "2025-03-01T00:00:00Z",
    "configuration/id": (4, 5),
}


@pytest.mark.parametrize(
    "text",
    [
        "id = 7",
        "id!=8",
        "id>6 and id<8 and id>=7 and id<=7",
        "status/id in (1, 2, 3)",
        "status/id not in (1,2)",
        'name = "åkerman & söner"',
        'name like "*söner"',
        'name like "%kerman%"',
        'name not like "x*"',
        'name contains "man"',
        "website = null",
        "name != null",
        "deletedFlag = False",
        "deletedFlag != true",
        "lastUpdated > [2025-03-01T11:59:59Z]",
        "lastUpdated > [2025-03-01T11:59:59]",
        "lastUpdated >= [2025-03-01]",
        "purchaseDate = [2025-03-01T00:00:00Z]",
        "id = 1 or id = 7 and deletedFlag = False",
        "(id = 1 or id = 7) AND NOT (deletedFlag = True)",
        "configuration/id = 5",
    ],
)
def test_a_condition_holds(text: str) -> None:
    assert parse(text).holds(RECORD.get)


@pytest.mark.parametrize(
    "text",
    [
        "id = 8",
        "id > 7",
        'name like "söner"',
        "website != null",
        'website = "x"',
        'website != "x"',
        'id = "7"',
        "deletedFlag = 0",
        "configuration/id = 6",
        "id = 7 and (id = 1 or id = 2)",
        "lastUpdated > [2025-03-01T12:00:00Z]",
    ],
)
def test_a_condition_does_not_hold(text: str) -> None:
    assert not parse(text).holds(RECORD.get)


@pytest.mark.parametrize(
    "text",
    [
        "id",
        "id =",
        "id = 1 and",
        "(id = 1",
        "id = 1)",
        "id in ()",
        "id in 1",
        "id = yes",
        "= 1",
        "id ~ 1",
        "name = 'single quotes'",
        'name = "open',
        "lastUpdated > 2025-03-01T00:00:00Z",
        "lastUpdated > [yesterday]",
        "lastUpdated > [2025-13-01]",
        "lastUpdated > [2025-03-01T00:00:00+00:00]",
        "id = 1 id = 2",
    ],
)
def test_a_malformed_condition_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as error:
        parse(text)
    assert (error.value.status, error.value.code) == (400, "ApiFindCondition")


def test_a_quote_inside_text_is_escaped() -> None:
    assert parse(r'name = "say \"hi\""').holds({"name": 'say "hi"'}.get)


def test_the_fields_of_an_expression_are_known() -> None:
    assert list(field_names(parse('a=1 and not (b/c in (1) or d like "x")'))) == ["a", "b/c", "d"]


def test_only_parts_joined_with_and_must_all_hold() -> None:
    assert len(conjuncts(parse("a=1 and b=2 and c=3"))) == 3
    assert len(conjuncts(parse("a=1 or b=2"))) == 1
