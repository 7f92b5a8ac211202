"""Filters of the ticket page: what a viewer chose, and what becomes of tickets that do not fit it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from include.connectors.common.ticket_filters import (
    TicketFilter,
    check_filters,
    chosen,
    chosen_keys,
    state_filter,
)
from include.connectors.common.tickets import words
from include.model.errors import FormError, ShapeError
from include.model.tickets import Reference, State, TicketQuery

QUERY = TicketQuery(
    board=Reference("1", "Help"), statuses=[Reference("2", "New"), Reference("3", "New")], owner=Reference("4", "Eve")
)
TEAM = TicketFilter("team", lambda record: words(record, "team") or None, frozenset({"help"}))
HELP, SALES, SILENT = {"id": 1, "team": "help"}, {"id": 2, "team": "sales"}, {"id": 3}


def test_a_query_names_its_filters_by_the_tickets_fields() -> None:
    assert {name: [one.key for one in some] for name, some in chosen(QUERY).items()} == {
        "board": ["1"],
        "status": ["2", "3"],
        "owner": ["4"],
    }
    assert chosen(TicketQuery()) == {}


def test_keys_are_whole_numbers_and_a_refusal_names_the_filter_as_people_do() -> None:
    assert chosen_keys(QUERY, {}) == {"board": ["1"], "status": ["2", "3"], "owner": ["4"]}
    with pytest.raises(FormError, match="not the number of a person"):
        chosen_keys(replace(QUERY, owner=Reference("4 or 1=1")), {"owner": "person"})


def test_tickets_that_fit_are_kept_without_a_remark() -> None:
    checked = check_filters([TEAM], [HELP, HELP, SILENT], "PSA: /tickets")
    assert (checked.records, checked.remarks) == ([HELP, HELP, SILENT], [])


def test_a_few_tickets_that_do_not_fit_are_left_out_with_a_remark() -> None:
    checked = check_filters([TEAM], [HELP, SALES, SILENT], "PSA: /tickets")
    assert (checked.records, checked.remarks) == (
        [HELP, SILENT],
        ["Left out here: 1 ticket with another team that the server listed too."],
    )


@pytest.mark.parametrize("records", [[SALES, SALES], [SALES, SALES, HELP], [SALES, SALES, SILENT, SILENT]])
def test_a_filter_that_most_tickets_contradict_was_ignored(records: list[object]) -> None:
    with pytest.raises(ShapeError, match="PSA: /tickets delivered tickets that were filtered out by team"):
        check_filters([TEAM], records, "PSA: /tickets")


def test_one_ticket_alone_does_not_prove_that_a_filter_was_ignored() -> None:
    assert check_filters([TEAM], [SALES], "PSA: /tickets").records == []


def test_tickets_that_say_nothing_about_a_filter_are_shown_with_a_remark() -> None:
    checked = check_filters([TEAM], [SILENT, SILENT], "PSA: /tickets")
    assert (checked.records, checked.remarks) == (
        [SILENT, SILENT],
        ["Whether the server filtered by team cannot be seen: no ticket shows its team."],
    )


def test_an_empty_page_proves_nothing_about_any_filter() -> None:
    checked = check_filters([TEAM], [], "PSA: /tickets")
    assert (checked.records, checked.remarks) == ([], [])


def test_tickets_whose_fields_may_be_out_of_date_are_kept_with_a_remark() -> None:
    checked = check_filters([replace(TEAM, may_lag=True)], [HELP, HELP, SALES], "PSA: /tickets")
    assert checked.records == [HELP, HELP, SALES]
    assert checked.remarks[0].startswith("The filter by team does not fit 1 of these tickets")


def test_one_other_name_on_all_tickets_is_the_new_one_and_several_show_an_ignored_filter() -> None:
    by_name = replace(TEAM, renamed="The team was renamed.")
    checked = check_filters([by_name], [SALES, SALES], "PSA: /tickets")
    assert (checked.records, checked.remarks) == ([SALES, SALES], ["The team was renamed."])
    with pytest.raises(ShapeError, match="filtered out by team"):
        check_filters([by_name], [SALES, {"team": "projects"}], "PSA: /tickets")


def test_a_ticket_has_to_fit_every_filter() -> None:
    state = TicketFilter("state", lambda record: record.get("state"), frozenset({"open"}))
    records = [{"team": "help", "state": "open"}, {"team": "help", "state": "closed"}, {"team": "sales"}]
    checked = check_filters([TEAM, state], records, "PSA: /tickets")
    assert (checked.records, len(checked.remarks)) == (records[:1], 2)


@pytest.mark.parametrize(("state", "fitting"), [(State.OPEN, False), (State.CLOSED, True)])
def test_a_ticket_that_contradicts_its_state_is_kept_since_it_may_have_been_opened_again(
    state: State, *, fitting: bool
) -> None:
    by_state = state_filter(state, lambda record: record["closed"])
    fits, contradicts, unknown = {"closed": fitting}, {"closed": not fitting}, {"closed": None}
    assert check_filters([by_state], [fits, unknown], "PSA: /tickets").remarks == []
    checked = check_filters([by_state], [fits, contradicts], "PSA: /tickets")
    assert (checked.records, len(checked.remarks)) == ([fits, contradicts], 1)
    with pytest.raises(ShapeError, match="filtered out by state"):
        check_filters([by_state], [contradicts, contradicts, fits], "PSA: /tickets")
