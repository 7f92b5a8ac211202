"""Changes in what a PSA's records look like: fields that no record has any more, new types, new labels.

Each is reported once, by the run that sees it first. The first full listing of a table only shows how things are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from include.connectors.common.columns import Columns
from include.connectors.common.shapes import Shapes, has_field, tree_of
from include.model.page import Record
from include.model.setup import Setup
from include.model.storable_text import storable_text
from include.model.wording import counted, log_sentence
from include.warehouse.seen_shapes import Fact, Known, News, SeenShapes

log = logging.getLogger(__name__)

LABELLED: Mapping[str, tuple[str, ...]] = {
    "company_statuses": ("name",),
    "companies": ("status",),
    "assets": ("type", "status"),
    "contacts": ("type",),
    "service_boards": ("name",),
    "ticket_statuses": ("name",),
    "ticket_priorities": ("name",),
}
"""By table, the columns with labels that a PSA's administrators choose from; other texts can be anything."""
SEVERAL = {("contacts", "type"): ", "}
"""Columns with several labels in one text, and what separates them."""
MOST_LABELS = 200
"""Of a column; where there are more, they are not what a PSA offers to choose from, and are not watched."""
LONGEST_LABEL = 100
DETAILS = ".details"
"""Ends the name under which the details of a table are known."""
LOOKED_AT, ONE_PAGE_OF = 1_000, 10
"""The types of all values in so many records are looked at, and behind them in one page of so many."""
MANY, MANY_OF_ALL = 5, 3
"""A field is missing if so many records should have it; of one that all records had, fewer are enough."""
SHOWN = 5
TYPES = {"text": "text", "number": "a number", "boolean": "true or false", "list": "a list", "object": "an object"}


@dataclass
class Drift:
    """What one table's records show, beside what is known."""

    table: str
    """The table, or the details of it, which are known apart."""
    columns: Columns[Setup]
    """Where its columns come from in these records."""
    setup: Setup
    known: Known
    shapes: Shapes = field(init=False)
    labels: dict[str, set[str] | None] = field(init=False)
    """By column; None where there are too many."""
    expected: set[str] = field(init=False)
    """Fields of the last full listing that no record has had so far."""
    _records: int = 0
    _pages: int = 0

    def __post_init__(self) -> None:
        self.shapes = Shapes(tree_of(self.columns))
        table = self.table.removesuffix(DETAILS)
        mapped = self.setup.field_map_of(table)  # what people type into a field of their own is no label
        watched = [name for name in LABELLED.get(table, ()) if name in self.columns and name not in mapped]
        self.labels = {name: set() for name in watched if self.known.labels.get(name, ()) is not None}
        self.expected = set(self.known.shares.keys() - self.known.missing)

    def add_records(self, records: Sequence[Record]) -> None:
        """Look at the records of a page."""
        if self._records < LOOKED_AT or self._pages % ONE_PAGE_OF == 0:
            self.shapes.look(records)
        self._pages += 1
        self._records += len(records)
        if self.expected:
            self.expected = {path for path in self.expected if not has_field(records, path)}

    def add_rows(self, columns: Mapping[str, Sequence[object]]) -> None:
        """Collect the labels in these rows."""
        for name, found in self.labels.items():
            if found is None:
                continue
            separator = SEVERAL.get((self.table, name))
            values = [value for value in set(columns.get(name, ())) if isinstance(value, str)]
            found.update(
                label for value in values for label in (value.split(separator) if separator else (value,)) if label
            )
            if len(found) > MOST_LABELS:
                self.labels[name] = None

    def save_listing(self, seen: SeenShapes, *, is_full: bool) -> None:
        """Add what is new to what is known. What is missing counts only in a full listing that was seen as a whole."""
        if self.known.fields or is_full:
            self._save_new(seen, noted=self._is_news)
        if is_full:
            self._save_fields(seen)

    def save_details(self, seen: SeenShapes, *, were_complete: bool) -> None:
        """Add what is new; it is news if the details of every record were known before."""
        self._save_new(seen, noted=lambda one: were_complete and self._is_news(one))

    def _save_new(self, seen: SeenShapes, *, noted: Callable[[Fact], bool]) -> None:
        new = {*self._new_labels(), *self._new_fields()}
        if new:
            seen.add(self.table, new, noted=set(filter(noted, new)))
        if too_many := [one.name for one in new if one.kind == "unwatched"]:
            seen.forget_labels(self.table, too_many)

    def _new_labels(self) -> Iterator[Fact]:
        for name, found in self.labels.items():
            known = set(self.known.labels.get(name) or ())
            labels = {storable_text(label)[:LONGEST_LABEL] for label in found or ()}
            if found is None or len(labels | known) > MOST_LABELS:
                yield Fact("unwatched", name)
            else:
                yield from (Fact("label", name, label) for label in labels - known)

    def _new_fields(self) -> Iterator[Fact]:
        for path, one in self.shapes.fields.items():
            if one.present and path not in self.known.fields:
                yield Fact("field", path)
            yield from (Fact("type", path, kind) for kind in one.types - self.known.types.get(path, frozenset()))

    def _is_news(self, fact: Fact) -> bool:
        """Whether it differs from what was known; the first type or labels of a field differ from nothing."""
        if fact.kind == "type":
            return fact.name in self.known.types
        return fact.kind == "label" and bool(self.known.labels.get(fact.name))

    def _save_fields(self, seen: SeenShapes) -> None:
        known, found = self.known, [one for one in self.shapes.fields.values() if one.present]
        shares = {
            one.path: one.share
            for one in found
            if one.path in known.missing or one.share != known.shares.get(one.path, 0.0)
        }
        if shares:
            seen.set_shares(self.table, shares)
        if missing := set(filter(self._is_missing, self.expected & self.shapes.fields.keys())):
            seen.mark_missing(self.table, missing)

    def _is_missing(self, path: str) -> bool:
        """Whether a field that no record has should be in some, going by its share in the last full listing."""
        share, looked_at = self.known.shares[path], self.shapes.fields[path].looked_at
        return share * looked_at >= (MANY_OF_ALL if share == 1.0 else MANY)


def sentences(news: Iterable[News]) -> Iterator[str]:
    """What is new, for the log and the summary."""
    for one in news:
        table = one.table.removesuffix(DETAILS)
        whose = table if table == one.table else f"details of {table}"
        if one.kind == "missing":
            yield (
                f"{whose}: no record has the field {one.name} any more: columns that it filled may be empty. "
                "Does the PSA have a new release? This package may need one as well."
            )
        elif one.kind == "type":
            came, before = (" and ".join(TYPES.get(kind, kind) for kind in kinds) for kinds in (one.values, one.before))
            yield f"{whose}: the field {one.name} came as {came} for the first time; before, it was {before}."
        else:
            shown = ", ".join(f"'{_shown(label)}'" for label in one.values[:SHOWN])
            more = f" and {counted(len(one.values) - SHOWN, 'other')}" if len(one.values) > SHOWN else ""
            yield f"{table}.{one.name} has values that were never seen before: {shown}{more}."


def notes_of_drift(news: Iterable[News], *, of_details: bool) -> list[str]:
    """What is new in listings, or in details, for the summary of either."""
    return [f"Note: {said}" for said in sentences(one for one in news if one.table.endswith(DETAILS) is of_details)]


def log_drift(news: Iterable[News], table: str) -> None:
    """Log what is new of a table."""
    for sentence in sentences(one for one in news if one.table == table):
        log_sentence(log, logging.WARNING, sentence)


def _shown(label: str) -> str:
    """A label as one line, without marks that a terminal or a browser would act on."""
    return "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in " ".join(label.split()))
