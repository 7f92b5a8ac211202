"""What a tenant adds to records: custom fields, fields of an asset's type, and a contact's five free texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from include.connectors.common.choices import CUSTOM_FIELD_TABLES
from include.connectors.common.secret_names import is_secret_name
from include.connectors.common.tickets import try_pick
from include.connectors.common.values import InvalidValue, day, integer, is_empty, items, may_be_true, pick, text
from include.connectors.halopsa.client import record_key
from include.model.numbers import whole_number
from include.model.page import Record
from include.model.setup import Setup
from include.model.strict_json import distinct

FREE_TEXTS = tuple(f"other{number}" for number in range(1, 6))  # each tenant uses them as it likes
UNSET = frozenset({-1, 0, -99})  # ids that stand for none
SELECTS = (2, 3)  # types of custom fields whose value is the id of a choice, or of several
TABLE = 7
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")


@dataclass(frozen=True)
class FieldSort:
    """One of the two sorts of fields that have ids: the same id means another field in the other sort."""

    place: str  # where a record has them
    prefix: str  # what setup writes before an id
    tables: tuple[str, ...]  # whose records can have them
    value: Callable[[Record], Record]  # what is stored of a field

    def is_key(self, key: str) -> bool:
        """Whether setup means a field of this sort."""
        number = key.removeprefix(self.prefix)
        return key.startswith(self.prefix) and str(whole_number(number)) == number

    def chosen(self, setup: Setup, table: str) -> list[str]:
        """The ids of the fields that setup uses."""
        keys = filter(self.is_key, setup.field_ids(table)) if table in self.tables else ()
        return sorted((key.removeprefix(self.prefix) for key in keys), key=int)

    def key(self, field: Record) -> str:
        """The field as setup calls it."""
        return f"{self.prefix}{record_key(field)}"

    def fields_on(self, record: Record) -> list[Record]:
        """The fields of a record; one without a usable id cannot be chosen."""
        return [field for field in pick(items, record, self.place) if record_key(field) is not None]

    def fields_on_any(self, records: Iterable[Record]) -> list[Record]:
        """The fields of several records; an invalid record is passed over, since others have the same fields."""
        fields: list[Record] = []
        for record in records:
            with suppress(InvalidValue):
                fields += self.fields_on(record)
        return fields

    def values(self, record: Record) -> dict[str, Record]:
        """The values of a record's fields, as setup calls them."""
        return distinct((self.key(field), self.value(field)) for field in self.fields_on(record))


def custom_value(field: Record) -> Record:
    """The label of a select where Halo gives it, else the value as it was entered; never a secret or a table."""
    kind = try_pick(integer, field, "type")
    if is_secret(field) or kind == TABLE:
        return None
    value, label = stored(field.get("value")), stored(field.get("display"))
    if kind not in SELECTS:
        return value
    return label if label is not None else None if whole_number(value) in UNSET else value


def asset_value(field: Record) -> Record:
    """The label; but a date as Halo stores it, since its label is in a format of the tenant's. Never a secret."""
    if is_secret(field):
        return None
    value, label = field.get("value"), try_pick(text, field, "display")
    return stored(value if label is None or (isinstance(value, str) and ISO_DATE.fullmatch(value)) else label)


CUSTOM = FieldSort("customfields", "", CUSTOM_FIELD_TABLES, custom_value)
OF_TYPE = FieldSort("fields", "field:", ("assets",), asset_value)


def contact_values(record: Record, _: Setup) -> dict[str, Record]:
    """Custom fields, and the contact's free texts by name."""
    return CUSTOM.values(record) | {name: pick(text, record, name) for name in FREE_TEXTS}


def refused(field: Record) -> str:
    """Why a field cannot be chosen; empty where it can."""
    if _is_encrypted(field):
        return "is kept encrypted, and is never synced"
    if is_secret(field):
        return "seems by its name to hold secrets, which are never synced"
    return "is a table, which no column can hold" if try_pick(integer, field, "type") == TABLE else ""


def is_secret(field: Record) -> bool:
    """Whether Halo encrypts a field, or its name is that of a secret."""
    return _is_encrypted(field) or any(_is_secret_name(str(field.get(key) or "")) for key in ("name", "label"))


def _is_encrypted(field: Record) -> bool:
    return any(try_pick(may_be_true, field, flag) for flag in ("isencrypted", "value_is_password_id"))


@lru_cache(maxsize=1024)  # every record has the same few names
def _is_secret_name(name: str) -> bool:
    """Halo puts CF before the names of custom fields."""
    return is_secret_name(name.removeprefix("CF"))


def stored(value: Record) -> Record:
    """Text, a number or a boolean; several values separated by commas. None for dates that stand for none."""
    if isinstance(value, list):
        texts = (text(item) for item in value if not isinstance(item, (dict, list)))
        return ", ".join(sorted(filter(None, texts))) or None
    if isinstance(value, dict) or is_empty(value):
        return None
    return None if isinstance(value, str) and _is_no_date(value.strip()) else value


def _is_no_date(typed: str) -> bool:
    with suppress(InvalidValue):
        return ISO_DATE.fullmatch(typed) is not None and day(typed) is None
    return False
