"""What preflight asks HaloPSA, and what setup can choose there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from include.connectors.common.choices import field_problems
from include.connectors.common.values import InvalidValue, items, pick, text
from include.connectors.halopsa.assets import asset_types
from include.connectors.halopsa.client import ASSETS, CLIENTS, SITES, TEAMS, USERS, HaloClient, Listing, record_key
from include.connectors.halopsa.columns import (
    ASSET_FIELD,
    FREE_TEXTS,
    STATUSES,
    TABLE,
    asset_value,
    custom_value,
    is_encrypted,
    is_secret,
    plain,
)
from include.connectors.halopsa.details import CUSTOM, FIELDS
from include.model.choices import Choice
from include.model.errors import NotFound, RequestRefused, RightsError, ServerError, ShapeError
from include.model.setup import CompanyChoice, Setup, resolve

log = logging.getLogger(__name__)

EXAMPLES = 3
LISTS = {"statuses": CLIENTS, "companies": CLIENTS, "sites": SITES, "assets": ASSETS, "contacts": USERS}
ENTITIES = {"companies": CLIENTS, "assets": ASSETS, "contacts": USERS}
OF_ONE_KIND = (RightsError, NotFound, RequestRefused, ServerError, ShapeError)  # no reason to stop the others
FIELDS_IN_SETUP = Listing("/FieldInfo", "fields", {"iscustomfieldsetup": "true"})
ASSET_FIELDS = Listing("/Field", "fields")


def probe(api: HaloClient, kind: str) -> int | None:
    """One record and the count; the lists of the help desk are short and come whole."""
    if kind == "ticket_settings":
        return len(api.unpaged(TEAMS))
    count = api.count(LISTS[kind])
    return len(STATUSES) if kind == "statuses" else count


def remarks(api: HaloClient) -> list[str]:
    """An agent who may see all sees at least the company that every HaloPSA comes with."""
    try:
        seen = api.count(CLIENTS)
    except OF_ONE_KIND:  # the probe has said so
        return []
    if seen:
        return []
    return [
        "HaloPSA shows this login no company at all, not even the built-in one: let the agent of the API application "
        "see all customers and all teams."
    ]


def check_setup(api: HaloClient, setup: Setup) -> list[str]:
    """A sentence for each choice that this instance does not have."""
    _, problems = resolve(setup.companies.statuses, STATUSES, what="company status")
    if setup.companies.types:
        problems.append("companies.types: HaloPSA has no types of companies, take this out.")
    if setup.companies.status_from != CompanyChoice.status_from:
        problems.append(f"companies.status_from: HaloPSA has only '{CompanyChoice.status_from}', take this out.")
    for table in ENTITIES:
        if setup.field_ids(table):
            with suppress(*OF_ONE_KIND):  # it fails by itself, and the probe has said so
                problems += field_problems(table, setup, known_fields(api, table, setup.field_ids(table)))
    return problems


def known_fields(api: HaloClient, table: str, wanted: Iterable[str]) -> dict[str, Choice]:
    """The fields that can be chosen; long lists are asked only about what no short one tells of."""
    known = by_id(on_records(table, custom_entries(last_of_first_page(api, table))))
    if table == "contacts":
        known |= by_id(free_texts(api.first_page(USERS)))
    if any(key.startswith(ASSET_FIELD) for key in wanted):
        known = {**in_setup(api, ASSET_FIELDS, table, wanted, ASSET_FIELD), **known}
    if not known.keys() >= set(wanted):
        known = {**in_setup(api, FIELDS_IN_SETUP, table, wanted, ""), **known}
    return known


def last_of_first_page(api: HaloClient, table: str) -> Any:
    """A single record has all custom fields of its kind; the first company is the built-in one, so not that."""
    keys = [key for key in map(record_key, api.first_page(ENTITIES[table])) if key is not None]
    with suppress(NotFound):
        if keys:
            return api.record(ENTITIES[table], str(keys[-1]))
    return {}


def in_setup(api: HaloClient, what: Listing, table: str, wanted: Iterable[str], prefix: str) -> dict[str, Choice]:
    """The setup list; it does not say what its fields belong to. What cannot be looked up is not called wrong."""
    try:
        entries = [field for field in api.unpaged(what) if record_key(field) is not None]
    except (RightsError, NotFound, RequestRefused) as error:
        log.warning("The setup list of fields cannot be read, so fields that no record shows pass: %s", error.said)
        passing = (key for key in wanted if (key.startswith(prefix) if prefix else key.isdigit()))
        return by_id(Choice(group(table), key, "") for key in passing)
    return by_id(choice(table, field, prefix=prefix, on_records=bool(prefix)) for field in entries)


def custom_entries(*records: Any) -> list[Any]:
    return list(entries_of(records, CUSTOM))


def entries_of(records: Iterable[Any], key: str) -> Iterator[Any]:
    """What a record that is odd here carries is found on the others."""
    for record in records:
        with suppress(InvalidValue):
            yield from (entry for entry in pick(items, record, key) if record_key(entry) is not None)


def on_records(table: str, entries: list[Any], *, prefix: str = "") -> Iterator[Choice]:
    """A choice for each field, with a few of the values that the entries have."""
    read = asset_value if prefix else custom_value
    values: dict[int | None, dict[str, None]] = {}
    for entry in entries:
        if (value := read(entry)) is not None:
            values.setdefault(record_key(entry), {})[str(value)] = None
    for entry in {record_key(entry): entry for entry in entries}.values():
        yield choice(table, entry, prefix=prefix, values=values.get(record_key(entry), ()))


def choice(table: str, field: Any, *, prefix: str = "", on_records: bool = True, values: Iterable[str] = ()) -> Choice:
    name, label = pick(text, field, "name") or "", pick(text, field, "label") or ""
    return Choice(
        group(table),
        f"{prefix}{record_key(field)}",
        label or name,
        "field of the asset's type" if prefix else name if label else "",
        on_records=on_records,
        examples=tuple(islice(values, EXAMPLES)),
        refused=refusal(field),
    )


def refusal(field: Any) -> str:
    if is_encrypted(field):
        return "is kept encrypted, and is never synced"
    if is_secret(field):
        return "seems by its name to hold secrets, which are never synced"
    return "is a table, which no column can hold" if field.get("type") == TABLE else ""


def free_texts(contacts: list[Any]) -> Iterator[Choice]:
    for name in FREE_TEXTS:
        values = (record.get(name) for record in contacts if isinstance(record, dict))
        filled = dict.fromkeys(str(value) for value in values if plain(value) is not None)
        yield Choice(group("contacts"), name, f"Other {name[-1]}", examples=tuple(islice(filled, EXAMPLES)))


def group(table: str) -> str:
    return f"custom fields of {table}"


def by_id(choices: Iterable[Choice]) -> dict[str, Choice]:
    return {one.id: one for one in choices}


def discover(api: HaloClient) -> list[Choice]:
    """Everything setup can choose."""
    choices = [Choice("company statuses", key, name) for key, name in STATUSES.items()]
    boards = [board for board in api.unpaged(TEAMS) if record_key(board) is not None]
    choices += [Choice("boards", str(record_key(board)), pick(text, board, "name") or "") for board in boards]
    for table in ENTITIES:
        choices += custom_choices(api, table)
        choices += asset_choices(api) if table == "assets" else []
    return choices + list(free_texts(api.first_page(USERS)))


def custom_choices(api: HaloClient, table: str) -> Iterator[Choice]:
    """The fields of a single record, with examples from a page of others where the list brings them."""
    detailed = last_of_first_page(api, table)
    ids = ",".join(str(record_key(entry)) for entry in custom_entries(detailed) if not refusal(entry))
    page = api.first_page(ENTITIES[table], include_custom_fields=ids) if ids else []
    yield from on_records(table, custom_entries(*page, detailed))


def asset_choices(api: HaloClient) -> list[Choice]:
    """The fields of all types of assets, first those that are in use."""
    pages = (api.first_page(ASSETS, includeassetfields="true", assettype_id=key) for key in asset_types(api))
    used = by_id(on_records("assets", [e for page in pages for e in entries_of(page, FIELDS)], prefix=ASSET_FIELD))
    others = in_setup(api, ASSET_FIELDS, "assets", (), ASSET_FIELD)
    return list({**used, **others, **used}.values())
