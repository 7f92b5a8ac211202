"""Numbers, guesses and long sentences as people read them in a log, which does not wrap its lines."""

from __future__ import annotations

import difflib
import logging
import textwrap
from collections.abc import Iterable
from datetime import datetime

LINE = 88  # what Airflow's log pane shows of a line beside the grid on a small screen


def wrapped(sentence: str) -> list[str]:
    """A sentence as lines of a log, the later ones indented."""
    return textwrap.wrap(sentence, LINE, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def counted(number: int, noun: str) -> str:
    """`1 record`, `2,000 records`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment(at: datetime) -> str:
    """`2026-11-22 01:00 UTC`."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def suggestion(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` when something known is close, in whatever case it was typed."""
    by_folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), by_folded, n=1)
    return f" Did you mean '{by_folded[close[0]]}'?" if close else ""


def log_sentence(log: logging.Logger, level: int, sentence: str) -> None:
    """Log a sentence, on as many lines as it needs."""
    for line in wrapped(sentence):
        log.log(level, "%s", line)
