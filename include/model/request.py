"""The trigger form, and what a person asks for with it; its defaults are what every night asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from include.model.kinds import KINDS, OF_COMPANIES

LABELS = {
    "statuses": "Company statuses",
    "companies": "Companies",
    "sites": "Sites",
    "assets": "Assets",
    "contacts": "Contacts",
    "ticket_settings": "Boards, ticket statuses and priorities",
}
EVERYTHING, QUICK, DUE = "everything", "quick", "due"
"""What a run lists: everything; only what changed, as far as that can be; what is due, as in a nightly run."""
_EXTENT: Mapping[str, Any] = {
    "default": QUICK,
    "type": "string",
    "enum": [QUICK, EVERYTHING],
    "values_display": {QUICK: "Quick: what changed", EVERYTHING: "Everything"},
    "title": "How much to read",
    "description_md": "Quick reads what changed since the last run, and finds what was deleted where that costs few "
    "requests. Of one company, and of kinds whose deletions you approve, everything is read in any case.",
}
_NOT_QUICK: Mapping[str, Any] = {
    **_EXTENT,
    "default": EVERYTHING,
    "enum": [EVERYTHING],
    "description_md": "There are no quick runs: this PSA cannot be asked for what changed.",
}
# The fields of the form, as Airflow's Params take them.
_FORM: Mapping[str, Mapping[str, Any]] = {
    "kinds": {
        "default": list(KINDS),
        "type": "array",
        "items": {"enum": list(KINDS)},
        "examples": list(KINDS),
        "values_display": LABELS,
        "minItems": 1,
        "title": "What to sync",
        "description_md": "All kinds, unless you take some out.",
    },
    "company": {
        "default": None,
        "type": ["null", "string"],
        "maxLength": 200,
        "title": "Only this company",
        "description_md": "The whole name of a company as the PSA has it, or its number there. Empty: all companies. "
        "One company takes seconds. Statuses, boards and priorities belong to no company and are left out then.",
    },
    "dry_run": {
        "default": False,
        "type": "boolean",
        "title": "Dry run",
        "description_md": "Only compare: no table changes, and the log of the task *summary* counts what would be "
        "written and deleted.",
    },
    "approve": {
        "default": None,
        "type": ["null", "array"],
        "items": {"enum": list(KINDS)},
        "examples": list(KINDS),
        "values_display": LABELS,
        "title": "Approve deletions",
        "description_md": "Leave this empty unless an earlier run was **held back** because too much would vanish. "
        "After a look at the PSA showed that it is right, choose the kinds that may lose their rows in this run.",
    },
}


@dataclass(frozen=True)
class Request:
    """What a person asked a run for."""

    kinds: tuple[str, ...] = tuple(KINDS)
    company: str | None = None
    """The only company to sync, by name or number as typed."""
    dry_run: bool = False
    """Compare only, write nothing."""
    approved: tuple[str, ...] = ()
    """The kinds whose deletions a person has approved: the deletion guard does not check them."""
    extent: str = EVERYTHING
    """How much is listed: EVERYTHING, QUICK or DUE."""

    @property
    def is_quick(self) -> bool:
        """Whether only changes are listed, as far as that can be."""
        return self.extent == QUICK and not self.company

    @property
    def planned(self) -> tuple[str, ...]:
        """The kinds to run, in the order of KINDS; what belongs to no company is left out when one was asked for."""
        return tuple(kind for kind in KINDS if kind in self.kinds and (not self.company or kind in OF_COMPANIES))

    def __str__(self) -> str:
        """`assets and contacts of company 'Acme', dry run`."""
        whole = self.planned == tuple(KINDS)
        parts = ["everything" if whole else _listed(self.planned or self.kinds)]
        if self.company:
            parts[0] += f" of company '{self.company}'"
        if self.dry_run:
            parts.append("dry run")
        if self.approved:
            parts.append(f"deletions approved for {_listed(self.approved)}")
        return ", ".join(parts)


def form(*, can_be_quick: bool) -> Mapping[str, Mapping[str, Any]]:
    """The fields of the form of a PSA."""
    return {"extent": _EXTENT if can_be_quick else _NOT_QUICK, **_FORM}


def from_params(params: Mapping[str, Any], extent: str | None = None) -> Request:
    """The request behind a run's params, which Airflow has checked against their schema.

    `extent` is that of a run whose form no one has filled in.
    """
    return Request(
        extent=extent or params.get("extent", EVERYTHING),  # a run of an older release has none
        kinds=tuple(params["kinds"]),
        company=(params["company"] or "").strip() or None,
        dry_run=bool(params["dry_run"]),
        approved=tuple(params["approve"] or ()),
    )


def _listed(names: tuple[str, ...]) -> str:
    head, last = ", ".join(names[:-1]), names[-1]
    return f"{head} and {last}" if head else last
