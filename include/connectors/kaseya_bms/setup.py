"""What preflight asks Kaseya BMS, and what setup can choose there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from include.connectors.common.choices import field_problems
from include.connectors.common.companies import ACTIVITY
from include.connectors.common.secret_names import is_secret_name
from include.connectors.common.values import InvalidValue, boolean, items, pick, text
from include.connectors.kaseya_bms.activity import of_activity
from include.connectors.kaseya_bms.auth import USER
from include.connectors.kaseya_bms.client import ASSET, KaseyaClient, Listing, key_of
from include.connectors.kaseya_bms.companies import COMPANIES, COMPANY_TYPES, resolved_filter
from include.connectors.kaseya_bms.custom_fields import definitions, module_of
from include.connectors.kaseya_bms.listings import ASSETS, CONTACTS, QUEUES
from include.model.choices import Choice
from include.model.errors import ConfigError, NotFound, RequestRefused, RightsError, ServerError, ShapeError
from include.model.setup import Setup

log = logging.getLogger(__name__)

CUSTOM_FIELD_TABLES = ("companies", "assets", "contacts")
MODULES = range(1, 61)  # the numbers that are tried for custom fields; 22 is known to be tickets
EXAMPLES = 3
UNREADABLE = (RightsError, NotFound, RequestRefused, ServerError, ShapeError)


def probe(api: KaseyaClient, kind: str) -> int | None:
    """Ask for the count, or for one record where there is none; statuses are no list of their own by default."""
    if kind == "statuses":
        api.result(USER)
        return None
    if kind == "ticket_settings":
        return len(api.lookup(QUEUES))
    if kind == "assets":
        first = api.page(Listing(ASSETS, is_counted=False), 1, size=1)
        list(api.records("asset", ASSET, [key_of(record, ASSETS) for record in first.records]))
        return None
    listing = Listing(CONTACTS if kind == "contacts" else COMPANIES)
    counts = [api.total(of_activity(listing, is_active=is_active)) for is_active in (True, False)]
    return None if kind == "sites" else sum(counts)


def remarks(api: KaseyaClient) -> list[str]:
    """A login of a client's person is good for the client's portal."""
    contact = pick(text, api.result(USER), "contactid")
    if contact in (None, "0"):
        return []
    return [
        f"The login belongs to contact {contact} of a client, not to an employee: it may see no more than that client. "
        "Use a user of the type 'Api Employee'."
    ]


def check_setup(api: KaseyaClient, setup: Setup) -> list[str]:
    """A sentence for each choice that this tenant does not have."""
    problems = resolved_filter(api, setup)[2]
    for table in CUSTOM_FIELD_TABLES:
        if setup.field_ids(table):
            problems += custom_field_problems(api, table, setup)
    return problems


def custom_field_problems(api: KaseyaClient, table: str, setup: Setup) -> list[str]:
    try:
        module = module_of(setup, table)
    except ConfigError as missing:
        return [missing.said]
    known = {choice.id: choice for choice in choices_of(f"custom fields of {table}", definitions(api, module))}
    return field_problems(table, setup, known)


def choices_of(group: str, fields: list[Any]) -> Iterator[Choice]:
    """An odd definition cannot be chosen. The examples are options: values are told for one record at a time only."""
    for field in fields:
        with suppress(InvalidValue):
            label = pick(text, field, "name") or ""
            options = [pick(text, option, "name") for option in pick(items, field, "settings")]
            yield Choice(
                group,
                key_of(field, group),
                label,
                note="" if pick(boolean, field, "isactive") else "inactive",
                examples=() if is_secret_name(label) else tuple(filter(None, options))[:EXAMPLES],
            )


def discover(api: KaseyaClient) -> list[Choice]:
    """Everything setup can choose. Custom fields stand under the number of their module, whatever it may be for."""
    found = [Choice("company types", key, label) for key, label in api.labels(COMPANY_TYPES).items()]
    found += [Choice("company statuses", key, label) for key, label in ACTIVITY.items()]
    found += [Choice("boards", key, label) for key, label in api.labels(QUEUES).items()]
    for module in map(str, MODULES):
        found += choices_of(f"custom fields of module {module}", fields_of(api, module))
    return found


def fields_of(api: KaseyaClient, module: str) -> list[Any]:
    """The custom fields of a module that may not exist."""
    try:
        return definitions(api, module)
    except UNREADABLE as error:
        log.info("Custom fields of module %s cannot be read: %s", module, error.said)
        return []
