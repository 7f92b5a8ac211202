"""What preflight asks ConnectWise, and what setup can choose there."""

from __future__ import annotations

from include.connectors.common.choices import CUSTOM_FIELD_TABLES, labelled
from include.connectors.common.responses import required_key
from include.connectors.connectwise.client import ConnectWiseClient, Listing, Params, at_path
from include.connectors.connectwise.companies import COMPANIES, COMPANY_STATUSES, COMPANY_TYPES
from include.connectors.connectwise.custom_fields import custom_fields
from include.connectors.connectwise.listings import BOARDS, CONFIGURATIONS, CONTACTS
from include.model.choices import Choice
from include.model.setup import Setup

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


def known_fields(client: ConnectWiseClient, table: str, setup: Setup) -> dict[str, Choice]:
    return custom_fields(client, table, LISTS[table], setup.field_ids(table))


def other_choices(client: ConnectWiseClient) -> list[Choice]:
    """Company types and custom fields."""
    fields = (custom_fields(client, table, LISTS[table]) for table in CUSTOM_FIELD_TABLES)
    types = labelled("company types", client.labels(COMPANY_TYPES))
    return types + [choice for of_table in fields for choice in of_table.values()]
