"""Where each column of each table comes from in a record of HaloPSA."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from include.connectors.common.columns import (
    Column,
    Columns,
    at,
    either,
    first_of,
    flagged_or_first,
    flags,
    joined,
    not_available,
    phone,
)
from include.connectors.common.companies import ACTIVITY, activity_columns, fixed_status_columns
from include.connectors.common.values import (
    D,
    an_object,
    boolean,
    day,
    instant,
    integer,
    items,
    negated,
    pick,
    text,
    whole_key,
)
from include.connectors.halopsa.custom_fields import CUSTOM, FREE_TEXTS, OF_TYPE, UNSET, contact_values
from include.model.page import Record
from include.model.setup import Setup
from include.model.tables import ADDRESS

FIRST_YEAR = 1980  # dates before stand for none
MAIN_SITE = "main_site_id"


def reference_key(value: Record) -> str | None:
    """Another record's id, which comes as a number, a decimal or text; -1, 0 and -99 stand for none."""
    number = integer(value)
    return None if number is None or number in UNSET else str(number)


def real_day(value: Record) -> date | None:
    """A calendar date; one before 1980 stands for none."""
    return _unless_early(day(value))


def moment(value: Record) -> datetime | None:
    """A time; one before 1980 stands for none."""
    return _unless_early(instant(value))


def _unless_early(written: D | None) -> D | None:
    return None if written is None or written.year < FIRST_YEAR else written


def is_primary(record: Record, _: Setup) -> bool | None:
    """Whether the site's company names it as its main site; no site is primary where the company has none."""
    main = pick(whole_key, record, MAIN_SITE)
    return None if main is None else main == pick(whole_key, record, "id")


def priority_key(record: Record, _: Setup) -> str | None:
    """A priority's number means another priority in each SLA."""
    sla, number = pick(whole_key, record, "slaid"), pick(whole_key, record, "priorityid")
    return f"{sla}/{number}" if sla and number else None


def labels(value: Record) -> str | None:
    """Labels in a text; one without a letter is a list of numbers."""
    typed = text(value)
    return typed if typed and any(letter.isalpha() for letter in typed) else None


def _address(line: int, *others: str, note: str = "") -> Column[object]:
    """A line of a site's address, which listings have flat and single records have in an object."""
    return first_of(text, f"delivery_address_line{line}", *others, note=note)


def _of_person(line: str) -> Column[object]:
    """A line of a contact's main address, otherwise of the primary or first one that is in use."""

    def read(record: Record, _: object) -> str | None:
        main = [pick(an_object, record, "primary_address")]
        others = [one for one in pick(items, record, "addresses") if not pick(boolean, one, "inactive")]
        filled = ([one for one in each if any(pick(text, one, part) for part in LINES)] for each in (main, others))
        return pick(text, flagged_or_first(next(filter(None, filled), []), "primary"), line)

    return Column((f"primary_address.{line}", f"addresses.{line}"), read, OF_PERSON)


LINES = ("line1", "line2", "line3", "line4", "postcode")
OF_PERSON = "of the main address, otherwise of the primary one, otherwise of the first, by `id`"
SITE_OF_CONTACT = first_of(reference_key, "site_id_int", "site_id", note="the first that is set")
FLAGS = flags({"isimportantcontact": "Important contact", "isserviceaccount": "Service account"})
NO_DATE = "a date before 1980 stands for none"
COMMON: Columns[Setup] = {
    "source_id": at(whole_key, "id"),
    "source_updated_at": not_available("the columns themselves are compared"),
}
NAMED: Columns[Setup] = {**COMMON, "name": at(text, "name")}
COLUMNS: Mapping[str, Columns[Setup]] = {
    "company_statuses": fixed_status_columns(ACTIVITY),
    "companies": {
        **NAMED,
        "website": at(text, "website", note="not in the lists of older releases"),
        **activity_columns(negated, "inactive"),
    },
    "company_sites": {
        **COMMON,
        "name": first_of(text, "name", "clientsite_name"),
        "company_source_id": at(reference_key, "client_id"),
        "is_active": at(negated, "inactive"),
        "is_primary": Column(
            (f"clients.{MAIN_SITE}",), is_primary, "the company names its main site; older releases do not"
        ),
        "address_line_1": _address(1, "delivery_address.line1"),
        "address_line_2": _address(2, "delivery_address.line2"),
        "city": _address(3, "delivery_address.line3", note="by custom"),
        "state": _address(4, "delivery_address.line4", "region_code_name", note="by custom; else the site's region"),
        "postal_code": _address(5, "delivery_address.postcode"),
        "country": at(text, "country_code_name", note="the site's; the lines of an address have no place for it"),
    },
    "assets": {
        **COMMON,
        "name": first_of(text, "inventory_number", "key_field", "key_field2", "key_field3"),
        "type": at(text, "assettype_name"),
        "status": at(text, "status_name"),
        "is_active": at(negated, "inactive"),
        **dict.fromkeys(
            ("manufacturer", "serial_number", "os_type"),
            not_available("a field of the asset's type can stand in (`field_map`)"),
        ),
        "purchase_date": at(real_day, "supplier_purchasedate", note=NO_DATE),
        "warranty_expires_on": at(real_day, "warranty_end", note=NO_DATE),
        "company_source_id": at(reference_key, "client_id"),
        "site_source_id": at(reference_key, "site_id"),
        "contact_source_id": at(reference_key, "first_user_id", note="the first of the asset's users"),
    },
    "contacts": {
        **COMMON,
        "name": either(at(text, "name"), joined("firstname", "surname")),
        "type": either(at(labels, "role_list"), FLAGS, note=f"the names of roles; otherwise {FLAGS.note}"),
        "title": not_available("Halo's `title` is Mr or Ms; a custom field or `other1` to `other5` can stand in"),
        "email": at(text, "emailaddress"),
        **phone("phonenumber_preferred", "phonenumber", "mobilenumber", "mobilenumber2", "homenumber"),
        "country": not_available("addresses of people have no country"),
        "is_active": at(negated, "inactive"),
        "company_source_id": at(reference_key, "client_id", note="where it is missing, the company of the site"),
        "site_source_id": SITE_OF_CONTACT,
    },
    "service_boards": {**NAMED, "is_active": at(negated, "inactive")},
    "ticket_statuses": {
        **COMMON,
        "name": first_of(text, "name", "shortname"),
        "board_source_id": not_available("all teams have the same statuses"),
        "is_closed": at(boolean, "closed", note="whether the list without closed statuses does not contain it"),
        "is_active": not_available("HaloPSA has no such flag"),
        "sort_order": at(integer, "sequence"),
    },
    "ticket_priorities": {
        **NAMED,
        "source_id": Column(("slaid", "priorityid"), priority_key, "each SLA has priorities of its own: `3/2`"),
        "color": at(text, "colour"),
        "sort_order": at(integer, "priorityid"),
    },
}
DETAIL_COLUMNS: Mapping[str, Columns[Setup]] = {
    "assets": {"notes": at(text, "notes"), "source_updated_at": at(moment, "dlastupdate")},
    "contacts": {
        "source_updated_at": at(moment, "ulastupdate"),
        "email": first_of(text, "email2", "email3"),
        **{column: _of_person(line) for column, line in zip(ADDRESS, LINES, strict=False)},
    },
}
ASKED = "asked for when setup chooses any, by id"
CUSTOM_COLUMNS: Mapping[str, Column[Setup]] = {
    "companies": Column((CUSTOM.place,), lambda r, _: CUSTOM.values(r), ASKED),
    "assets": Column(
        (CUSTOM.place, OF_TYPE.place),
        lambda r, _: CUSTOM.values(r) | OF_TYPE.values(r),
        f"{ASKED}; the fields of the asset's type likewise",
    ),
    "contacts": Column((CUSTOM.place, *FREE_TEXTS), contact_values, ASKED),
}
