"""What preflight asks ConnectWise, and what setup can choose there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from include.connectors.base import Choice
from include.connectors.connectwise.account import ConnectWise, known_key
from include.connectors.connectwise.cells import PASSWORD
from include.connectors.connectwise.streams import (
    BOARDS,
    COMPANIES,
    COMPANY_STATUSES,
    COMPANY_TYPES,
    CONFIGURATIONS,
    CONTACTS,
    filter_ids,
)
from include.connectors.values import OddValue, items, pick
from include.errors import NotFound, RequestRefused, RightsError
from include.http.paging import Page, integer_key
from include.settings import Settings

log = logging.getLogger(__name__)

LISTS = {
    "statuses": COMPANY_STATUSES,
    "companies": COMPANIES,
    "assets": CONFIGURATIONS,
    "contacts": CONTACTS,
    "ticket_settings": BOARDS,
}
ENTITIES = {"assets": CONFIGURATIONS, "contacts": CONTACTS}


def probe(api: ConnectWise, kind: str) -> int | None:
    """Read one record, which needs the right to the list, then ask for the count; sites are counted per company."""
    one: dict[str, str | int] = {"fields": "id", "orderBy": "id asc", "page": 1, "pageSize": 1}
    first = api.get(LISTS.get(kind, COMPANIES), one).body
    if kind != "sites":
        return api.count(LISTS[kind])
    if isinstance(first, list) and first:
        api.get(f"{COMPANIES}/{known_key(first[0], COMPANIES)}/sites", {"page": 1, "pageSize": 1})
    return None


def check_settings(api: ConnectWise, settings: Settings) -> list[str]:
    """A sentence for each choice that this tenant does not have."""
    problems: list[str] = []
    for path, wanted, what in (
        (COMPANY_STATUSES, settings.company_statuses, "company status"),
        (COMPANY_TYPES, settings.company_types, "company type"),
    ):
        problems += filter_ids(api, path, wanted, what)[1]
    for table in ENTITIES:
        if settings.chosen(table):
            with suppress(RightsError):  # its kind fails by itself, and the probe has said so
                problems += custom_field_problems(custom_field_choices(api, table), table, settings)
    return problems


def custom_field_problems(available: list[Choice], table: str, settings: Settings) -> list[str]:
    known = {choice.id: choice for choice in available}
    offered = ", ".join(f"{c.id} ({c.label})" for c in available if c.on_records and c.note != PASSWORD)
    problems = []
    for name, key in settings.chosen(table).items():
        if key not in known:
            problems.append(f"custom_fields.{table}.{name}: there is no custom field {key}. There are: {offered}.")
        elif known[key].note == PASSWORD:
            problems.append(f"custom_fields.{table}.{name}: field {key} holds passwords, which are never synced.")
        elif not known[key].on_records:
            log.warning("custom_fields.%s.%s: no record on the first page carries field %s.", table, name, key)
    return problems


def custom_field_choices(api: ConnectWise, table: str) -> list[Choice]:
    """Fields seen on a page of records, then those of the setup list, which does not say what they belong to."""
    on_records = custom_fields_on(next(api.listing(ENTITIES[table], fields="id,customFields")))
    found = {str(integer_key(f)): field_choice(table, f, "type", on_records=True) for f in on_records}
    try:
        for page in api.listing("/system/userDefinedFields", fields="id,caption,fieldTypeIdentifier"):
            for field in filter(has_key, page.records):
                choice = field_choice(table, field, "fieldTypeIdentifier", on_records=False)
                found.setdefault(choice.id, choice)
    except (RightsError, NotFound, RequestRefused) as error:
        log.warning(
            "The setup list of custom fields cannot be read, so only those on records are known: %s", error.said
        )
    return sorted(found.values(), key=lambda choice: (not choice.on_records, int(choice.id)))


def custom_fields_on(page: Page) -> Iterator[Any]:
    """What a record that is odd here carries is found on the others."""
    for record in page.records:
        with suppress(OddValue):
            yield from filter(has_key, pick(items, record, "customFields"))


def has_key(record: Any) -> bool:
    return integer_key(record) is not None


def field_choice(table: str, field: Any, type_key: str, *, on_records: bool) -> Choice:
    caption, kind = (str(field.get(key) or "").strip() for key in ("caption", type_key))
    return Choice(f"custom fields of {table}", str(integer_key(field)), caption, kind, on_records)


def discover(api: ConnectWise) -> list[Choice]:
    """Everything setup can choose."""
    choices = []
    for group, path in (("company types", COMPANY_TYPES), ("company statuses", COMPANY_STATUSES), ("boards", BOARDS)):
        choices += [Choice(group, key, label) for key, label in api.labels(path).items()]
    for table in ENTITIES:
        choices += custom_field_choices(api, table)
    return choices
