"""The progress of a task, in the numbers that Airflow's task state store keeps, and in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from include.model.wording import counted, duration

PROGRESS = "progress"
"""The key of the numbers in Airflow's task state store."""
DETAILS_OF = "details of "
"""What the name of a table begins with where its details are read."""
MOST = 1e15
"""A number that is not below it was not written by this package."""
_WORDS: Mapping[str, Callable[[float], str]] = {
    "pages": lambda pages: counted(int(pages), "page"),
    "records": lambda records: counted(int(records), "record"),
    "share": lambda share: f"{share:.0%} of the listing",
    "records_per_second": lambda rate: f"{rate:,.0f} records/s",
    "requests_in_flight": lambda requests: f"{counted(int(requests), 'request')} in flight" if requests else "",
    "seconds_to_go": lambda seconds: f"about {duration(seconds)} to go",
}


def progress_words(numbers: Mapping[str, object]) -> str:
    """How far a listing is, from the numbers that are shown of it."""
    known = {
        name: number for name, number in numbers.items() if isinstance(number, (int, float)) and 0 <= number < MOST
    }
    return ", ".join(filter(None, (words(known[name]) for name, words in _WORDS.items() if name in known)))
