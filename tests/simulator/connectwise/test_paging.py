"""Pages of ConnectWise listings: both modes, the maximum, the links, and paging by id."""

from __future__ import annotations

import re
from typing import Any

import pytest

from simulator.world import World
from tests.simulator.clients import serve
from tests.simulator.connectwise.client import Client

CONFIGURATIONS = "/company/configurations"
FORWARD = {"pagination-type": "forward-only"}


def relations(link: str) -> dict[str, str]:
    """The addresses of a Link header by relation."""
    return {relation: address for address, relation in re.findall(r'<([^>]*)>; rel="(\w+)"', link)}


def test_a_page_has_25_rows_by_default(client: Client) -> None:
    assert len(client.rows(CONFIGURATIONS)) == 25


def test_a_page_never_has_more_than_1000_rows() -> None:
    with serve(Client, World(companies=2, assets=1003)) as client:
        assert len(client.ids(CONFIGURATIONS, pageSize=5000)) == 1000


def test_pages_together_are_the_whole_table(client: Client, small_world: World) -> None:
    found = [id_ for page in range(1, 6) for id_ in client.ids(CONFIGURATIONS, page=page, pageSize=90)]
    assert found == list(small_world.assets)


def test_a_page_after_the_last_one_is_empty(client: Client) -> None:
    assert client.rows(CONFIGURATIONS, page=1000) == []


def test_the_first_page_links_to_next_and_last_only(client: Client) -> None:
    link = client.ask(CONFIGURATIONS, pageSize=100, orderBy="id asc").headers["Link"]
    assert set(relations(link)) == {"next", "last"}
    assert "page=2" in relations(link)["next"]
    assert "page=4" in relations(link)["last"]
    assert "orderBy=id%20asc" in relations(link)["next"]


def test_the_last_page_links_to_first_and_previous_only(client: Client) -> None:
    assert set(relations(client.ask(CONFIGURATIONS, pageSize=100, page=4).headers["Link"])) == {"first", "prev"}


def test_following_next_reads_all_rows(client: Client, small_world: World) -> None:
    answer = client.ask(CONFIGURATIONS, pageSize=150, fields="id")
    found = [row["id"] for row in answer.json()]
    while "next" in (linked := relations(answer.headers.get("Link", ""))):
        answer = client.session.get(linked["next"], timeout=10)
        found += [row["id"] for row in answer.json()]
    assert found == list(small_world.assets)


def test_forward_only_ends_with_an_empty_link(client: Client, small_world: World) -> None:
    found: list[int] = []
    while True:
        answer = client.ask(
            CONFIGURATIONS, headers=FORWARD, pageSize=150, pageId=found[-1] if found else 0, fields="id", page=9
        )
        found += [row["id"] for row in answer.json()]
        if not answer.headers["Link"]:
            break
        assert f"pageId={found[-1]}" in answer.headers["Link"]
    assert found == list(small_world.assets)


def test_forward_only_cannot_have_an_order(client: Client) -> None:
    assert client.ask(CONFIGURATIONS, headers=FORWARD, orderBy="id asc").status_code == 400


def test_a_resource_without_forward_only_has_no_link(client: Client) -> None:
    assert "Link" not in client.ask("/company/communicationTypes", headers=FORWARD, pageSize=1).headers


def test_paging_by_id_reads_all_rows(client: Client, small_world: World) -> None:
    assert client.every_id(CONFIGURATIONS, size=77) == list(small_world.assets)


def test_paging_by_id_can_have_other_conditions(client: Client, small_world: World) -> None:
    wanted = [id_ for id_, asset in small_world.assets.items() if asset.type_id == 2 and id_ > 5100]
    assert client.ids(CONFIGURATIONS, conditions="id>5100 and type/id=2", orderBy="id asc", pageSize=1000) == wanted


@pytest.mark.parametrize("order", ["name", "name asc", "name desc", "company/name, id desc", "lastUpdated desc"])
def test_rows_come_in_the_requested_order(client: Client, order: str) -> None:
    rows = client.rows(CONFIGURATIONS, orderBy=order, pageSize=1000)
    name, _, direction = order.partition(",")[0].partition(" ")
    keys = {
        "name": lambda row: row["name"].casefold(),
        "company/name": lambda row: row["company"]["name"].casefold(),
        "lastUpdated": lambda row: row["_info"]["lastUpdated"],
    }
    found = [keys[name](row) for row in rows]
    assert found == sorted(found, reverse=direction == "desc")


def test_the_count_is_of_the_rows_that_meet_the_conditions(client: Client, small_world: World) -> None:
    active = sum(asset.is_active for asset in small_world.assets.values())
    assert client.rows(f"{CONFIGURATIONS}/count", conditions="activeFlag=True") == {"count": active}


@pytest.mark.parametrize(
    "query", [{"pageSize": "many"}, {"page": "-1"}, {"orderBy": "nope"}, {"orderBy": "id sideways"}]
)
def test_a_wrong_parameter_is_refused(client: Client, query: dict[str, Any]) -> None:
    assert client.ask(CONFIGURATIONS, **query).status_code == 400
