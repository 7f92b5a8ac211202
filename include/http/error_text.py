"""What a server says about a refusal, in any form that APIs use: JSON, plain text, XML, the title of a web page.

Never a stack trace, and never markup.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import requests

from include.model.strict_json import read_json

DEPTH = 4
MAX_ENTRIES = 10
READ_CHARACTERS = 50_000
TEXT_CHARACTERS = 5_000  # of one text: patterns take longer than it is long
# Names of fields in lower case, without `_`: those that hold words, in the order in which they are read best, and those
# that hold objects and lists of words.
CODES = ("code", "errorcode")
WORDS = (
    *("error", "title", "message", "msg", "exceptionmessage", "detail", "description", "errordescription"),
    *("errormessage", "reason", "faultstring", "userfacingmessage", "value"),
)
NESTED = (
    *("errors", "error", "suberrors", "errorlist", "message", "messages", "detail", "details", "fault", "faults"),
    *("modelstate", "validationerrors", "odata.error", "innererror", "innerexception", "exception"),
)
IN_XML = re.compile(
    r"<(?:\w+:)?(faultstring|message|exceptionmessage|text|reason|description|title|detail|code)\b[^>]*>([^<]+)<", re.I
)
_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)
_NOISE = re.compile("trace|stack|timestamp|path|request_?id|instance", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z!][^<>]*>", re.IGNORECASE)
_TRACE = re.compile(  # .NET and Java, JavaScript, Python, Ruby, PHP, Go; the rest of the text belongs to it
    r"\s+at [\w$`<>+]+(\.[\w$`<>+\[\]]+)+\s?\(.*|\s+at \S+ \(\S+:\d+.*|\s+at (file://|node:|/)\S+:\d+.*"
    r"|Traceback \(most recent call.*|\S+\.rb:\d+:in .*|#\d+ \S+\.php\(\d+\).*|goroutine \d+ \[.*|\bstack ?trace:.*",
    re.IGNORECASE | re.DOTALL,
)


def body_of(response: requests.Response) -> Any:
    """The body of a refusal where it is JSON, whatever the server calls it."""
    try:
        return read_json(response.content) if "html" not in response.headers.get("Content-Type", "") else None
    except ValueError:
        return None


def words_of(response: requests.Response, body: Any) -> str:
    """What a response says; `body` is what `body_of` found."""
    said = _said(body) if body is not None else _in_text(response)
    return " ".join(dict.fromkeys(filter(None, said)))


def page_of(response: requests.Response) -> str:
    """The source of the web page that a response is; empty where it is none."""
    text = _text(response)
    start = text.lstrip("\ufeff \t\r\n")[:1000].lower()
    is_page = "html" in response.headers.get("Content-Type", "").lower() or "<html" in start or "<!doctype h" in start
    return text if is_page else ""


def plain(text: str) -> str:
    """Text without markup, and up to a stack trace."""
    text = text[:TEXT_CHARACTERS]
    readable = _TAG.sub(" ", html.unescape(_TAG.sub(" ", text))) if "<" in text or "&" in text else text
    return " ".join(_TRACE.sub("", f" {readable}").split())


def _said(body: Any, depth: int = DEPTH) -> Iterator[str]:
    if isinstance(body, dict):
        yield from _in_object(body, depth)
    elif isinstance(body, list):
        yield from (f"[{word}]" for item in body[:MAX_ENTRIES] if (word := _flat(item, depth - 1)))
    elif isinstance(body, str):
        yield _flat(body, depth)


def _in_object(body: Mapping[Any, Any], depth: int) -> Iterator[str]:
    fields = {str(name).lower().replace("_", ""): value for name, value in body.items()}
    single = {name: "" if isinstance(value, (dict, list)) else _flat(value, depth) for name, value in fields.items()}
    words = [single[name] for name in dict.fromkeys((*CODES, *WORDS, *NESTED)) if single.get(name)]
    for name in NESTED if depth else ():
        if isinstance(fields.get(name), (dict, list)):
            words.extend(_said(fields[name], depth - 1))
    yield from words or _by_field(body, depth)


def _by_field(body: Mapping[Any, Any], depth: int) -> Iterator[str]:
    """Words under names that only this server knows, such as `{"email": ["is taken"]}`."""
    for name, value in list(body.items())[:MAX_ENTRIES] if depth else ():
        are_words = isinstance(value, list) and all(isinstance(one, str) for one in value)
        may_be_words = are_words or (depth < DEPTH and isinstance(value, (str, dict)))
        if may_be_words and not _NOISE.search(str(name)) and (word := _flat(value, depth - 1)):
            yield f"[{name}: {word}]"


def _flat(value: Any, depth: int) -> str:
    """One value in words, without brackets; of an object in a list the code only where it says nothing else."""
    if isinstance(value, str):
        return _flat_text(value, depth)
    if isinstance(value, dict):
        words = list(filter(None, _in_object({k: v for k, v in value.items() if str(k).lower() not in CODES}, depth)))
        return " ".join(words or filter(None, _in_object(value, depth)))
    if isinstance(value, list):
        return ", ".join(filter(None, (_flat(item, depth - 1) for item in value[:MAX_ENTRIES]))) if depth else ""
    return str(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else ""


def _flat_text(text: str, depth: int) -> str:
    """A text, which can itself be JSON."""
    if depth and text.lstrip()[:1] in ("{", "["):
        try:
            return " ".join(filter(None, _said(read_json(text), depth - 1)))
        except ValueError:
            pass
    return plain(text)


def _in_text(response: requests.Response) -> Iterator[str]:
    if page := page_of(response):
        yield from (plain(title) for title in _TITLE.findall(page[:TEXT_CHARACTERS])[:1])
        return
    text = _text(response).lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        text = text[:TEXT_CHARACTERS].replace("<![CDATA[", "").replace("]]>", "")
        yield from (plain(html.unescape(word)) for _, word in IN_XML.findall(text)[:MAX_ENTRIES])
    elif text.startswith(("{", "[", "null")):  # JSON that was cut off can hold anything
        return
    elif "text" in response.headers.get("Content-Type", "") or "".join(text.split()).isprintable():
        yield plain(text)


def _text(response: requests.Response) -> str:
    try:
        return response.content.decode("utf-8")[:READ_CHARACTERS]
    except UnicodeDecodeError:
        return response.content.decode("latin-1")[:READ_CHARACTERS]
