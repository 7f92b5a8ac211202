"""Companies: which ones setup selects, and which one a person means by a name or a number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from include.connectors.common.columns import Columns, at
from include.connectors.common.companies import (
    ACTIVITY,
    company_filter,
    find_company,
    fixed_status_columns,
    fixed_statuses,
    one_company,
    resolve_company_filter,
)
from include.connectors.common.mapping import map_page
from include.connectors.common.values import boolean, text, whole_key
from include.connectors.contract import CompanyChoices, CompanySearch, ReadContext, Stream, TypedCompany
from include.model.company import Company
from include.model.errors import ConfigError, FormError
from include.model.page import Page, Record
from include.model.setup import CompanyChoice, Setup

TYPES = {"1": "Client", "2": "Supplier"}


@dataclass
class Psa:
    """A client that has companies by group of candidates, and notes what it was asked for."""

    groups: Sequence[Sequence[Company]] = ()
    asked: list[str] = field(default_factory=list)
    typed: list[TypedCompany] = field(default_factory=list)
    http: Any = None
    records: Sequence[Record] = ()
    """A further group of candidates, as records."""

    def labels(self, what: str, found: Mapping[str, str]) -> Mapping[str, str]:
        self.asked.append(what)
        return found

    def candidates(self, typed: TypedCompany) -> Iterator[Iterable[Page]]:
        self.typed.append(typed)
        for number, group in enumerate(self.groups):
            self.asked.append(f"group {number}")
            yield [Page([{"id": one.id, "name": one.name, "gone": one.is_deleted} for one in group])]
        yield [Page(list(self.records))]


PLAIN: CompanyChoices[Psa] = CompanyChoices("The PSA", statuses=lambda psa: psa.labels("statuses", ACTIVITY))
TYPED: CompanyChoices[Psa] = CompanyChoices(
    "The PSA",
    statuses=lambda psa: psa.labels("statuses", ACTIVITY),
    types=lambda psa: psa.labels("types", TYPES),
    status_from_type=True,
)
COLUMNS: Columns[Setup] = {
    "source_id": at(whole_key, "id"),
    "name": at(text, "name"),
    "is_deleted": at(boolean, "gone"),
}


def companies(context: ReadContext[Psa]) -> Iterator[Page]:
    """Setup selects all but one."""
    key = context.scope.company
    yield Page([] if key == "9" else [{"id": key}])


SEARCH: CompanySearch[Psa] = CompanySearch(100, COLUMNS, Psa.candidates, companies)


def chosen(**choice: Any) -> Setup:
    return Setup(companies=CompanyChoice(**choice))


def found(psa: Psa, typed: str, setup: Setup | None = None) -> Company:
    return find_company(SEARCH, ReadContext(psa, setup or Setup()), typed)


# ---- the company filter ----


def test_without_a_filter_every_company_is_selected_and_no_list_is_asked_for() -> None:
    psa = Psa()
    every = company_filter(TYPED, psa, Setup())
    assert every.selects(status=None, types=()) and every.selects(status="inactive", types=("1",))
    assert psa.asked == []


def test_statuses_are_chosen_by_key_or_by_label_in_any_case() -> None:
    for typed in ("active", "ACTIVE"):
        wanted = company_filter(PLAIN, Psa(), chosen(statuses=(typed,)))
        assert [wanted.selects(status=key, types=()) for key in (*ACTIVITY, None)] == [True, False, False]


def test_a_company_needs_one_of_the_statuses_and_one_of_the_types() -> None:
    wanted = company_filter(TYPED, Psa(), chosen(statuses=("Active",), types=("Client", "2")))
    assert wanted.selects(status="active", types=("1",)) and wanted.selects(status="active", types=(None, "2"))
    assert not wanted.selects(status="inactive", types=("1",))
    assert not wanted.selects(status="active", types=()) and not wanted.selects(status="active", types=("3",))


def test_a_type_can_stand_for_the_status_and_its_list_is_asked_for_once() -> None:
    psa = Psa()
    wanted = company_filter(TYPED, psa, chosen(statuses=("supplier",), types=("Client",), status_from="type"))
    assert (wanted.statuses, wanted.types, psa.asked) == (frozenset({"2"}), frozenset({"1"}), ["types"])


def test_what_this_tenant_does_not_have_is_named_with_what_there_is() -> None:
    setup = chosen(statuses=("Activ",), types=("Supplyer",))
    _, problems = resolve_company_filter(TYPED, Psa(), setup)
    assert [problem.partition(" There are")[0] for problem in problems] == [
        "There is no company status 'Activ'. Did you mean 'Active'?",
        "There is no company type 'Supplyer'. Did you mean 'Supplier'?",
    ]
    with pytest.raises(ConfigError, match=r"company status 'Activ'.*company type 'Supplyer'"):
        company_filter(TYPED, Psa(), setup)


def test_a_vendor_without_types_says_so() -> None:
    _, problems = resolve_company_filter(PLAIN, Psa(), chosen(types=("Client",), status_from="type"))
    assert problems == [
        "companies.types: The PSA has no company types, take this out; there are companies.statuses.",
        "companies.status_from: The PSA has only 'activity', take this out.",
    ]


def test_a_vendor_with_statuses_needs_nothing_that_stands_for_them() -> None:
    _, problems = resolve_company_filter(replace(PLAIN, has_statuses=True), Psa(), chosen(status_from="type"))
    assert problems == ["companies.status_from: The PSA has company statuses, take this out."]


def test_active_and_inactive_stand_for_statuses_at_a_vendor_without_them() -> None:
    stream: Stream[Psa] = Stream("company_statuses", lambda _: fixed_statuses(ACTIVITY), fixed_status_columns(ACTIVITY))
    (page,) = fixed_statuses(ACTIVITY)
    assert map_page(stream, page, Setup()).rows == [
        {"source_id": "active", "name": "Active", "is_default": True, "source_updated_at": None},
        {"source_id": "inactive", "name": "Inactive", "is_default": False, "source_updated_at": None},
    ]


# ---- one company ----

ACME, ACME_LTD, OTHER = Company("7", "Acme"), Company("8", "Acme Ltd"), Company("9", "Other")


def test_a_company_is_found_by_its_number_without_a_search_by_name() -> None:
    psa = Psa([[ACME], [OTHER]])
    assert (found(psa, "7"), psa.asked) == (ACME, ["group 0"])


def test_a_company_is_found_by_its_whole_name_in_any_case() -> None:
    psa = Psa([[], [ACME_LTD, ACME]])
    assert (found(psa, "aCmE"), psa.asked) == (ACME, ["group 0", "group 1"])


def test_a_whole_name_is_found_behind_many_similar_ones_and_without_any_word() -> None:
    many = [Company(str(number), f"Acme {number}") for number in range(20, 40)]
    assert found(Psa([[*many, ACME]]), "acme") == ACME
    nameless = Company("10", "???")
    assert found(Psa([[nameless]]), "???") == nameless


@pytest.mark.parametrize(
    ("typed", "key", "word"),
    [
        ("7", "7", "7"),
        ("007", "7", "007"),
        ("100", None, "100"),
        ("-7", None, "7"),
        ("\u0667", None, "\u0667"),
        ("9" * 5000, None, "9" * 5000),
        ("Quote & Sons_", None, "Quote"),
        ("???", None, ""),
    ],
)
def test_a_vendor_is_given_the_number_and_the_longest_word(typed: str, key: str | None, word: str) -> None:
    psa = Psa()
    with pytest.raises(FormError):
        found(psa, typed)
    assert psa.typed == [TypedCompany(typed, key, word)]


def test_a_company_that_is_not_there_is_answered_with_a_few_similar_ones() -> None:
    psa = Psa([[], [Company(str(number), f"Acme {number}") for number in range(20, 40)], [OTHER]])
    with pytest.raises(FormError, match=r"Similar: Acme 20 \(20\), .*Acme 29 \(29\)\. Give the whole name"):
        found(psa, "acme x")
    with pytest.raises(FormError, match=r"There is no company 'Nothing'\. Nothing was read") as refused:
        found(Psa([[OTHER]]), "Nothing")
    assert "Similar" not in str(refused.value)


def test_a_company_without_a_usable_key_or_name_cannot_be_meant_by_it() -> None:
    psa = Psa(records=[None, 7, {"name": "Acme"}, {"id": {}, "name": "Acme"}, {"id": 8, "name": ["x"]}, {"id": 10}])
    assert found(psa, "8") == Company("8", "")
    with pytest.raises(FormError, match="There is no company 'Acme'"):
        found(psa, "Acme")


def test_several_companies_of_one_name_are_left_to_the_person() -> None:
    with pytest.raises(FormError, match=r"Several companies are called 'acme': Acme \(7\), ACME \(8\)\. Give the num"):
        found(Psa([[ACME, Company("8", "ACME")]]), "acme")


def test_a_number_goes_before_a_name_and_a_living_company_before_a_deleted_one() -> None:
    named_seven, deleted = Company("5", "7"), Company("6", "Acme", is_deleted=True)
    assert one_company("7", [named_seven, ACME]) == ACME
    assert one_company("acme", [deleted, ACME]) == ACME
    assert one_company("acme", [deleted]) == deleted


def test_the_very_spelling_of_a_name_goes_before_another_case() -> None:
    capitals, deleted = Company("8", "ACME"), Company("6", "acme", is_deleted=True)
    assert one_company("ACME", [ACME, capitals]) == capitals
    assert one_company("acme", [ACME, deleted]) == ACME


@pytest.mark.parametrize("typed", [" Acme   Ltd", "ACME LTD", "acme\u00a0ltd"])
def test_case_and_blanks_make_no_other_company(typed: str) -> None:
    assert found(Psa([[ACME, ACME_LTD]]), typed) == ACME_LTD


@pytest.mark.parametrize("similar", ["Acm", "Acme%", "Acme*", "Acme_Ltd", "Äcme", "7.0", "07", "+7", "\u0667"])
def test_a_similar_name_or_number_is_no_company(similar: str) -> None:
    with pytest.raises(FormError, match=r"There is no company"):
        found(Psa([[ACME, ACME_LTD]]), similar)


def test_a_company_that_setup_leaves_out_is_refused_and_without_a_filter_nothing_is_asked() -> None:
    setup = chosen(statuses=("Active",))
    assert found(Psa([[ACME]]), "7", setup) == ACME
    with pytest.raises(FormError, match=r"Setup leaves Other \(9\) out"):
        found(Psa([[OTHER]]), "9", setup)
    assert found(Psa([[OTHER]]), "9") == OTHER
