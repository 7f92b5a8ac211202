"""What Syncro's list of customers shows of changes since a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from include.connectors import load
from include.connectors.contract import ReadContext
from include.model.errors import FilterIgnored
from include.model.request import QUICK, Request
from include.model.scope import Scope
from include.model.setup import CompanyChoice, Setup
from simulator.daily_changes import apply_daily_changes
from simulator.world import World
from tests.support.rig import Rig, rig
from tests.support.scripted_server import Asked, Line
from tests.support.truth import differences
from tests.support.truth.syncro import truth
from tests.support.worlds import new_world

NOWHERE = "postgresql://nowhere.invalid/none"
NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
SINCE = NOW - timedelta(hours=1)


def changed(client: Any, since: datetime, table: str = "companies", **scope: Any) -> list[Any]:
    """The records that changed, as a quick run reads them."""
    stream = next(one for one in load("syncro").streams if one.table == table)
    assert stream.changed is not None
    setup = scope.pop("setup", Setup())
    context: ReadContext[Any] = ReadContext(client, setup, Scope(since=since, **scope))
    if stream.changed_companies:
        companies = frozenset(stream.changed_companies(context))
        context = replace(context, scope=replace(context.scope, companies=companies))
    return [one for page in stream.changed(context) for one in page.records]


def customers(*minutes: float, first: int = 1) -> list[dict[str, Any]]:
    """Customers that changed so many minutes before `NOW`."""
    stamps = [(NOW - timedelta(minutes=one)).isoformat() for one in minutes]
    return [{"id": first + place, "business_name": f"C{place}", "updated_at": at} for place, at in enumerate(stamps)]


def latest_first(record: dict[str, Any]) -> str:
    return str(record["updated_at"])


class Server:
    """Lists customers three to a page, ordered as it was asked to, unless `order` gives an order of its own."""

    def __init__(self, records: list[dict[str, Any]], order: Callable[[str], list[Any]] | None = None) -> None:
        self.records, self.order = records, order or self.sorted
        self.meta = True
        self.asked: list[Asked] = []
        self.between: Callable[[], object] = lambda: None
        """What happens after each page."""

    def sorted(self, sort: str) -> list[Any]:
        return sorted(self.records, key=latest_first, reverse=sort.endswith("DESC"))

    def __call__(self, asked: Asked) -> Any:
        self.asked.append(asked)
        number, records = int(asked.query["page"]), self.order(asked.query.get("sort", ""))
        meta = {"total_pages": -(-len(records) // 3), "total_entries": len(records), "page": number, "per_page": 3}
        body = {"customers": records[3 * number - 3 : 3 * number], **({"meta": meta} if self.meta else {})}
        self.between()
        return body

    def changed(self, since: datetime = SINCE) -> list[int]:
        client = Line(self).client("syncro", "https://acme.syncromsp.com")
        return [record["id"] for record in changed(client, since)]


MANY = (1, 2, 3, 4, 90, 100, 110, 120)


@pytest.fixture
def world() -> World:
    return new_world(companies=250)


def changed_in(running: Rig, since: datetime, **more: Any) -> set[int]:
    return {record["id"] for record in changed(running.client(), since, **more)}


def test_customers_that_changed_are_read_and_few_pages(world: World) -> None:
    since = world.now
    day = apply_daily_changes(world, adds=3, edits=4, deletes=2)
    with rig(NOWHERE, world, vendor="syncro") as running:
        alive = {
            key for key in (*day.edited["companies"], *day.added["companies"]) if not world.companies[key].is_deleted
        }
        assert changed_in(running, since) == alive
        assert len(running.simulator.requests) == 2


def test_the_addresses_of_customers_that_changed_are_read(world: World) -> None:
    since = world.now
    day = apply_daily_changes(world, adds=0, edits={"companies": 5}, deletes=0)
    with rig(NOWHERE, world, vendor="syncro") as running:
        sites = changed(running.client(), since, "company_sites")
    assert {site["customer"]["id"] for site in sites} == set(day.edited["companies"])


def test_setup_and_the_scope_choose_companies_as_in_a_full_listing(world: World) -> None:
    since = world.now
    apply_daily_changes(world, adds=0, edits={"companies": 200}, deletes=0)
    with rig(NOWHERE, world, vendor="syncro") as running:
        every = changed(running.client(), since)
        setup = Setup(companies=CompanyChoice(statuses=("disabled",)))
        disabled = {record["id"] for record in every if record["disabled"]}
        assert disabled
        assert changed_in(running, since, setup=setup) == disabled
        some = every[0]["id"]
        assert changed_in(running, since, company=str(some)) == {some}


def test_a_server_that_ignores_the_order_is_noticed(world: World) -> None:
    faults = ["ignored_parameter:param=sort"]
    with rig(NOWHERE, world, vendor="syncro", faults=faults) as running, pytest.raises(FilterIgnored, match="order"):
        changed_in(running, world.now - timedelta(days=1))


@pytest.mark.parametrize("many", [1, 3, 4, 6, 8])
def test_pages_are_read_until_customers_are_older(many: int) -> None:
    server = Server(customers(*MANY[:many]))
    assert server.changed() == [1, 2, 3, 4][:many]
    assert all(asked.query["include_disabled"] == "true" for asked in server.asked)


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda records: lambda _: sorted(records, key=lambda r: -r["id"]), id="newest created first"),
        pytest.param(lambda records: lambda _: sorted(records, key=latest_first, reverse=True), id="always the latest"),
        pytest.param(lambda records: lambda _: sorted(records, key=latest_first), id="always the earliest"),
        pytest.param(lambda records: lambda _: records, id="as they were entered"),
        pytest.param(
            lambda records: lambda sort: sorted(records, key=latest_first) if sort.endswith("ASC") else records,
            id="only the earliest first",
        ),
    ],
)
def test_an_order_that_hides_changes_is_refused(order: Any) -> None:
    """Newest created first looks like latest changed first where only new customers have changed."""
    records = customers(2, 500, 400, 3, 300, 200, 100, 90)
    with pytest.raises(FilterIgnored):
        Server(records, order(records)).changed()


def test_an_order_by_creation_that_looks_like_one_by_change_is_refused() -> None:
    records = customers(2, 80, 85, 90, 95, 100, 3)
    with pytest.raises(FilterIgnored, match="earliest"):
        Server(records, lambda _: records).changed()


def test_equal_times_prove_no_order() -> None:
    with pytest.raises(FilterIgnored):
        Server(customers(90, 90, 90, 90)).changed()


def test_customers_that_changed_at_the_same_time_over_the_end_of_a_page_are_not_proven() -> None:
    with pytest.raises(FilterIgnored, match="same time"):
        Server(customers(1, 2, 3, 3, 4, 90)).changed()


def test_a_deletion_between_two_pages_may_have_moved_a_customer_out_of_sight() -> None:
    server = Server(customers(*MANY))
    server.between = lambda: server.records.pop(0) if len(server.asked) == 1 else None
    with pytest.raises(FilterIgnored, match="fewer"):
        server.changed()


def test_an_addition_between_two_pages_repeats_a_customer_and_hides_none() -> None:
    server = Server(customers(*MANY))
    server.between = lambda: server.records.extend(customers(0.5, first=99)) if len(server.asked) == 1 else None
    assert server.changed() == [1, 2, 3, 3, 4]


@pytest.mark.parametrize(("many", "is_proven"), [(MANY, False), ((1, 70, 80, 90), True)])
def test_without_counts_one_page_can_be_proven_and_several_cannot(many: tuple[float, ...], is_proven: bool) -> None:
    server = Server(customers(*many))
    server.meta = False
    if is_proven:
        assert server.changed() == [1]
    else:
        with pytest.raises(FilterIgnored, match="not counted"):
            server.changed()


def test_an_empty_list_proves_nothing() -> None:
    with pytest.raises(FilterIgnored, match="none"):
        Server([]).changed()


def test_a_time_that_cannot_be_read_hides_no_customer() -> None:
    records = customers(1, 90, 100, 110)
    odd = [{"id": 50, "updated_at": None}, {"id": 51, "updated_at": "soon"}]
    server = Server(records, lambda sort: [records[0], *odd, *records[1:]] if sort.endswith("DESC") else records[::-1])
    assert server.changed() == [1, 50, 51]


def test_times_are_compared_as_moments_and_not_as_texts() -> None:
    """Offsets differ in summer and winter, even within one account."""
    written = [
        "2026-11-24T13:59:00.119+02:00",
        "2026-11-24T11:58:00Z",
        "2026-11-24T05:57:00.5-06:00",
        "2026-11-23T23:00Z",
    ]
    records = [{"id": place, "updated_at": at} for place, at in enumerate(written)]
    assert Server(records, lambda sort: records if sort.endswith("DESC") else records[::-1]).changed() == [0, 1, 2]


def test_a_quick_run_lists_all_companies_where_the_server_ignores_the_order(warehouse_dsn: str) -> None:
    kinds = ("companies", "sites")
    with rig(warehouse_dsn, new_world(companies=120), vendor="syncro") as running:
        running.run(*kinds)
        running.simulator.faults.add("ignored_parameter:param=sort")
        apply_daily_changes(running.simulator.world, adds=2, edits=2, deletes=1)
        running.run(request=Request(kinds=kinds, extent=QUICK))
        last = running.rows("sync_runs", f"run_id LIKE '%run {running.runs}'")
        assert {row["table_name"] for row in last if "in the order of" in row["note"]} == {"companies", "company_sites"}
        expected = truth(running.simulator.world, running.setup)
        tables = ("companies", "company_sites")
        assert [line for table in tables for line in differences(running.rows(table), expected[table])] == []
