"""Countries: records point at them by number; people see `displayName`, which an account may change."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.autotask.resource import Entity, Field, text, unfilled
from simulator.sample_data import COUNTRIES
from simulator.table import Table


@dataclass(frozen=True)
class Country:
    """A row of the vendor's own list."""

    id: int
    name: str
    code: str


# Numbers that say nothing about the order.
TABLE = Table(Country(31 + number * 7, name, code) for number, (name, code) in enumerate(COUNTRIES.items()))
IDS = {country.name: country.id for country in TABLE.values()}

COUNTRY: Entity[Country] = Entity(
    path="Countries",
    name="Country",
    kind="countries",
    source=lambda _: (TABLE, TABLE.ids),
    fields={
        **unfilled("long", "addressFormatID"),
        **unfilled("integer", "invoiceTemplateID quoteTemplateID"),
        "id": Field("long", lambda _, c: c.id),
        "countryCode": text(lambda _, c: c.code, 2),
        "displayName": text(lambda _, c: c.name, 100),
        "name": text(lambda _, c: c.name.upper(), 100),
        "isActive": Field("boolean", lambda *_: True),
        "isDefaultCountry": Field("boolean", lambda _, c: c.code == "US"),
    },
)


def country_id(name: str | None) -> int | None:
    """The number of a country."""
    return IDS.get(name) if name else None
