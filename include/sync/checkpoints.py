"""How far an attempt has come with a listing, so that the next one goes on behind it instead of beginning again."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from functools import cache

from include.model.page import Position
from include.model.scope import Scope
from include.model.version import __version__
from include.model.wording import log_sentence
from include.sync.run import Sync
from include.warehouse.checkpoints import LedgerCheckpoint
from include.warehouse.staging import Staging

log = logging.getLogger(__name__)

# How much a killed attempt may lose, whichever is less: a checkpoint costs a statement.
LOST_SECONDS = 1.0
LOST_SHARE = 1 / 40
"""Of the pages that it has read."""


@dataclass(frozen=True)
class Checkpoint:
    """What an attempt has staged."""

    position: Position
    """Where the listing goes on."""
    is_complete: bool
    """Whether the end of the listing was proven, so that nothing of it is left to read."""
    absent_keys: frozenset[str]
    """Essential keys that none of the staged records had."""
    staged: int
    """How many rows were staged before the position."""
    rejected: int
    """How many records were rejected before it."""


@dataclass
class Checkpoints:
    """Finds and saves the checkpoint of one table in one run."""

    sync: Sync
    scope: Scope
    saved: LedgerCheckpoint
    staging: Staging
    _saved_at: float = field(init=False)
    _pages: int = 0
    _saved_pages: int = 0

    def __post_init__(self) -> None:
        self._saved_at = self.sync.clock()

    @property
    def _table(self) -> str:
        return self.staging.table.name

    @property
    def _made_for(self) -> str:
        """What another attempt must have in common: the release, and everything that decides what is listed."""
        said = repr((__version__, self.sync.setup, _spelled(self.scope), self.staging.table.facts))
        return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()

    def find(self) -> Checkpoint | None:
        """The checkpoint of an earlier attempt whose rows are still there; None where there is none."""
        saved, staged = self.saved.read(), self.staging.size()
        if saved is None or not (saved or staged):
            return None
        if not saved:
            reason = "its listing has no place to go on from, or proved wrong"
        elif saved["made_for"] != self._made_for:
            reason = "setup or the release has changed since"
        elif staged is None or staged < saved["staged"]:  # unlogged tables are empty after a crash of Postgres
            reason = "what it had staged is not there any more"
        else:
            position = Position(saved["listing"], saved["at"], cache(self.staging.keys))
            absent_keys = frozenset(saved["absent_keys"])
            return Checkpoint(position, saved["is_complete"], absent_keys, saved["staged"], saved["rejected"])
        log_sentence(log, logging.INFO, f"{self._table}: an earlier attempt cannot be continued: {reason}.")
        return None

    def add_page(self, checkpoint: Checkpoint) -> None:
        """Count a page, and save what is behind it if so much was read that it is worth a statement."""
        self._pages += 1
        is_late = self.sync.clock() - self._saved_at >= LOST_SECONDS
        if is_late or self._pages - self._saved_pages >= self._pages * LOST_SHARE:
            self.save(checkpoint)

    def save(self, checkpoint: Checkpoint) -> None:
        """Save it for the next attempt, once its rows are staged."""
        self._saved_at, self._saved_pages = self.sync.clock(), self._pages
        self.saved.write(
            {
                "made_for": self._made_for,
                "listing": checkpoint.position.listing,
                "at": checkpoint.position.at,
                "is_complete": checkpoint.is_complete,
                "absent_keys": sorted(checkpoint.absent_keys),
                "staged": checkpoint.staged,
                "rejected": checkpoint.rejected,
            },
        )

    def reopen(self, checkpoint: Checkpoint) -> None:
        """Go on with the earlier attempt's entry in the ledger. What it staged behind the position is read again."""
        self.saved.reopen(rejected=checkpoint.rejected)
        self.staging.keep_first(checkpoint.staged)

    def discard(self) -> None:
        """The next attempt begins again."""
        self.saved.write(None)


def _spelled(scope: Scope) -> tuple[object, ...]:
    """The scope, with the companies in an order that another process has as well."""
    return (scope.company, scope.since, sorted(scope.companies))
