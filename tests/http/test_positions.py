"""Places in listings, and when a listing cannot go on from one."""

from __future__ import annotations

import pytest

from include.http.numbered import Numbered
from include.http.paging import Keyset, integer_key
from include.http.positions import KeyPositions
from include.model.page import START, Page, Position, PositionLost


def behind_second_of(*keys: str) -> Position:
    """The position behind the second of these keys."""
    positions = KeyPositions("companies")
    return [positions.after(key) for key in keys][1]


def test_what_is_behind_a_key_may_change() -> None:
    assert KeyPositions("companies").behind(["1", "2", "4", "5"], behind_second_of("1", "2", "3")) == ["4", "5"]
    assert KeyPositions("companies").behind(["1", "2"], START) == ["1", "2"]


@pytest.mark.parametrize("keys", [["2", "3"], ["0", "1", "2", "3"], ["1", "3"], ["2", "1", "3"], []])
def test_a_position_is_lost_when_a_key_up_to_it_has_come_or_gone(keys: list[str]) -> None:
    with pytest.raises(PositionLost, match="the list that says what to read has changed"):
        KeyPositions("companies").behind(keys, behind_second_of("1", "2", "3"))


@pytest.mark.parametrize(("now", "is_as_it_was"), [(3, True), (2, False), (4, False), (None, False)])
def test_a_listing_by_key_is_as_it_was_if_the_server_counts_as_many(now: int | None, is_as_it_was: bool) -> None:
    page = Page([{"id": 1}, {"id": 2}, {"id": 3}])
    listing = Keyset("things", lambda *_: page, lambda _: None, lambda _: 3, 100, 25, 1)
    (read,) = listing.pages(START)
    later = Keyset("things", lambda *_: page, lambda _: None, lambda _: now, 100, 25, 1)
    assert later.is_as_it_was(read.position) is is_as_it_was


@pytest.mark.parametrize(
    ("now", "is_as_it_was"),
    [
        (Page([{"id": 3}]), True),
        (Page([{"id": 4}]), False),
        (Page([]), False),
        (Page([{"id": 3}], total=3), False),
    ],
)
def test_a_listing_by_number_is_as_it_was_if_its_last_page_is(now: Page, is_as_it_was: bool) -> None:
    pages = [Page([{"id": 1}, {"id": 2}]), Page([{"id": 3}]), Page([])]
    listing = Numbered("things", lambda number: pages[number - 1], integer_key)
    end = [page.position for page in listing.pages(START) if page.position][-1]
    assert Numbered("things", lambda _: now, integer_key).is_as_it_was(end) is is_as_it_was
    assert not Numbered("things", lambda _: now, integer_key).is_as_it_was(None)
