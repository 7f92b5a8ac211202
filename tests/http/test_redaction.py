"""A secret does not reach the log, however a server quotes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from difflib import SequenceMatcher
from urllib.parse import quote, quote_plus

import pytest

from include.http.redaction import cleaned

SECRET = 'k+y/="Zw\\d-0123456789 abcdef'

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda s: s,
    "in an address": lambda s: quote(s, safe=""),
    "in a form": quote_plus,
    "as JSON": json.dumps,
    "as HTML": lambda s: s.replace('"', "&quot;"),
    "in capitals": str.upper,
    "in hex": lambda s: s.encode().hex(),
    "Base64": lambda s: base64.b64encode(s.encode()).decode(),
    "Base64 behind a user": lambda s: base64.b64encode(f"user:{s}".encode()).decode(),
    "Base64 for addresses": lambda s: base64.urlsafe_b64encode(f"me:{s}".encode()).decode(),
    "in two parts": lambda s: f"'{s[:15]}' and '{s[15:]}'",
    "split by marks": lambda s: "\u200b".join(s),
    "the beginning": lambda s: s[:18] + "…",
    "the end": lambda s: "…" + s[-14:],
    "doubled quotes": lambda s: s.replace('"', '""'),
}


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_secret_is_hidden_in_any_spelling(spelled: Callable[[str], str]) -> None:
    said = cleaned(f"Key {spelled(SECRET)} is wrong", [SECRET])
    assert "***" in said
    common = SequenceMatcher(None, spelled(SECRET), said, autojunk=False).find_longest_match()
    assert common.size < 9, said[common.b : common.b + common.size]


def test_other_words_stay_and_are_one_short_line() -> None:
    assert cleaned("Your password\r\nis\x00 wrong", ["password-1", ""]) == "Your password is wrong"
    assert len(cleaned("x" * 100_000, [SECRET])) == 300
    assert cleaned("abc", ["b"]) == "a***c"
