"""Names that a person typed, compared with the names in a PSA."""

from __future__ import annotations

import unicodedata


def loosely(name: str) -> str:
    """The name for comparing without regard to case, the number of blanks, and how an accent is encoded."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are the same for a person who types one of them; blank ones are no names."""
    return bool(loosely(one)) and loosely(one) == loosely(other)
