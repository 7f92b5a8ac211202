"""Where each field of a ticket comes from. Records of the list have few names, single records have them all."""

from __future__ import annotations

from collections.abc import Sequence

from include.connectors.common.columns import Column, Columns, at, of_many
from include.connectors.common.tickets import combined, first_readable, pointing_at, reference
from include.connectors.common.values import boolean, text, whole_key
from include.connectors.halopsa.client import HaloClient
from include.connectors.halopsa.columns import moment, reference_key
from include.model.page import Record
from include.model.tickets import NO_REFERENCE, Reference

UNASSIGNED = "1"  # the built-in agent who has the tickets that are assigned to no one


def points_at(what: str, *names: str) -> Column[object]:
    """What `<what>_id` points at; its name is in `<what>_name`, unless `names` say otherwise."""
    return reference(f"{what}_id", *(names or (f"{what}_name",)), convert=reference_key)


def priority_key(sla: str | None, number: str | None) -> str | None:
    """The key as the table of priorities has it: the number alone means another priority in each SLA."""
    return f"{sla}/{number}" if sla and number else None


def owner(agent: Reference) -> Reference:
    """The agent; none for the built-in agent of unassigned tickets."""
    return NO_REFERENCE if agent.key in (None, UNASSIGNED) else agent


def are_closed(records: Sequence[Record], given: object = None) -> list[bool | None]:
    """By flag and date. None where they differ: either may stay as it was when a ticket is opened again."""
    flags, dates = map(bool, FLAG.read_all(records, given)), DATE.read_all(records, given)
    shown = ("hasbeenclosed" in record or "dateclosed" in record for record in records)
    each = zip(flags, dates, shown, strict=True)
    return [flag if is_shown and flag == (date is not None) else None for flag, date, is_shown in each]


def _addresses(records: Sequence[Record], client: HaloClient) -> list[object]:
    return [f"{client.http.base_url}/tickets?id={key}" for key in KEY.read_all(records, client)]


KEY = at(whole_key, "id")
FLAG, DATE = first_readable(boolean, "hasbeenclosed"), first_readable(moment, "dateclosed")
PRIORITY = combined(priority_key, first_readable(whole_key, "sla_id"), first_readable(reference_key, "priority_id"))
TICKET_COLUMNS: Columns[HaloClient] = {
    "key": KEY,
    "number": KEY,
    "summary": at(text, "summary"),
    "company": points_at("client"),
    "contact": points_at("user", "user_name", "reportedby"),
    "board": points_at("team", "team"),
    "status": points_at("status"),
    "priority": pointing_at(PRIORITY, first_readable(text, "priority_name", "priority.name")),
    "owner": combined(owner, points_at("agent"), note="agent 1 stands for unassigned"),
    "created_at": first_readable(moment, "dateoccurred", "datecreated"),
    "updated_at": first_readable(moment, "lastactiondate", "last_update"),
    "is_closed": of_many((*FLAG.fields, *DATE.fields), are_closed, "unknown where flag and date differ"),
    "url": of_many(("id",), _addresses),
}
