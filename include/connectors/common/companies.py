"""Companies: which ones setup selects, and which one a person means by a name or a number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from include.connectors.common.by_key import typed_key
from include.connectors.common.columns import Column, Columns, not_available
from include.connectors.common.values import pick
from include.connectors.contract import C, CompanyChoices, CompanySearch, ReadContext, TypedCompany
from include.model.company import Company
from include.model.errors import ConfigError, FormError
from include.model.page import Page, Record
from include.model.same_name import is_same_name
from include.model.scope import Scope
from include.model.setup import CompanyChoice, Setup, resolve

ACTIVITY: Mapping[str, str] = {"active": "Active", "inactive": "Inactive"}
"""Key and label of a company's status, at vendors that know no more than whether a company is active."""


def activity(is_active: bool | None) -> str | None:
    """The key of the status that a flag stands for."""
    return None if is_active is None else "active" if is_active else "inactive"


def activity_columns(is_active: Callable[[Record], bool | None], field: str) -> dict[str, Column[Setup]]:
    """The status of a company, or of anything else, that is active or not."""

    def key(record: Record, _: Setup) -> str | None:
        return activity(pick(is_active, record, field))

    return {
        "status": Column(
            (field,), lambda record, setup: ACTIVITY.get(key(record, setup) or ""), "`Active` or `Inactive`"
        ),
        "status_source_id": Column((field,), key, "`active` or `inactive`"),
    }


def by_setup(of_activity: Column[Setup], of_type: Column[Setup], note: str) -> Column[Setup]:
    """A company's status, where setup may say that its type stands for it (`companies.status_from`)."""

    def read(record: Record, setup: Setup) -> object:
        return (of_type if setup.companies.status_from == "type" else of_activity).read(record, setup)

    return Column((*of_activity.fields, *of_type.fields), read, note)


def fixed_status_columns(labels: Mapping[str, str]) -> Columns[Setup]:
    """The columns of company_statuses for the records of `fixed_statuses`. New companies have the first status."""
    keys, names = (" or ".join(f"`{one}`" for one in some) for some in (labels, labels.values()))
    first = next(iter(labels))
    return {
        "source_id": Column((), lambda record, _: record["id"], f"{keys}: the PSA has no company statuses"),
        "name": Column((), lambda record, _: record["name"], names),
        "is_default": Column((), lambda record, _: record["id"] == first, f"true for `{first}`"),
        "source_updated_at": not_available("the two rows never change"),
    }


def fixed_statuses(labels: Mapping[str, str]) -> Iterator[Page]:
    """The two statuses, label by key, that stand for a flag of companies; sends no request."""
    yield Page([{"id": key, "name": label} for key, label in labels.items()])


MAX_SIMILAR = 10
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class CompanyFilter:
    """The keys that setup's company filter selects; an empty set selects all."""

    statuses: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()

    def selects(self, *, status: object, types: Iterable[str | None]) -> bool:
        """Whether a company with this status and these types is selected."""
        of_status = not self.statuses or status in self.statuses
        return of_status and (not self.types or not self.types.isdisjoint(types))


def company_filter(choices: CompanyChoices[C], client: C, setup: Setup) -> CompanyFilter:
    """Setup's company filter by the vendor's keys; raises ConfigError for what this tenant does not have."""
    found, problems = resolve_company_filter(choices, client, setup)
    if problems:
        raise ConfigError(" ".join(problems))
    return found


def resolve_company_filter(choices: CompanyChoices[C], client: C, setup: Setup) -> tuple[CompanyFilter, list[str]]:
    """The filter, and a sentence for each choice that this tenant does not have. Asks for no list it does not need."""
    chosen, problems = setup.companies, _unsupported(choices, setup)
    by_type = choices.status_from_type and chosen.status_from == "type"
    needs_types = choices.types and (chosen.types or (chosen.statuses and by_type))
    types = choices.types(client) if choices.types and needs_types else {}
    type_keys, type_problems = resolve(chosen.types, types, what="company type") if choices.types else ([], [])
    labels = types if by_type else choices.statuses(client) if chosen.statuses else {}
    status_keys, status_problems = resolve(chosen.statuses, labels, what="company status")
    return CompanyFilter(frozenset(status_keys), frozenset(type_keys)), problems + status_problems + type_problems


def _unsupported(choices: CompanyChoices[C], setup: Setup) -> list[str]:
    problems = []
    if setup.companies.types and choices.types is None:
        problems.append(
            f"companies.types: {choices.title} has no company types, take this out; there are companies.statuses."
        )
    if setup.companies.status_from != CompanyChoice().status_from and not choices.status_from_type:
        has = "company statuses" if choices.has_statuses else f"only '{CompanyChoice().status_from}'"
        problems.append(f"companies.status_from: {choices.title} has {has}, take this out.")
    return problems


def find_company(search: CompanySearch[C], context: ReadContext[C], typed: str) -> Company:
    """The company by its number or its whole name, in any case; raises FormError with the ones it could be."""
    company = one_company(typed, _matches(search, context, typed))
    if context.setup.filters_companies and not is_selected(search, context, company.id):
        raise FormError(f"Setup leaves {company} out: see companies.types and companies.statuses there.")
    return company


def is_selected(search: CompanySearch[C], context: ReadContext[C], key: str) -> bool:
    """Whether setup selects the company with this key."""
    only = ReadContext(context.client, context.setup, Scope(key))
    return any(page.records for page in search.companies(only))


def selected_companies(search: CompanySearch[C], context: ReadContext[C]) -> Iterator[Company]:
    """The companies that setup selects, deleted ones included where the vendor lists them; names may be missing."""
    return _companies(search, search.companies(context), context.setup)


def _matches(search: CompanySearch[C], context: ReadContext[C], typed: str) -> list[Company]:
    """Those with this number or name; where there are none, a few whose name has the longest word."""
    key = typed_key(typed, search.max_key)
    word = max(_WORD.findall(typed), key=len, default="")
    similar: dict[Company, None] = {}
    for pages in search.candidates(context.client, TypedCompany(typed, key, word)):
        matching: dict[Company, None] = {}
        for company in _companies(search, pages, context.setup):
            if company.id == key or is_same_name(company.name, typed):
                matching[company] = None
            elif word and word.casefold() in company.name.casefold() and len(similar) < MAX_SIMILAR:
                similar[company] = None
        if matching:
            return list(matching)
    return list(similar)


def _companies(search: CompanySearch[C], pages: Iterable[Page], setup: Setup) -> Iterator[Company]:
    """The companies of a listing; one without a usable key cannot be meant."""
    columns, kept_deleted = search.columns, search.columns.get("is_deleted")
    for record in (record for page in pages for record in page.records):
        if key := columns["source_id"].if_readable(record, setup):
            name = str(columns["name"].if_readable(record, setup) or "").strip()
            yield Company(str(key), name, bool(kept_deleted and kept_deleted.if_readable(record, setup)))


def one_company(typed: str, found: Sequence[Company]) -> Company:
    """The company that is meant; raises FormError with those that it could be.

    A key goes before a name.
    """
    matches = [company for company in found if company.id == typed] or _called(typed, found)
    if len(matches) == 1:
        return matches[0]
    raise _not_meant(typed, matches, found)


def _called(name: str, found: Iterable[Company]) -> Sequence[Company]:
    """The companies of this name: living ones if there are any, and those that are spelled like it if there are any."""
    named = [company for company in found if is_same_name(company.name, name)]
    living = [company for company in named if not company.is_deleted] or named
    return [company for company in living if company.name == name] or living


def _not_meant(typed: str, matches: Sequence[Company], found: Sequence[Company]) -> FormError:
    offered = ", ".join(map(str, matches or found))
    if matches:
        return FormError(f"Several companies are called '{typed}': {offered}. Give the number of the one you mean.")
    similar = f" Similar: {offered}. Give the whole name or the number." if offered else ""
    return FormError(f"There is no company '{typed}'.{similar}")
