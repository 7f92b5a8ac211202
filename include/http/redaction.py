"""One line of what others wrote, as a log can show it: without control characters, and without a secret of ours.

A server may quote what we sent: whole or in part, in another spelling, or split by quotation marks.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import quote, quote_plus

from include.model.storable_text import storable_text

SHOWN_CHARACTERS = 300
READ_CHARACTERS = 5_000
PART_CHARACTERS = 12  # of a longer secret, so much of it is still secret
DERIVED_FROM = 6  # a shorter secret, written in another way, is found in words that have nothing to do with it
HIDDEN = "***"
_QUOTES = frozenset("\"'`\\\u00b4\u2018\u2019\u201c\u201d")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def cleaned(words: str, secrets: Iterable[str]) -> str:
    """The words on one line, shortened, with marks in place of secrets."""
    if not words:  # as those of most answers
        return ""
    shown = _without(storable_text(words[:READ_CHARACTERS]), secrets)
    return " ".join(_CONTROL.sub(" ", shown).split())[:SHOWN_CHARACTERS]


def _without(words: str, secrets: Iterable[str]) -> str:
    """The words without each part of a secret, found whatever stands between its characters."""
    places = [place for place, character in enumerate(words) if not _is_between(character)]
    text = "".join(words[place].lower()[:1] for place in places)
    hidden: set[int] = set()
    for length, parts in _parts(frozenset(secrets)).items():
        for start in range(len(text) - length + 1):
            if text[start : start + length] in parts:
                hidden.update(range(places[start], places[start + length - 1] + 1))
    runs = re.compile("\x01+")
    return runs.sub(HIDDEN, "".join("\x01" if place in hidden else one for place, one in enumerate(words)))


def _is_between(character: str) -> bool:
    """Whether it can stand between the characters of a secret that someone quotes."""
    return character in _QUOTES or character.isspace() or not character.isprintable()


@lru_cache(maxsize=2)  # a log line may have many words to look at, and the secrets rarely change
def _parts(secrets: frozenset[str]) -> Mapping[int, set[str]]:
    """What to look for, by its length."""
    found: dict[int, set[str]] = {}
    for secret in secrets:
        for form in _forms(secret):
            text = "".join(character.lower()[:1] for character in form if not _is_between(character))
            length = min(len(text), PART_CHARACTERS)
            if length:
                parts = (text[start : start + length] for start in range(len(text) - length + 1))
                found.setdefault(length, set()).update(parts)
    return found


def _forms(secret: str) -> Iterator[str]:
    """The ways in which servers write what they got."""
    yield secret
    if len(secret) < DERIVED_FROM:
        return
    yield from (quote(secret, safe=""), quote_plus(secret), html.escape(secret), json.dumps(secret)[1:-1])
    data = secret.encode()
    yield data.hex()
    for before in range(3):  # how much of something else may share the first group of Base64
        coded = base64.b64encode(bytes(before) + data)[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6].decode()
        yield from (coded, coded.replace("+", "-").replace("/", "_"))
