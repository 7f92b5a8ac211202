"""Text as Postgres can store it."""

from __future__ import annotations


def is_storable(typed: str) -> bool:
    """Whether Postgres can store the text as it is."""
    if "\x00" in typed:
        return False
    try:
        typed.encode()
    except UnicodeEncodeError:
        return False
    return True


def storable_text(typed: str) -> str:
    """The text without NUL, and with a replacement character for each lone surrogate."""
    cleaned = typed.replace("\x00", "")
    try:
        cleaned.encode()
    except UnicodeEncodeError:
        cleaned = cleaned.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return cleaned
