"""Generates one row at a time, as real data has it: missing values, odd spellings, several alphabets, long values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from simulator.entities import Address, Asset, Company, Contact, CustomField, Email, Phone, Site
from simulator.sample_data import (
    COMPANY_ENDINGS,
    COMPANY_TRADES,
    COMPANY_WORDS,
    CONTACT_TYPES,
    DEVICES,
    EMAIL_KINDS,
    FIRST_NAMES,
    LAST_NAMES,
    LINES2,
    NOTES,
    ODD_COMPANY_NAMES,
    PHONE_KINDS,
    PLACES,
    SITE_NAMES,
    STREETS,
    TITLES,
)
from simulator.seeded_random import SeededRandom
from simulator.setup_tables import (
    ASSET_STATUSES,
    COMPANY_TYPES,
    DELETED_ASSET_STATUS_ID,
    DELETED_STATUS_ID,
    STATUSES,
)

STATUS_CHOICES = (*(s.id for s in STATUSES for _ in range(8 if s.is_default else 1)), DELETED_STATUS_ID)
ASSET_STATUS_CHOICES = (
    *(s.id for s in ASSET_STATUSES for _ in range(12 if s.is_default else 1)),
    DELETED_ASSET_STATUS_ID,
)
TYPE_CHOICES: tuple[tuple[int, ...], ...] = ((), *((kind.id,) for kind in COMPANY_TYPES), (1, 8), (8, 1, 4))


def address(rng: SeededRandom) -> Address:
    """A plausible address; a few are empty."""
    if rng.likely(0.06):
        return Address()
    place = rng.pick(PLACES)
    return Address(
        line1=f"{rng.number(1, 9999)} {rng.pick(STREETS)}",
        line2=rng.maybe(0.25, LINES2),
        city=place.city,
        state=place.state,
        postal_code=place.postal_code,
        country=place.country if rng.likely(0.9) else None,
    )


def phone_number(rng: SeededRandom) -> str:
    """A phone number in one of the formats that people type."""
    area, number = rng.number(200, 989), rng.number(0, 9999)
    return rng.pick((f"({area}) 555-{number:04}", f"{area}555{number:04}", f"+1 {area} 555 {number:04}"))


def company_name(rng: SeededRandom) -> str:
    """A name, mostly unique. Some companies share a name; some names break common assumptions."""
    if rng.likely(0.03):
        return rng.pick(ODD_COMPANY_NAMES)
    return f"{rng.pick(COMPANY_WORDS)} {rng.pick(COMPANY_TRADES)} {rng.pick(COMPANY_ENDINGS)}"


def company(rng: SeededRandom, *, id_: int, now: datetime, custom_fields: Sequence[CustomField]) -> Company:
    """A company; about one in fifty is deleted."""
    name = company_name(rng)
    short = "".join(letter for letter in name if letter.isascii() and letter.isalnum())[:20] or "Customer"
    updated_at = rng.moment_before(now, days=1200)
    is_deleted = rng.likely(0.02)
    return Company(
        id=id_,
        identifier=f"{short}{id_}",
        name=name,
        website=f"https://www.{short.lower()}.example/" if rng.likely(0.7) else None,
        status_id=rng.pick(STATUS_CHOICES) if rng.likely(0.98) else None,
        type_ids=rng.pick(TYPE_CHOICES),
        phone=phone_number(rng) if rng.likely(0.85) else None,
        address=address(rng),
        is_deleted=is_deleted,
        deleted_at=updated_at if is_deleted else None,
        created_at=updated_at - timedelta(days=rng.number(1, 3000)),
        updated_at=updated_at,
        custom_fields=custom_values(rng, custom_fields, now=now),
    )


def site(rng: SeededRandom, *, id_: int, company_id: int, is_primary: bool, now: datetime) -> Site:
    """A site of a company. The first one is primary, except for a few companies without a primary site."""
    return Site(
        id=id_,
        company_id=company_id,
        name="Main" if is_primary else rng.pick(SITE_NAMES),
        is_active=is_primary or rng.likely(0.9),
        is_primary=is_primary and rng.likely(0.97),
        address=address(rng),
        phone=phone_number(rng) if rng.likely(0.6) else None,
        updated_at=rng.moment_before(now, days=1500),
    )


def asset(
    rng: SeededRandom,
    *,
    id_: int,
    company_id: int,
    site_ids: Sequence[int],
    contact_ids: Sequence[int],
    now: datetime,
    custom_fields: Sequence[CustomField],
) -> Asset:
    """An asset; serial number, site, contact, dates, status and operating system are missing at times."""
    device = rng.pick(DEVICES)
    bought = rng.day_near(now, back=2200, ahead=0) if rng.likely(0.6) else None
    return Asset(
        id=id_,
        company_id=company_id,
        site_id=rng.pick(site_ids) if site_ids and rng.likely(0.9) else None,
        contact_id=rng.pick(contact_ids) if contact_ids and rng.likely(0.5) else None,
        name=f"{device.prefix}-{rng.number(1, 40_000):05}" if rng.likely(0.999) else device.prefix + " spare part" * 12,
        type_id=device.type_id,
        status_id=rng.pick(ASSET_STATUS_CHOICES) if rng.likely(0.95) else None,
        manufacturer=device.manufacturer if rng.likely(0.9) else None,
        model=rng.maybe(0.9, device.models),
        serial_number=serial_number(rng),
        os_type=rng.maybe(0.95, device.systems) if device.systems else None,
        purchase_date=bought,
        warranty_expires_on=bought + timedelta(days=365 * rng.number(1, 5)) if bought and rng.likely(0.8) else None,
        notes=rng.maybe(0.2, NOTES),
        is_active=rng.likely(0.92),
        updated_at=rng.moment_before(now, days=900),
        custom_fields=custom_values(rng, custom_fields, now=now),
    )


def serial_number(rng: SeededRandom) -> str | None:
    """A serial number. A tenth have none, and some share the text of a BIOS whose number was never set."""
    draw = rng.random()
    if draw < 0.1:
        return None
    return "To be filled by O.E.M." if draw < 0.13 else f"{int(draw * 36**8):X}{rng.number(0, 999_999):06}"


def contact(
    rng: SeededRandom,
    *,
    id_: int,
    company_id: int | None,
    site_ids: Sequence[int],
    now: datetime,
    custom_fields: Sequence[CustomField],
) -> Contact:
    """A contact, with or without e-mail address and phone; a few belong to no company."""
    first, last = rng.maybe(0.99, FIRST_NAMES), rng.maybe(0.95, LAST_NAMES)
    return Contact(
        id=id_,
        company_id=company_id,
        site_id=rng.pick(site_ids) if site_ids and rng.likely(0.8) else None,
        first_name=first,
        last_name=last,
        type_names=tuple(rng.choose(CONTACT_TYPES, rng.pick((0, 0, 1, 1, 1, 2)))),
        title=rng.maybe(0.6, TITLES),
        emails=emails(rng, id_),
        phones=phones(rng),
        address=address(rng) if rng.likely(0.2) else None,
        is_active=rng.likely(0.88),
        birthday=rng.day_near(now, back=25_000, ahead=-7000) if rng.likely(0.3) else None,
        portal_password=f"hunter{id_}!" if rng.likely(0.2) else None,
        updated_at=rng.moment_before(now, days=900),
        custom_fields=custom_values(rng, custom_fields, now=now),
    )


def emails(rng: SeededRandom, id_: int) -> tuple[Email, ...]:
    """Up to two e-mail addresses; the default one is not always the first, and not always marked."""
    count, marked = rng.pick((0, 1, 1, 1, 1, 2)), rng.number(0, 2)
    return tuple(
        Email(f"person{id_}{'.private' * i}@customer.example", EMAIL_KINDS[i], is_default=i == min(marked, count))
        for i in range(count)
    )


def phones(rng: SeededRandom) -> tuple[Phone, ...]:
    """Up to three numbers of different kinds, the first of them the default one."""
    kinds = rng.choose(PHONE_KINDS, rng.pick((0, 1, 1, 2, 3)))
    return tuple(
        Phone(phone_number(rng), str(rng.number(100, 999)) if rng.likely(0.2) else None, kind, is_default=i == 0)
        for i, kind in enumerate(kinds)
    )


def custom_values(rng: SeededRandom, custom_fields: Sequence[CustomField], *, now: datetime) -> dict[int, object]:
    """Values by the id of the custom field; most fields are empty."""
    return {one.id: custom_value(rng, one, now=now) for one in custom_fields if rng.likely(0.3)}


def custom_value(rng: SeededRandom, one: CustomField, *, now: datetime) -> object:
    """A value of the field's type."""
    if one.options:
        return rng.pick(one.options)
    if one.type == "Checkbox":
        return rng.likely(0.5)
    if one.type == "Number":
        return rng.pick((rng.number(1, 128), rng.number(1, 900) / 10, 10**15 + rng.number(0, 9)))
    if one.type in ("Percent", "Currency"):
        return rng.number(0, 10_000) / 100
    if one.type == "Date":
        return rng.day_near(now, back=700, ahead=700)
    return _text_value(rng, one.type)


def _text_value(rng: SeededRandom, type_: str) -> str:
    number = rng.number(0, 99_999)
    texts = {
        "Password": f"s3cret-{number:05}",
        "Hyperlink": f"https://rmm.example/device/{number}",
        "IPAddress": f"10.{number % 250}.{number % 199}.{number % 251}",
        "TextArea": f"First line {number}\nsecond line: ключ",
    }
    return texts.get(type_) or rng.pick((f"TAG-{number:05}", f"tag {number}\u200e", "n/a", "Ünïcödé ✓"))
