"""Parses conditions, the text form of a filter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import lru_cache

from simulator.connectwise.filters import SIGNS, Comparison, Expression, Group, Not
from simulator.messages import ApiError

TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"\\]|\\.)*")
  | (?P<moment>\[[^\]]*\])
  | (?P<number>-?\d+(?:\.\d+)?)
  | (?P<sign><=|>=|!=|=|<|>|\(|\)|,)
  | (?P<word>[A-Za-z_][\w/]*)
    )""",
    re.VERBOSE,
)

CONSTANTS: Mapping[str, object] = {"true": True, "false": False, "null": None}

MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?Z?")


@lru_cache(maxsize=256)
def parse(text: str) -> Expression:
    """Parse the text of a condition. Raises `ApiError` for a malformed one."""
    return _Parser(text).parse()


def syntax_error(text: str) -> ApiError:
    """The error for a malformed condition."""
    return ApiError(400, f"The condition could not be understood near: {text[:40]}", code="ApiFindCondition")


class _Parser:
    """A recursive descent parser with one method per rule of the grammar, from the weakest binding to the strongest."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def parse(self) -> Expression:
        found = self._or_expression()
        if self._at < len(self._tokens):
            raise syntax_error(self._tokens[self._at][1])
        return found

    def _or_expression(self) -> Expression:
        parts = [self._and_expression()]
        while self._word("or"):
            parts.append(self._and_expression())
        return parts[0] if len(parts) == 1 else Group(tuple(parts), every=False)

    def _and_expression(self) -> Expression:
        parts = [self._operand()]
        while self._word("and"):
            parts.append(self._operand())
        return parts[0] if len(parts) == 1 else Group(tuple(parts), every=True)

    def _operand(self) -> Expression:
        if self._word("not"):
            return Not(self._operand())
        if self._sign("("):
            inside = self._or_expression()
            self._expect(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Expression:
        name = self._take("word")
        if self._word("not"):
            return Not(self._word_comparison(name))
        if self._peek() == "sign":
            sign = self._take("sign")
            if sign not in SIGNS:
                raise syntax_error(sign)
            return Comparison(name, sign, self._value())
        return self._word_comparison(name)

    def _word_comparison(self, name: str) -> Comparison:
        if self._word("in"):
            self._expect("(")
            values = [self._value()]
            while self._sign(","):
                values.append(self._value())
            self._expect(")")
            return Comparison(name, "in", tuple(values))
        word = self._take("word").lower()
        if word not in ("like", "contains"):
            raise syntax_error(word)
        return Comparison(name, word, self._value())

    def _value(self) -> object:
        kind = self._peek()
        text = self._take(kind)
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "moment":
            return _moment(text[1:-1].strip())
        if kind == "word" and text.lower() in CONSTANTS:
            return CONSTANTS[text.lower()]
        raise syntax_error(text)

    def _peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else "end"

    def _take(self, kind: str) -> str:
        if self._peek() != kind or kind == "end":
            raise syntax_error(self._tokens[self._at][1] if self._at < len(self._tokens) else "its end")
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _word(self, word: str) -> bool:
        return self._skip("word", word)

    def _sign(self, sign: str) -> bool:
        return self._skip("sign", sign)

    def _expect(self, sign: str) -> None:
        if not self._sign(sign):
            raise syntax_error(f"a missing {sign}")

    def _skip(self, kind: str, text: str) -> bool:
        if self._peek() != kind or self._tokens[self._at][1].lower() != text:
            return False
        self._at += 1
        return True


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise syntax_error(text[at:])
        tokens.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return tokens


def _moment(text: str) -> datetime:
    """A timestamp in UTC, with or without Z. An offset such as +00:00 is an error, since servers misread it."""
    if not MOMENT.fullmatch(text):
        raise syntax_error(f"[{text}]")
    try:
        return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=timezone.utc)
    except ValueError:
        raise syntax_error(f"[{text}]") from None
