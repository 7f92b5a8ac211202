"""What preflight passes on to the tasks after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from include.model.company import Company


@dataclass(frozen=True)
class PassedOn:
    """What preflight passes on, in a single XCom: each question to Airflow takes time."""

    asked_at: datetime | None = None
    """When this attempt of preflight began, by Postgres' clock. None where it has not begun."""
    began_at: datetime | None = None
    """When the run began; by Airflow's clock after a retry of preflight."""
    company: Company | None = None
    """The company that was found for the request, where one was asked for."""
    known: Mapping[str, str] = field(default_factory=dict)
    """What was found out about the PSA's server."""

    def as_json(self) -> dict[str, Any]:
        """As it is stored in Airflow."""
        return {
            "asked_at": _text(self.asked_at),
            "began_at": _text(self.began_at),
            "company": self.company and asdict(self.company),
            "known": dict(self.known),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> PassedOn:
        """From what `as_json` gave; nothing is known where nothing is stored."""
        if not stored:
            return cls()
        company = stored["company"]
        return cls(
            asked_at=_moment(stored["asked_at"]),
            began_at=_moment(stored["began_at"]),
            company=Company(**company) if company else None,
            known=stored["known"],
        )


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
