"""How far running tasks are with their records, from what they keep in Airflow's task state store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from include.model.progress import DETAILS_OF, progress_words
from include.model.tables import BY_NAME


def progress_lines(kept: Iterable[str]) -> Iterator[str]:
    """A line for each table, from JSON. Others may write there as well: what cannot be used is left out."""
    for text in kept:
        try:
            numbers = json.loads(text)
        except (ValueError, RecursionError):
            continue
        table = numbers.get("table") if isinstance(numbers, dict) else None
        if isinstance(table, str) and table.removeprefix(DETAILS_OF) in BY_NAME and (words := progress_words(numbers)):
            yield f"{table}: {words}"
