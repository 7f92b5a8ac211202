"""What a person asks for, in the form and in words."""

from __future__ import annotations

import pytest

from include.connectors.common.companies import one_company
from include.model.company import Company
from include.model.errors import FormError
from include.model.kinds import KINDS, OF_COMPANIES
from include.model.request import DUE, EVERYTHING, LABELS, QUICK, Request, form, from_params
from include.model.tables import BY_NAME

ANSWERS = {name: field["default"] for name, field in form(can_be_quick=True).items()}
ACME, ACME_TOO, GONE = Company("7", "Acme"), Company("8", "ACME"), Company("9", "Acme", is_deleted=True)


def test_an_untouched_form_asks_for_all_kinds_and_for_changes_only_where_the_psa_lists_them() -> None:
    assert from_params(ANSWERS) == Request(extent=QUICK)
    not_quick = {name: field["default"] for name, field in form(can_be_quick=False).items()}
    assert from_params(not_quick) == Request()


def test_where_no_one_filled_in_the_form_the_run_decides_how_much_is_listed() -> None:
    assert from_params(ANSWERS, DUE) == Request(extent=DUE)
    of_old_release = {name: answer for name, answer in ANSWERS.items() if name != "extent"}
    assert from_params(of_old_release) == Request(extent=EVERYTHING)


def test_of_one_company_everything_is_read() -> None:
    assert from_params(ANSWERS).is_quick
    assert not from_params({**ANSWERS, "company": "Acme"}).is_quick


def test_every_kind_has_a_label_in_the_form() -> None:
    assert list(LABELS) == list(KINDS)


def test_a_company_that_is_blank_means_all() -> None:
    assert from_params({**ANSWERS, "company": "  "}).company is None
    assert from_params({**ANSWERS, "company": " Acme\n"}).company == "Acme"


def test_one_company_leaves_out_what_belongs_to_none() -> None:
    assert Request().planned == tuple(KINDS)
    assert Request(company="Acme").planned == OF_COMPANIES
    assert Request(kinds=("contacts", "statuses", "sites"), company="Acme").planned == ("sites", "contacts")
    assert Request(kinds=("statuses",), company="Acme").planned == ()


def test_the_kinds_of_a_company_are_those_whose_tables_know_it() -> None:
    knowing = [kind for kind, tables in KINDS.items() if all(BY_NAME[table].company_column for table in tables)]
    assert knowing == list(OF_COMPANIES)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request(), "everything"),
        (Request(kinds=("assets",)), "assets"),
        (Request(kinds=("contacts", "assets"), company="Acme"), "assets and contacts of company 'Acme'"),
        (
            Request(kinds=("sites", "assets", "contacts"), dry_run=True, approved=("sites",)),
            "sites, assets and contacts, dry run, deletions approved for sites",
        ),
    ],
)
def test_it_reads_as_a_sentence(request_: Request, words: str) -> None:
    assert str(request_) == words


@pytest.mark.parametrize("typed", ["acme", "7"])
def test_a_company_is_meant_by_its_name_in_any_case_or_by_its_number(typed: str) -> None:
    assert one_company(typed, [ACME, GONE]) == ACME  # the living one goes before the deleted one


def test_a_number_goes_before_a_name() -> None:
    assert one_company("7", [ACME, Company("12", "7")]) == ACME


def test_a_deleted_company_is_meant_when_no_other_has_the_name() -> None:
    assert one_company("Acme", [GONE]) == GONE


def test_several_of_one_name_are_told_apart_by_number() -> None:
    with pytest.raises(FormError, match=r"Several .* 'acme': Acme \(7\), ACME \(8\)\. Give the number"):
        one_company("acme", [ACME, ACME_TOO, GONE])


def test_none_of_the_name_is_told_with_similar_ones() -> None:
    with pytest.raises(
        FormError,
        match=r"no company 'Acm'\. Similar: Acme \(7\)\. Give the whole name or the number\.",
    ):
        one_company("Acm", [ACME])
    with pytest.raises(FormError, match=r"no company 'Zed'\. Nothing was read"):
        one_company("Zed", [])
