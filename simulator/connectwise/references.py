"""References from one record to another: an object with id, name and link. Of a deleted row, only the id is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.sample_data import COUNTRIES, MANUFACTURERS, STATES
from simulator.world import World

Reference = dict[str, object]


@dataclass(frozen=True)
class Tenant:
    """What the fields of a record are computed from."""

    world: World
    root: str  # links in records start with this address

    def reference(self, kind: str, path: str, id_: int | None, shown: Mapping[str, object] | None) -> Reference | None:
        """A reference to `path/id_`; `shown` is what it contains besides the id, None for a deleted row."""
        if id_ is None:
            return None
        # The doubled slash is the vendor's own.
        return {"id": id_, **(shown or {}), "_info": {f"{kind}_href": f"{self.root}//{path}/{id_}"}}

    def named_reference(self, kind: str, path: str, id_: int | None, table: Mapping[int, Any]) -> Reference | None:
        """A reference with the name of the row."""
        row = table.get(id_) if id_ is not None else None
        return self.reference(kind, path, id_, {"name": row.name} if row else None)

    def company(self, id_: int | None) -> Reference | None:
        """A reference to a company, with its short name."""
        row = self.world.companies.get(id_) if id_ is not None else None
        shown = {"identifier": row.identifier, "name": row.name} if row else None
        return self.reference("company", "company/companies", id_, shown)

    def site(self, id_: int | None, company_id: int | None) -> Reference | None:
        """A reference to a site of the company."""
        return self.named_reference("site", f"company/companies/{company_id}/sites", id_, self.world.sites)

    def contact(self, id_: int | None) -> Reference | None:
        """A reference to a contact, with the full name."""
        row = self.world.contacts.get(id_) if id_ is not None else None
        name = " ".join(part for part in (row.first_name, row.last_name) if part) if row else ""
        return self.reference("contact", "company/contacts", id_, {"name": name} if name else None)

    def member(self, id_: int | None) -> Reference | None:
        """A reference to a technician."""
        row = self.world.members.get(id_) if id_ is not None else None
        shown = {"identifier": row.identifier, "name": f"{row.first_name} {row.last_name}"} if row else None
        return self.reference("member", "system/members", id_, shown)

    def board(self, id_: int) -> Reference | None:
        """A reference to a board."""
        return self.named_reference("board", "service/boards", id_, self.world.boards)

    def ticket(self, id_: int) -> Reference | None:
        """A reference to a ticket, with its summary."""
        row = self.world.tickets.get(id_)
        path = "project/tickets" if row and row.is_project else "service/tickets"
        return self.reference("ticket", path, id_, {"summary": row.summary} if row else None)

    def country(self, name: str | None) -> Reference | None:
        """A reference to a country."""
        id_ = list(COUNTRIES).index(name) + 1 if name else None
        return self.reference("country", "company/countries", id_, {"name": name})

    def state(self, identifier: str | None) -> Reference | None:
        """A reference to a state."""
        if identifier is None:
            return None
        shown = {"identifier": identifier, "name": STATES[identifier][0]}
        return self.reference("state", "company/states", list(STATES).index(identifier) + 1, shown)

    def manufacturer(self, name: str | None) -> Reference | None:
        """A reference to a manufacturer."""
        id_ = MANUFACTURERS.index(name) + 1 if name else None
        return self.reference("manufacturer", "procurement/manufacturers", id_, {"name": name})
