"""Which lists of Autotask are read, and how they follow setup's company filter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from include.connectors.autotask import columns, names, picklists
from include.connectors.autotask.client import KEYS_PER_QUERY, AutotaskClient
from include.connectors.autotask.companies import FILTER_FIELDS, SEARCH, Context, company_types, selected_companies
from include.connectors.autotask.conditions import Condition, changed_since, one_of
from include.connectors.common.by_key import in_chunks
from include.connectors.common.columns import Column, Columns
from include.connectors.common.of_companies import by_companies, company_keys
from include.connectors.contract import Stream
from include.http.parts import in_parts
from include.model.errors import ShapeError
from include.model.page import Page
from include.model.setup import Setup

COMPANY_STAMPS = ("lastActivityDate", "lastTrackedModifiedDateTime")
KEY_FIELDS = ("id", "companyID", "isActive")


def statuses(context: Context) -> Iterator[Page]:
    """Autotask has none: the two states of a company's flag stand for them, or its types."""
    if context.setup.companies.status_from == "type":
        types, labels = picklists.values(context.client, "Companies", "companyType"), company_types(context.client)
        yield Page([one | {"companyType": one.get("value"), columns.COMPANY_TYPES: labels} for one in types])
    else:
        yield Page([{"isActive": active} for active in (True, False)])


def companies(context: Context, conditions: Sequence[Condition] = ()) -> Iterator[Page]:
    fields = asked_fields(columns.COMPANY_COLUMNS, "companies", context.setup)
    pages = selected_companies(context, fields, context.resume, conditions)
    return names.with_names(context, pages, names.of_companies)


def changed_companies(context: Context) -> Iterator[Page]:
    """The selected companies that changed."""
    return companies(context, changes(COMPANY_STAMPS, context))


def keys_of_changed_companies(context: Context) -> list[str]:
    """The keys of the selected companies that changed."""
    asked = partial(selected_companies, context, [*FILTER_FIELDS, *COMPANY_STAMPS])
    changed = replace(SEARCH, companies=lambda _: asked(conditions=changes(COMPANY_STAMPS, context)))
    return company_keys(changed, context)[0]


def changes(stamps: Sequence[str], context: Context) -> list[Condition]:
    """The condition that a record changed since the time of the scope."""
    return [changed_since(stamps, context.scope.since)] if context.scope.since else []


@dataclass(frozen=True)
class Owned:
    """Records that belong to companies, and how each of them gets its names."""

    table: str
    entity: str
    mapping: Columns[Setup]
    names_of: Callable[[Context], names.Beside]
    stamps: tuple[str, ...] = ()
    """The fields that say when a record changed; an edit moves at least one of them."""

    def read(self, context: Context) -> Iterator[Page]:
        """A listing that follows the company filter, as many companies in a request as a query may name."""
        return names.with_names(context, self._listed(context, self._fields(context)), self.names_of)

    def changed(self, context: Context) -> Iterator[Page]:
        """The records that changed; where they have no stamps, all those of the companies in the scope."""
        fields = self._fields(context)
        if self.stamps:
            pages = self._listed(context, fields, changes(self.stamps, context))
        else:
            keys = in_chunks(sorted(context.scope.companies, key=int), KEYS_PER_QUERY)
            parts = [context.client.part(self.entity, fields, [self._of(some)]) for some in keys]
            pages = in_parts(self.entity, parts, context.resume)
        return names.with_names(context, pages, self.names_of)

    def keys(self, context: Context) -> Iterator[Page]:
        """The listing, with no more than what the company filter needs."""
        return self._listed(context, KEY_FIELDS)

    def find(self, context: Context, keys: Sequence[str]) -> Iterator[Page]:
        """The records with these keys that still exist."""
        if not keys:
            return iter(())
        part = partial(context.client.part, self.entity, self._fields(context))
        pages = (page for some in in_chunks(keys, KEYS_PER_QUERY) for page in part([one_of("id", some)]).pages(None))
        return names.with_names(context, pages, self.names_of)

    def _fields(self, context: Context) -> list[str]:
        return asked_fields(self.mapping, self.table, context.setup)

    def _listed(self, context: Context, fields: Sequence[str], conditions: Sequence[Condition] = ()) -> Iterator[Page]:
        if not (context.setup.filters_companies or context.scope.company):
            return context.client.part(self.entity, fields, conditions).pages(context.resume)
        part = partial(context.client.part, self.entity, fields, counted=not context.scope.company)
        of_some = lambda keys: part([self._of(keys), *conditions])  # noqa: E731
        return by_companies(SEARCH, context, self.entity, of_some, KEYS_PER_QUERY)

    def _of(self, companies: Collection[str]) -> Condition:
        """An inactive contact may name another company than the one it was found by."""
        owned = one_of("companyID", companies)
        if self.table != "contacts":
            return owned
        return replace(owned, holds=lambda record: columns.is_company_unknown(record) or owned.holds(record))

    def stream(self, *essential: str, custom: Column[Setup] | None = None) -> Stream[AutotaskClient]:
        """The stream that fills the table."""
        return Stream(
            self.table,
            self.read,
            self.mapping,
            essential,
            self.find,
            custom,
            changed=self.changed,
            changed_companies=None if self.stamps else keys_of_changed_companies,
            count=lambda context: context.client.count(self.entity),
            keys=self.keys,
        )


def asked_fields(mapping: Columns[Setup], table: str, setup: Setup) -> list[str]:
    """Custom fields come reliably only with whole records: no field named means all fields."""
    return [] if setup.field_ids(table) else columns.requested(mapping)


def values_of(field: str) -> Callable[[Context], Iterator[Page]]:
    """The values that a field of tickets can have; every tenant has some."""

    def read(context: Context) -> Iterator[Page]:
        values = picklists.values(context.client, "Tickets", field)
        if not values:
            raise ShapeError(f"Autotask: the field {field} of Tickets has no values, though every tenant has some.")
        yield Page(values, done=len(values), expected=len(values))

    return read


SITES = Owned("company_sites", "CompanyLocations", columns.SITE_COLUMNS, names.of_sites)
ASSETS = Owned("assets", "ConfigurationItems", columns.ASSET_COLUMNS, names.of_assets, ("lastModifiedTime",))
CONTACTS = Owned(
    "contacts", "Contacts", columns.CONTACT_COLUMNS, names.of_contacts, ("lastModifiedDate", "lastActivityDate")
)
COMPANIES: Stream[AutotaskClient] = Stream(
    "companies",
    companies,
    columns.COMPANY_COLUMNS,
    essential=("id", "companyName"),
    custom=columns.CUSTOM,
    changed=changed_companies,
    count=lambda context: context.client.count("Companies"),
    keys=lambda context: selected_companies(context, FILTER_FIELDS, context.resume),
)
VALUE = ("value", "label")

STREAMS: tuple[Stream[AutotaskClient], ...] = (
    Stream("company_statuses", statuses, columns.STATUS_COLUMNS, essential=()),
    COMPANIES,
    SITES.stream("id", "name"),
    ASSETS.stream("id", "companyID", "referenceTitle", "productID", "serialNumber", custom=columns.CUSTOM),
    CONTACTS.stream("id", "firstName", custom=columns.CUSTOM),
    Stream("service_boards", values_of("queueID"), columns.BOARD_COLUMNS, essential=VALUE),
    Stream("ticket_statuses", values_of("status"), columns.TICKET_STATUS_COLUMNS, essential=VALUE),
    Stream("ticket_priorities", values_of("priority"), columns.PRIORITY_COLUMNS, essential=VALUE),
)
