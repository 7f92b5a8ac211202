"""Countries. Records refer to them by id; users see `displayName`, which an account can change."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.autotask.resource import Field, Resource, text, unfilled
from simulator.sample_data import COUNTRIES
from simulator.table import Table


@dataclass(frozen=True)
class Country:
    """A country of Autotask's list."""

    id: int
    name: str
    code: str


# The ids say nothing about the order.
TABLE = Table(Country(31 + number * 7, name, code) for number, (name, code) in enumerate(COUNTRIES.items()))
IDS = {country.name: country.id for country in TABLE.values()}

COUNTRY: Resource[Country] = Resource(
    path="Countries",
    name="Country",
    kind="countries",
    source=lambda _: (TABLE, TABLE.ids),
    fields={
        **unfilled("long", "addressFormatID"),
        **unfilled("integer", "invoiceTemplateID quoteTemplateID"),
        "id": Field("long", lambda _, c: c.id),
        "countryCode": text(lambda _, c: c.code, 2),
        "displayName": text(lambda _, c: None if c.code == "FR" else c.name, 100),
        "name": text(lambda _, c: c.name if c.code == "FR" else c.name.upper(), 100),
        "isActive": Field("boolean", lambda *_: True),
        "isDefaultCountry": Field("boolean", lambda _, c: c.code == "US"),
    },
)


def country_id(name: str | None) -> int | None:
    """The id of a country."""
    return IDS.get(name) if name else None
