"""What preflight asks ConnectWise, and what setup can choose there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from include.connectors.common.choices import field_problems
from include.connectors.common.responses import required_key
from include.connectors.common.values import InvalidValue, items, pick
from include.connectors.connectwise.client import ConnectWiseClient, Listing, at_path
from include.connectors.connectwise.columns import PASSWORD, custom_value
from include.connectors.connectwise.listings import (
    BOARDS,
    COMPANIES,
    COMPANY_STATUSES,
    COMPANY_TYPES,
    CONFIGURATIONS,
    CONTACTS,
    filter_ids,
)
from include.http.paging import integer_key
from include.model.choices import Choice
from include.model.errors import NotFound, RequestRefused, RightsError
from include.model.page import Page
from include.model.setup import Setup

log = logging.getLogger(__name__)

EXAMPLES = 3

LISTS = {
    "statuses": COMPANY_STATUSES,
    "companies": COMPANIES,
    "assets": CONFIGURATIONS,
    "contacts": CONTACTS,
    "ticket_settings": BOARDS,
}
ENTITIES = {"companies": COMPANIES, "assets": CONFIGURATIONS, "contacts": CONTACTS}


def probe(api: ConnectWiseClient, kind: str) -> int | None:
    """Read one record, which needs the right to the list, then ask for the count; sites are counted per company."""
    one: dict[str, str | int] = {"fields": "id", "orderBy": "id asc", "page": 1, "pageSize": 1}
    first = api.get(LISTS.get(kind, COMPANIES), one).body
    if kind != "sites":
        return api.count(Listing(LISTS[kind]))
    if isinstance(first, list) and first:
        api.get(f"{COMPANIES}/{required_key(first[0], at_path(COMPANIES))}/sites", {"page": 1, "pageSize": 1})
    return None


def check_setup(api: ConnectWiseClient, setup: Setup) -> list[str]:
    """A sentence for each choice that this tenant does not have."""
    problems: list[str] = []
    for path, wanted, what in (
        (COMPANY_STATUSES, setup.companies.statuses, "company status"),
        (COMPANY_TYPES, setup.companies.types, "company type"),
    ):
        problems += filter_ids(api, path, wanted, what)[1]
    for table in ENTITIES:
        if setup.field_ids(table):
            with suppress(RightsError):  # its kind fails by itself, and the probe has said so
                problems += custom_field_problems(api, table, setup)
    return problems


def custom_field_problems(api: ConnectWiseClient, table: str, setup: Setup) -> list[str]:
    """The setup list is asked only about fields that no record on the first page carries."""
    wanted = setup.field_ids(table)
    known = fields_on_records(api, table)
    if not known.keys() >= wanted:
        known = {**fields_in_setup(api, table), **known}
    for key in sorted(wanted):
        if key in known and not known[key].on_records:
            log.warning("%s: no record on the first page carries custom field %s.", table, key)
    return field_problems(table, setup, by_id(in_order(known)))


def custom_field_choices(api: ConnectWiseClient, table: str) -> list[Choice]:
    """Fields seen on a page of records, then those of the setup list, which does not say what they belong to."""
    return in_order({**fields_in_setup(api, table), **fields_on_records(api, table)})


def in_order(choices: Mapping[str, Choice]) -> list[Choice]:
    return sorted(choices.values(), key=lambda choice: (not choice.on_records, int(choice.id)))


def fields_on_records(api: ConnectWiseClient, table: str) -> dict[str, Choice]:
    first_page = next(api.pages(Listing(ENTITIES[table], "id,customFields", is_counted=False)))
    fields: dict[int | None, Any] = {}
    seen: dict[int | None, dict[str, None]] = {}  # the values of a field, in the order they were met
    for field in custom_fields_on(first_page):
        key = integer_key(field)
        fields.setdefault(key, field)
        values = seen.setdefault(key, {})
        if len(values) < EXAMPLES and (value := custom_value(field)) is not None:
            values[str(value)] = None
    return by_id(field_choice(table, field, "type", examples=tuple(seen[key])) for key, field in fields.items())


def fields_in_setup(api: ConnectWiseClient, table: str) -> dict[str, Choice]:
    try:
        pages = list(api.pages(Listing("/system/userDefinedFields", "id,caption,fieldTypeIdentifier")))
    except (RightsError, NotFound, RequestRefused) as error:
        log.warning(
            "The setup list of custom fields cannot be read, so only those on records are known: %s", error.said
        )
        return {}
    fields = [field for page in pages for field in page.records if has_key(field)]
    return by_id(field_choice(table, field, "fieldTypeIdentifier") for field in fields)


def by_id(choices: Iterable[Choice]) -> dict[str, Choice]:
    return {choice.id: choice for choice in choices}


def custom_fields_on(page: Page) -> Iterator[Any]:
    """What a record that is odd here carries is found on the others."""
    for record in page.records:
        with suppress(InvalidValue):
            yield from filter(has_key, pick(items, record, "customFields"))


def has_key(record: Any) -> bool:
    return integer_key(record) is not None


def field_choice(table: str, field: Any, type_key: str, *, examples: tuple[str, ...] | None = None) -> Choice:
    """`examples` are given for a field that was seen on records."""
    caption, kind = (str(field.get(key) or "").strip() for key in ("caption", type_key))
    return Choice(
        f"custom fields of {table}",
        str(integer_key(field)),
        caption,
        kind,
        on_records=examples is not None,
        examples=examples or (),
        refused="holds passwords, which are never synced" if kind == PASSWORD else "",
    )


def discover(api: ConnectWiseClient) -> list[Choice]:
    """Everything setup can choose."""
    choices = []
    for group, path in (("company types", COMPANY_TYPES), ("company statuses", COMPANY_STATUSES), ("boards", BOARDS)):
        choices += [Choice(group, key, label) for key, label in api.labels(path).items()]
    for table in ENTITIES:
        choices += custom_field_choices(api, table)
    return choices
