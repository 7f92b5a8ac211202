"""What preflight asks Autotask, and what setup can choose there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from include.connectors.autotask import picklists
from include.connectors.autotask.client import AutotaskClient
from include.connectors.autotask.columns import CUSTOM_LABELS, custom_fields, key_in
from include.connectors.common.choices import Examples, custom_fields_of
from include.connectors.common.secret_names import is_secret_name
from include.connectors.common.tickets import try_pick, words
from include.connectors.common.values import InvalidValue, boolean, may_be_true
from include.model.choices import Choice
from include.model.errors import RightsError
from include.model.page import Record
from include.model.setup import Setup

log = logging.getLogger(__name__)

COUNTED = {
    "statuses": "Companies",
    "companies": "Companies",
    "sites": "CompanyLocations",
    "assets": "ConfigurationItems",
    "contacts": "Contacts",
}
ENTITIES = {"companies": "Companies", "assets": "ConfigurationItems", "contacts": "Contacts"}
RESTRICTED = ("restricted", "none")


def probe(client: AutotaskClient, kind: str) -> int | None:
    """The count, which needs the right to the list; for boards, statuses and priorities the fields of tickets."""
    if kind not in COUNTED:
        picklists.fields(client, "Tickets")
        return None
    count = client.count(COUNTED[kind])
    return None if kind == "statuses" else count  # the statuses come from companies


def remarks(client: AutotaskClient) -> list[str]:
    """A restricted security level shows fewer rows without an error, but it can be asked for."""
    restricted = []
    for entity in dict.fromkeys(COUNTED.values()):
        with suppress(RightsError):  # the probe has reported it
            if picklists.access(client, entity).casefold() in RESTRICTED:
                restricted.append(entity)
    if not restricted:
        return []
    return [
        f"The API user's security level is restricted for {', '.join(restricted)}: it may see only a part of them, and "
        "what it does not see looks like deleted records. Give it All."
    ]


def other_choices(client: AutotaskClient) -> list[Choice]:
    """Company types and custom fields."""
    choices = [company_type(value) for value in picklists.values(client, "Companies", "companyType")]
    for table, entity in ENTITIES.items():
        seen = examples(client.first_page(entity), picklists.custom_labels(client, entity))
        choices += fields_of(client, table, seen).values()
    return choices


def company_type(value: Record) -> Choice:
    note = "inactive" if try_pick(boolean, value, "isActive") is False else ""
    return Choice("company types", key_in(value, "value"), words(value, "label"), note)


def fields_of(client: AutotaskClient, table: str, seen: Examples) -> dict[str, Choice]:
    """The custom fields of a table by name; `seen` has values of them on records."""
    found, protected = {}, protected_names(client)
    for one in picklists.fields(client, ENTITIES[table], "userDefinedFields"):
        name, title = words(one, "name"), words(one, "label")
        if not name:
            continue
        is_hidden = name in protected or is_secret_name(name) or is_secret_name(title)
        found[name] = Choice(
            custom_fields_of(table),
            name,
            title,
            words(one, "type"),
            examples=() if is_hidden else seen.of(name),
            refused="is protected or encrypted, and such values are never synced" if name in protected else "",
        )
    return found


def known_fields(client: AutotaskClient, table: str, _: Setup) -> dict[str, Choice]:
    return fields_of(client, table, Examples())


def protected_names(client: AutotaskClient) -> frozenset[str]:
    """Names of the fields that Autotask itself hides from most users; read once."""
    if client.protected_fields is None:
        client.protected_fields = frozenset(_protected(client))
    return client.protected_fields


def _protected(client: AutotaskClient) -> Iterator[str]:
    fields = ("id", "name", "isProtected", "isEncrypted")
    try:
        for page in client.listing("UserDefinedFieldDefinitions", fields, counted=False):
            for record in page.records:
                if any(try_pick(may_be_true, record, flag) for flag in ("isProtected", "isEncrypted")):
                    yield words(record, "name")
    except RightsError as error:
        log.warning("Which custom fields are protected cannot be read: %s", error.said)


def examples(records: Iterable[Record], labels: Mapping[str, Mapping[str, str]]) -> Examples:
    """A few values of each custom field; an invalid record has none."""
    seen = Examples()
    for record in records:
        with suppress(InvalidValue):
            for name, value in custom_fields(record | {CUSTOM_LABELS: labels}, Setup()).items():
                seen.add(name, value)
    return seen
