"""Several listings that are read as one, by several attempts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from include.http.parts import Part, in_parts
from include.model.page import START, Page, Position, PositionLost


@dataclass
class Server:
    """Lists of records by name, a record on a page."""

    lists: dict[str, list[int]]
    asked: list[str] = field(default_factory=list)

    def part(self, name: str) -> Part:
        def pages(begin: Position | None) -> Iterator[Page]:
            for number, key in enumerate(self.lists[name], 1):
                if begin is None or begin == START or number > begin.at:
                    self.asked.append(f"{name}{key}")
                    yield Page([key], position=Position(name, number) if begin else None)

        def is_as_it_was(end: Position | None) -> bool:
            return len(self.lists[name]) == (end.at if end else 0)

        return Part(name, pages, is_as_it_was)

    def pages(self, resume: Position | None) -> Iterator[Page]:
        return in_parts("all", [self.part(name) for name in self.lists], resume)

    def read(self, resume: Position, *, records: int) -> Position:
        """An attempt that ends after so many records; its last position."""
        for page in self.pages(resume):
            resume, records = page.position or resume, records - len(page.records)
            if records <= 0:
                break
        return resume


def listed(pages: Iterator[Page]) -> list[int]:
    return [record for page in pages for record in page.records]


@pytest.mark.parametrize("records", range(1, 6))
def test_the_parts_are_listed_one_after_the_other_behind_any_position(records: int) -> None:
    server = Server({"a": [1, 2], "b": [], "c": [3, 4, 5]})
    position = server.read(START, records=records)
    assert listed(server.pages(position)) == [1, 2, 3, 4, 5][records:]


def test_without_positions_there_are_none() -> None:
    assert [page.position for page in Server({"a": [1], "b": [2]}).pages(None)] == [None, None]


def test_a_part_that_was_read_is_read_again_when_it_has_changed() -> None:
    server = Server({"a": [1, 2], "b": [3, 4], "c": [5, 6]})
    position = server.read(START, records=5)
    server.lists["b"].append(server.lists["c"].pop())  # a record moves between the attempts
    server.asked.clear()
    assert listed(server.pages(position)) == [3, 4, 6]
    assert server.asked == ["b3", "b4", "b6"]


def test_a_third_attempt_does_not_read_a_part_again_that_the_second_has_read_again() -> None:
    server = Server({"a": [1, 2], "b": [3, 4, 5]})
    position = server.read(START, records=3)
    server.lists["a"].append(6)
    position = server.read(position, records=4)
    assert listed(server.pages(position)) == [5]


@pytest.mark.parametrize("lists", [{"a": [1, 2], "x": [3]}, {"b": [3]}, {"x": [], "a": [1, 2], "b": [3]}, {}])
def test_a_position_is_lost_when_the_parts_up_to_it_are_others(lists: dict[str, list[int]]) -> None:
    position = Server({"a": [1, 2], "b": [3, 4]}).read(START, records=3)
    with pytest.raises(PositionLost, match="the list that says what to read has changed"):
        listed(Server(lists).pages(position))


def test_further_parts_are_read_as_well() -> None:
    position = Server({"a": [1, 2], "b": [3, 4]}).read(START, records=3)
    assert listed(Server({"a": [1, 2], "b": [3, 4], "c": [5]}).pages(position)) == [4, 5]
