"""What preflight asks Autotask, and what setup can choose there."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from include.connectors.autotask import picklists
from include.connectors.autotask.client import AutotaskClient
from include.connectors.autotask.columns import ACTIVITY, CUSTOM_LABELS, custom_fields, spelled
from include.connectors.autotask.listings import filter_problems
from include.connectors.common.choices import field_problems
from include.connectors.common.secret_names import is_secret_name
from include.connectors.common.values import InvalidValue, boolean, pick, text
from include.model.choices import Choice
from include.model.errors import RightsError
from include.model.setup import Setup

log = logging.getLogger(__name__)

EXAMPLES = 3
COUNTED = {
    "statuses": "Companies",
    "companies": "Companies",
    "sites": "CompanyLocations",
    "assets": "ConfigurationItems",
    "contacts": "Contacts",
}
ENTITIES = {"companies": "Companies", "assets": "ConfigurationItems", "contacts": "Contacts"}
NARROWED = ("restricted", "none")


def probe(api: AutotaskClient, kind: str) -> int | None:
    """The count, which needs the right to the list; the fields of tickets, where the boards and the rest stand."""
    if kind not in COUNTED:
        picklists.fields(api, "Tickets")
        return None
    count = api.count(COUNTED[kind])
    return None if kind == "statuses" else count  # these are told by companies


def remarks(api: AutotaskClient) -> list[str]:
    """A narrowed security level shows fewer rows and no error, but it can be asked about."""
    narrowed = []
    for entity in dict.fromkeys(COUNTED.values()):
        with suppress(RightsError):  # the probe has said so
            if picklists.access(api, entity).casefold() in NARROWED:
                narrowed.append(entity)
    if not narrowed:
        return []
    return [
        f"The API user's security level is restricted for {', '.join(narrowed)}: it may see a part of them only, and "
        "what it does not see cannot be told from what was deleted. Give it All."
    ]


def check_setup(api: AutotaskClient, setup: Setup) -> list[str]:
    """A sentence for each choice that this tenant does not have."""
    problems = filter_problems(api, setup)[1]
    tables = [table for table in ENTITIES if setup.field_ids(table)]
    guarded = guarded_names(api) if tables else set()
    for table in tables:
        with suppress(RightsError):  # its kind fails by itself, and the probe has said so
            problems += field_problems(table, setup, fields_of(api, table, guarded, {}))
    return problems


def discover(api: AutotaskClient) -> list[Choice]:
    """Everything setup can choose."""
    choices = [Choice("company statuses", key, name) for key, name in ACTIVITY.items()]
    choices += [value_choice("company types", one) for one in picklists.picklist(api, "Companies", "companyType")]
    choices += [value_choice("boards", one) for one in picklists.picklist(api, "Tickets", "queueID")]
    guarded = guarded_names(api)
    for table, entity in ENTITIES.items():
        seen = examples(api.first_page(entity), picklists.custom_labels(api, entity))
        choices += fields_of(api, table, guarded, seen).values()
    return choices


def value_choice(group: str, value: Any) -> Choice:
    note = "" if pick(boolean, value, "isActive") in (True, None) else "inactive"
    return Choice(group, pick(spelled, value, "value") or "", pick(text, value, "label") or "", note)


def fields_of(
    api: AutotaskClient, table: str, guarded: Container[str], seen: Mapping[str, tuple[str, ...]]
) -> dict[str, Choice]:
    """The custom fields of a table by name; `seen` are values of them on records."""
    found = {}
    for one in picklists.fields(api, ENTITIES[table], "userDefinedFields"):
        name, title = pick(text, one, "name"), pick(text, one, "label") or ""
        if name is None:
            continue
        is_hidden = name in guarded or is_secret_name(name) or is_secret_name(title)
        found[name] = Choice(
            f"custom fields of {table}",
            name,
            title,
            pick(text, one, "type") or "",
            examples=() if is_hidden else seen.get(name, ()),
            refused="is protected or encrypted, and what is behind that is never synced" if name in guarded else "",
        )
    return found


def guarded_names(api: AutotaskClient) -> set[str]:
    """Names of the fields that Autotask itself hides from most people."""
    fields = ("id", "name", "isProtected", "isEncrypted")
    try:
        pages = list(api.listing("UserDefinedFieldDefinitions", fields, counted=False))
    except RightsError as error:
        log.warning("Which custom fields are protected cannot be seen: %s", error.said)
        return set()
    records = [record for page in pages for record in page.records]
    return {
        pick(text, record, "name") or ""
        for record in records
        if pick(boolean, record, "isProtected") or pick(boolean, record, "isEncrypted")
    }


def examples(records: Iterable[Any], labels: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """A few different values of each custom field; an odd record has none to give."""
    values: dict[str, dict[str, None]] = {}
    for record in records:
        with suppress(InvalidValue):
            for name, value in custom_fields(record | {CUSTOM_LABELS: labels}, Setup()).items():
                if value is not None:
                    values.setdefault(name, {})[value] = None
    return {name: tuple(islice(found, EXAMPLES)) for name, found in values.items()}
