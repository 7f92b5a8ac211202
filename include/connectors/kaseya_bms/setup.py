"""What preflight asks Kaseya BMS, and what setup can choose there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from include.connectors.common import choices
from include.connectors.common.tickets import try_pick
from include.connectors.common.values import InvalidValue, boolean, items, pick, text
from include.connectors.kaseya_bms.auth import USER
from include.connectors.kaseya_bms.client import ASSET, KaseyaClient, Listing, key_of
from include.connectors.kaseya_bms.columns import foreign_key
from include.connectors.kaseya_bms.companies import COMPANIES, COMPANY_TYPES
from include.connectors.kaseya_bms.details import definitions, module_of
from include.connectors.kaseya_bms.listings import ASSETS, CONTACTS, QUEUES
from include.model.choices import Choice
from include.model.page import Record
from include.model.setup import Setup

log = logging.getLogger(__name__)

MODULES = range(1, 61)  # the numbers that are tried for custom fields; 22 is known to be tickets


def probe(client: KaseyaClient, kind: str) -> int | None:
    """Ask for the count, or for one record where there is none. Statuses have no listing of their own by default."""
    if kind == "statuses":
        client.result(USER)
        return None
    if kind == "ticket_settings":
        return len(client.lookup(QUEUES))
    if kind == "assets":
        first = client.page(Listing(ASSETS, is_counted=False), 1, size=1)
        list(client.records("asset", ASSET, [key_of(record, ASSETS) for record in first.records]))
        return None
    listing = Listing(CONTACTS if kind == "contacts" else COMPANIES)
    counts = [client.total(replace(listing, is_active=is_active)) for is_active in (True, False)]
    return None if kind == "sites" else sum(counts)


def remarks(client: KaseyaClient) -> list[str]:
    """A warning about the login of a client's contact, which is meant for the client portal."""
    contact = try_pick(foreign_key, client.result(USER), "contactid")
    if contact is None:
        return []
    return [
        f"The login belongs to contact {contact} of a client, not to an employee: it may see no more than that client. "
        "Use a user of the type 'Api Employee'."
    ]


def custom_fields(client: KaseyaClient, table: str, setup: Setup | None) -> dict[str, Choice]:
    """The fields of the module that setup names; `other_choices` has those of all modules."""
    fields = definitions(client, module_of(setup, table)) if setup else []
    return choices_of(choices.custom_fields_of(table), fields)


def choices_of(group: str, fields: list[Record]) -> dict[str, Choice]:
    """The fields that can be chosen. Examples are options, since values are given for one record at a time only."""
    return choices.field_choices(group, (), _defined(group, fields), is_used=True)


def _defined(group: str, fields: list[Record]) -> Iterator[choices.CustomField]:
    for field in fields:
        with suppress(InvalidValue):
            options = tuple(pick(text, option, "name") for option in pick(items, field, "settings"))
            note = "" if pick(boolean, field, "isactive") else "inactive"
            yield choices.CustomField(key_of(field, group), pick(text, field, "name") or "", note, values=options)


def other_choices(client: KaseyaClient) -> list[Choice]:
    """Company types and custom fields. These are listed by module, whatever each module is for."""
    found = choices.labelled("company types", client.labels(COMPANY_TYPES))
    return [*found, *(choice for fields in module_fields(client).values() for choice in fields)]


def module_fields(client: KaseyaClient) -> dict[str, list[Choice]]:
    """The custom fields of each module that has some, by its number."""
    found: dict[str, list[Choice]] = {}
    for module in map(str, MODULES):
        try:
            fields = choices_of(choices.custom_fields_of(f"module {module}"), definitions(client, module))
        except choices.ONE_LIST_ONLY as error:  # many of these modules do not exist
            log.info("Custom fields of module %s cannot be read: %s", module, error.said)
        else:
            found |= {module: list(fields.values())} if fields else {}
    return found
