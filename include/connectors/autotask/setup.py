"""What preflight asks Autotask, and what setup can choose there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress

from include.connectors.autotask import picklists
from include.connectors.autotask.client import AutotaskClient
from include.connectors.autotask.columns import CUSTOM_LABELS, key_in, values_by_name
from include.connectors.common.choices import CustomField, custom_fields_of, field_choices
from include.connectors.common.tickets import try_pick, words
from include.connectors.common.values import InvalidValue, boolean, may_be_true
from include.model.choices import Choice
from include.model.errors import RightsError
from include.model.setup import Setup

log = logging.getLogger(__name__)

ENTITIES = {
    "statuses": "Companies",
    "companies": "Companies",
    "sites": "CompanyLocations",
    "assets": "ConfigurationItems",
    "contacts": "Contacts",
}
RESTRICTED = ("restricted", "none")
PROTECTED = "is protected or encrypted, and such values are never synced"


def probe(client: AutotaskClient, kind: str) -> int | None:
    """The count, which needs the right to the list; for boards, statuses and priorities the fields of tickets."""
    if kind not in ENTITIES:
        picklists.fields(client, "Tickets")
        return None
    count = client.count(ENTITIES[kind])
    return None if kind == "statuses" else count  # the statuses come from companies


def remarks(client: AutotaskClient) -> list[str]:
    """Autotask hides rows from a restricted security level without an error, but says which level the user has."""
    restricted = []
    for entity in dict.fromkeys(ENTITIES.values()):
        with suppress(RightsError):  # the probe has reported it
            if picklists.access(client, entity).casefold() in RESTRICTED:
                restricted.append(entity)
    if not restricted:
        return []
    return [
        f"The API user's security level is restricted for {', '.join(restricted)}: it may see only a part of them, and "
        "what it does not see looks like deleted records. Give it All."
    ]


def company_types(client: AutotaskClient) -> Iterator[Choice]:
    for value in picklists.values(client, "Companies", "companyType"):
        note = "inactive" if try_pick(boolean, value, "isActive") is False else ""
        yield Choice("company types", key_in(value, "value"), words(value, "label"), note)


def custom_fields(client: AutotaskClient, table: str, setup: Setup | None) -> dict[str, Choice]:
    """The custom fields of a table by name. Their values are not read to check a setup."""
    return fields_of(client, table, on_records(client, ENTITIES[table]) if setup is None else ())


def fields_of(client: AutotaskClient, table: str, seen: Iterable[CustomField]) -> dict[str, Choice]:
    """The custom fields of a table by name; `seen` are those on records, with their values."""
    protected, definitions = protected_names(client), picklists.fields(client, ENTITIES[table], "userDefinedFields")
    defined = [
        CustomField(name, words(one, "label"), words(one, "type"), PROTECTED * (name in protected))
        for one in definitions
        if (name := words(one, "name"))
    ]
    return field_choices(custom_fields_of(table), seen, defined, is_used=True)


def protected_names(client: AutotaskClient) -> frozenset[str]:
    """Names of the fields that Autotask itself hides from most users; read once."""
    if client.protected_fields is None:
        client.protected_fields = frozenset(_protected(client))
    return client.protected_fields


def _protected(client: AutotaskClient) -> Iterator[str]:
    flags = ("isProtected", "isEncrypted")
    try:
        for record in client.records("UserDefinedFieldDefinitions", ("id", "name", *flags)):
            if any(try_pick(may_be_true, record, flag) for flag in flags):
                yield words(record, "name")
    except RightsError as error:
        log.warning("Which custom fields are protected cannot be read: %s", error.said)


def on_records(client: AutotaskClient, entity: str) -> Iterator[CustomField]:
    """The custom fields on the first page of records, with values; an invalid record has none."""
    labels = picklists.custom_labels(client, entity)
    for record in next(client.part(entity, (), counted=False).pages(None)).records:
        with suppress(InvalidValue):
            for name, value in values_by_name(record | {CUSTOM_LABELS: labels}, Setup()).items():
                yield CustomField(name, values=(value,))
