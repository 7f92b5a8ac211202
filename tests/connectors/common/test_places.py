"""Places in a numbered list of tickets, as they go through a browser."""

from __future__ import annotations

import pytest

from include.connectors.common.tickets import Place, place
from include.model.errors import FormError


def test_a_list_goes_on_while_fewer_tickets_came_than_the_server_counts() -> None:
    second = Place(1).next(2, 5)
    assert second == Place(2, 2)
    third = Place(2, 2).next(2, 5)
    assert (third, third and third.next(1, 5)) == (Place(3, 4), None)


def test_an_empty_page_is_the_last_one_whatever_the_server_counts() -> None:
    assert Place(1).next(0, 5) is None


def test_a_place_comes_back_as_it_was_given() -> None:
    assert (place(""), place(str(Place(3, 100)))) == (None, Place(3, 100))


@pytest.mark.parametrize("cursor", ["2", "01-1", "-1-2", "2-2&x=1", "2-2\n", "\u0662-\u0662", "../x", "2-" + "9" * 99])
def test_anything_else_is_refused(cursor: str) -> None:
    with pytest.raises(FormError, match="not the address of a page"):
        place(cursor)
