"""The question to a person about held deletions, as Airflow shows it under Required Actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from include.model.tables import SCHEMA
from include.model.wording import counted, moment
from include.warehouse.held import HeldTable
from include.warehouse.ledger_entry import LedgerEntry

APPROVE, REJECT = "Approve", "Reject"
LONGEST_NAME = 80


@dataclass(frozen=True)
class Question:
    """What a person is asked."""

    subject: str
    """The question in a line."""
    body: str
    """The numbers, the reason and some names, in Markdown."""


def question_about(
    kind: str, run_id: str, waiting: Sequence[HeldTable], entries: Mapping[str, LedgerEntry], until: datetime
) -> Question:
    """Whether the held deletions of a kind shall be made."""
    rows = sum(held.rows for held in waiting)
    return Question(
        subject=f"{kind}: mark {counted(rows, 'row')} deleted?",
        body="\n\n".join(
            [
                *(part for held in waiting for part in _about_table(held, entries[held.table].note or "")),
                "The other records of this listing are loaded already. Look at the PSA and at the rights of the API "
                "account before you decide.",
                f"- **{APPROVE}** marks these {counted(rows, 'row')} deleted, except those that another run sees again "
                f"before. The PSA is not asked again.\n- **{REJECT}** leaves them as they are.\n- Without an answer "
                f"until {moment(until)} they stay as they are, and this task turns red.",
                f"The table `{SCHEMA}.held_deletions` has all keys, under the run_id `{run_id}`.",
            ]
        ),
    )


def _about_table(held: HeldTable, reason: str) -> Iterator[str]:
    names = [_shown(name) for name in held.names]
    rest = held.rows - len(names)
    yield f"**{SCHEMA}.{held.table}**: {reason}"
    # In a fence that no name can end: names are text of strangers, and could be links or pictures.
    longest = max((len(tildes) for name in names for tildes in re.findall("~+", name)), default=0)
    fence = "~" * max(longest + 1, 3)
    yield "\n".join([f"{fence}text", *names, *([f"… and {rest:,} more"] if rest else []), fence])


def _shown(name: str | None) -> str:
    """On one line, without characters that change how the text around them is read."""
    printable = "".join(character if character.isprintable() else " " for character in name or "")
    words = " ".join(printable.split()) or "(no name)"
    return words if len(words) <= LONGEST_NAME else words[: LONGEST_NAME - 1] + "…"
