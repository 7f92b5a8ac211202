"""How this account writes things down: times, gaps, names, and which machines tell what about themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from simulator.entities import Asset, Company
from simulator.world import BIRTH, World

TIME_ZONE = "America/New_York"
CLOCK = ZoneInfo(TIME_ZONE)
ACCOUNT_ID = 28_117
# Further addresses are numbered far from companies, and beyond 32 bits, as on the live platform.
ADDRESS_IDS = 3_000_000_000


class Names(NamedTuple):
    """The names a company goes by; each may be missing, empty or blank."""

    business_name: str | None
    firstname: str | None
    lastname: str | None
    fullname: str | None


def names(company: Company) -> Names:
    """Most are businesses with somebody to ask for; some are private persons; a few were saved without any name."""
    if company.id % 37 == 4:
        return Names("", None, None, " ")
    if company.id % 11 in (3, 7):
        first, _, last = company.name.partition(" ")
        return Names(None if company.id % 11 == 3 else "  ", first, last, company.name)
    return Names(company.name, "Front", "Desk", "Front Desk")


def disabled(world: World, company: Company) -> bool | None:
    """The one status a company has here; of those that never had one in the world it is not even known."""
    if company.status_id is None:
        return None
    status = world.statuses.get(company.status_id)
    return status is not None and not status.is_active


def tells_system(asset: Asset) -> bool:
    """Whether the agent's report can be read: no agent, no report yet and a broken one all tell nothing."""
    return asset.os_type is not None and asset.id % 8 not in (6, 7)


def tells_maker(asset: Asset) -> bool:
    """Whether that report also has its general part."""
    return tells_system(asset) and asset.id % 8 != 5


def further_sites(world: World, company_id: int) -> list[int]:
    """The places of a company beside its main address, which is no record of its own."""
    return [id_ for id_ in world.sites.by("company_id").get(company_id, ()) if not world.sites[id_].is_primary]


def stamp(moment: datetime) -> str:
    """A moment as the account's clock showed it, so winter and summer offsets stand side by side."""
    return moment.astimezone(CLOCK).isoformat(timespec="milliseconds")


def created(id_: int, updated_at: datetime) -> datetime:
    """When a row began, for rows the world knows only the last change of."""
    return min(updated_at, BIRTH - timedelta(days=id_ % 2000))


def gap(value: str | None, row_id: int) -> str | None:
    """Text, or how a gap looks: empty text on most rows, null on every third."""
    return value if value is not None or row_id % 3 == 0 else ""


def day(value: date, row_id: int) -> str:
    """A date as people type it; on every tenth row nobody can tell which day is meant."""
    return f"Q{(value.month + 2) // 3} {value.year}?" if row_id % 10 == 0 else value.strftime("%m/%d/%Y")
