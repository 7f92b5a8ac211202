"""What preflight asks ConnectWise, and what setup can choose there."""

from __future__ import annotations

import logging

from include.connectors.common.choices import CustomField, custom_fields_of, field_choices, labelled
from include.connectors.common.responses import required_key
from include.connectors.common.tickets import try_pick, words
from include.connectors.common.values import items
from include.connectors.connectwise.client import ConnectWiseClient, Listing, Params, at_path
from include.connectors.connectwise.companies import COMPANIES, COMPANY_STATUSES, COMPANY_TYPES
from include.connectors.connectwise.custom_fields import CUSTOM_FIELDS, PASSWORD, value_of, with_key
from include.connectors.connectwise.listings import BOARDS, CONFIGURATIONS, CONTACTS
from include.model.choices import Choice
from include.model.errors import NotFound, RequestRefused, RightsError
from include.model.page import Record
from include.model.setup import Setup

log = logging.getLogger(__name__)

DEFINITIONS = "/system/userDefinedFields"
LISTS = {
    "statuses": COMPANY_STATUSES,
    "companies": COMPANIES,
    "sites": COMPANIES,
    "assets": CONFIGURATIONS,
    "contacts": CONTACTS,
    "ticket_settings": BOARDS,
}


def probe(client: ConnectWiseClient, kind: str) -> int | None:
    """Read one record, which needs the right to the list, then ask for the count; sites have none."""
    path = LISTS[kind]
    one: Params = {"fields": "id", "orderBy": "id asc", "page": 1, "pageSize": 1}
    first = client.get(path, one).body
    if kind != "sites":
        return client.count(Listing(path))
    if isinstance(first, list) and first:
        client.get(f"{path}/{required_key(first[0], at_path(path))}/sites", {"page": 1, "pageSize": 1})
    return None


def custom_fields(client: ConnectWiseClient, table: str, setup: Setup | None) -> dict[str, Choice]:
    """The custom fields that were seen on the first page of records, then those of the tenant's list of all fields.

    The list does not say to which records a field belongs. It is not asked for when all that setup uses were seen.
    """
    first_page = next(client.pages(Listing(LISTS[table], f"id,{CUSTOM_FIELDS}", is_counted=False)))
    on_records = [field for record in first_page.records for field in try_pick(items, record, CUSTOM_FIELDS) or []]
    seen = [_field(key, field, "type", value_of(field)) for key, field in with_key(on_records)]
    needs_list = setup is None or not {field.key for field in seen} >= setup.field_ids(table)
    in_order = sorted(seen, key=lambda field: int(field.key))
    return field_choices(custom_fields_of(table), in_order, _defined(client) if needs_list else ())


def _defined(client: ConnectWiseClient) -> list[CustomField]:
    """The fields of the tenant's list; none where this login may not read it. Other errors are raised."""
    try:
        fields = list(client.records(Listing(DEFINITIONS, "id,caption,fieldTypeIdentifier")))
    except (RightsError, NotFound, RequestRefused) as error:
        log.warning("The list of custom fields cannot be read, so only those on records are known: %s", error.said)
        return []
    return [_field(key, field, "fieldTypeIdentifier") for key, field in with_key(fields)]


def _field(key: str, field: Record, type_key: str, value: Record = None) -> CustomField:
    kind = words(field, type_key).strip()
    refused = "holds passwords, which are never synced" if kind.casefold() == PASSWORD.casefold() else ""
    return CustomField(key, words(field, "caption").strip(), kind, refused, (value,))


def company_types(client: ConnectWiseClient) -> list[Choice]:
    return labelled("company types", client.labels(COMPANY_TYPES))
