"""What part of a PSA's data a run reads."""

from __future__ import annotations

from include.model.scope import EVERYTHING, Scope


def test_a_run_of_one_company_filters_by_it_under_the_vendors_name_and_any_other_run_by_nothing() -> None:
    assert Scope(company="7").filter_by("client_id") == {"client_id": "7"}
    assert EVERYTHING.filter_by("client_id") == {}
