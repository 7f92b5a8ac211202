"""The companies of Autotask: which ones setup selects, and how one is found by name or number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from include.connectors.autotask import picklists
from include.connectors.autotask.client import AutotaskClient
from include.connectors.autotask.columns import COMPANY_COLUMNS
from include.connectors.autotask.conditions import Condition, called, containing, flag, one_of
from include.connectors.common.companies import ACTIVITY, company_filter
from include.connectors.contract import CompanyChoices, CompanySearch, ReadContext, TypedCompany
from include.model.page import Page, Position

Context = ReadContext[AutotaskClient]

FILTER_FIELDS = ("id", "companyType", "isActive")
NAME_FIELDS = ("id", "companyName")


def company_types(client: AutotaskClient) -> dict[str, str]:
    return picklists.labels(client, "Companies", "companyType")


CHOICES: CompanyChoices[AutotaskClient] = CompanyChoices(
    "Autotask", statuses=lambda _: ACTIVITY, types=company_types, status_from_type=True
)


def selected_companies(
    context: Context, fields: Sequence[str], resume: Position | None = None, conditions: Sequence[Condition] = ()
) -> Iterator[Page]:
    """The companies that setup selects, or the one in scope; of these the ones that meet the conditions."""
    only = [one_of("id", [context.scope.company])] if context.scope.company else []
    asked = [*only, *filter_conditions(context), *conditions]
    return context.client.part("Companies", fields, asked, counted=not only).pages(resume)


def filter_conditions(context: Context) -> Iterator[Condition]:
    """Setup's choice of types and statuses, as conditions."""
    chosen = company_filter(CHOICES, context.client, context.setup)
    if chosen.types:
        yield one_of("companyType", sorted(chosen.types))
    if chosen.statuses and context.setup.companies.status_from == "type":
        yield one_of("companyType", sorted(chosen.statuses))
    elif len(chosen.statuses) == 1:
        yield flag("isActive", "active" in chosen.statuses)


def _candidates(client: AutotaskClient, typed: TypedCompany) -> Iterator[Iterator[Page]]:
    """By name or key in one query, then by the longest word."""
    conditions = [called("companyName", typed.text, int(typed.key) if typed.key else None)]
    if typed.word:
        conditions.append(containing("companyName", typed.word))
    for condition in conditions:
        yield client.part("Companies", NAME_FIELDS, [condition], counted=False).pages(None)


SEARCH: CompanySearch[AutotaskClient] = CompanySearch(
    2**63, COMPANY_COLUMNS, _candidates, lambda context: selected_companies(context, FILTER_FIELDS)
)
