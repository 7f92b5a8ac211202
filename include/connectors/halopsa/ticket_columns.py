"""Where each field of a ticket comes from. Records of the list have few names, single records have them all."""

from __future__ import annotations

from dataclasses import replace

from include.connectors.common.columns import Column, Columns, at
from include.connectors.common.tickets import first_readable, reference, reference_of, try_pick
from include.connectors.common.values import boolean, pick, text, whole_key
from include.connectors.halopsa.client import HaloClient
from include.connectors.halopsa.columns import moment, reference_key
from include.model.page import Record
from include.model.tickets import NO_REFERENCE, Reference

UNASSIGNED = "1"  # the built-in agent who has the tickets that are assigned to no one


def points_at(what: str, *names: str) -> Column[object]:
    """What `<what>_id` points at; its name is in `<what>_name`, unless `names` say otherwise."""
    return reference(f"{what}_id", *(names or (f"{what}_name",)), convert=reference_key)


def priority(record: Record, _: object) -> Reference:
    """The key as the table of priorities has it: the number alone means another priority in each SLA."""
    sla, number = try_pick(whole_key, record, "sla_id"), try_pick(reference_key, record, "priority_id")
    named = reference_of(record, "", "priority_name", "priority.name")
    return replace(named, key=f"{sla}/{number}" if sla and number else None)


def owner(record: Record, _: object) -> Reference:
    """The agent; none for the built-in agent of unassigned tickets."""
    agent = reference_of(record, "agent_id", "agent_name", convert=reference_key)
    return NO_REFERENCE if agent.key in (None, UNASSIGNED) else agent


def is_closed(record: Record, _: object = None) -> bool | None:
    """By flag and date. None where they differ: either may stay as it was when a ticket is opened again."""
    if not isinstance(record, dict) or not {"hasbeenclosed", "dateclosed"} & record.keys():
        return None
    flag = bool(try_pick(boolean, record, "hasbeenclosed"))
    return flag if flag == (try_pick(moment, record, "dateclosed") is not None) else None


def _address(record: Record, client: HaloClient) -> str:
    return f"{client.http.base_url}/tickets?id={pick(whole_key, record, 'id')}"


TICKET_COLUMNS: Columns[HaloClient] = {
    "key": at(whole_key, "id"),
    "number": at(whole_key, "id"),
    "summary": at(text, "summary"),
    "company": points_at("client"),
    "contact": points_at("user", "user_name", "reportedby"),
    "board": points_at("team", "team"),
    "status": points_at("status"),
    "priority": Column(("sla_id", "priority_id", "priority_name", "priority.name"), priority),
    "owner": Column(("agent_id", "agent_name"), owner, "agent 1 stands for unassigned"),
    "created_at": first_readable(moment, "dateoccurred", "datecreated"),
    "updated_at": first_readable(moment, "lastactiondate", "last_update"),
    "is_closed": Column(("hasbeenclosed", "dateclosed"), is_closed, "unknown where flag and date differ"),
    "url": Column(("id",), _address),
}
