"""How ConnectWise is asked for the company that a person means."""

from __future__ import annotations

from functools import partial

import pytest

from include.connectors.common.companies import find_company
from include.connectors.connectwise.companies import SEARCH
from include.connectors.contract import ReadContext
from include.model.errors import FormError, ShapeError
from include.model.setup import Setup
from tests.connectors.connectwise.scripted import client


@pytest.mark.parametrize("typed", ["9" * 5000, "9" * 10, "007"])
def test_digits_that_cannot_be_the_number_of_a_company_are_searched_as_a_name(typed: str) -> None:
    line, api = client(lambda _: [])
    with pytest.raises(FormError, match="There is no company"):
        find_company(SEARCH, ReadContext(api, Setup()), typed)
    assert line.asked[1].query["conditions"] == f'name like "{typed}"'


@pytest.mark.parametrize(("typed", "sent"), [("007", 'name like "007"'), ("7", 'id=7 or name like "7"')])
def test_a_number_is_searched_as_an_id_and_as_a_name(typed: str, sent: str) -> None:
    line, opened = client(lambda _: [])
    with pytest.raises(FormError):
        find_company(SEARCH, ReadContext(opened, Setup()), typed)
    assert [request.query["conditions"] for request in line.asked[1:]] == [sent, f'name contains "{typed}"']


def test_an_answer_that_is_no_list_does_not_mean_that_there_is_no_such_company() -> None:
    opened = client(lambda asked: {} if "contains" in asked.query["conditions"] else [])[1]
    with pytest.raises(ShapeError, match="not with a list"):
        find_company(SEARCH, ReadContext(opened, Setup()), "Acme")


def test_several_companies_of_a_name_are_offered_and_a_living_one_goes_before_deleted_ones() -> None:
    companies = [{"id": 1, "name": "Acme", "deletedFlag": True}, {"id": 2, "name": "ACME"}, {"id": 3, "name": "Acme"}]
    find = partial(find_company, SEARCH)
    assert find(ReadContext(client(lambda _: companies[:2])[1], Setup()), "acme").id == "2"
    with pytest.raises(FormError, match=r"Several companies are called 'acme': ACME \(2\), Acme \(3\)\."):
        find(ReadContext(client(lambda _: companies)[1], Setup()), "acme")
