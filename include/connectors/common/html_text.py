"""Readable text from HTML that strangers wrote, in time that grows with its length alone.

The standard library's parser reads on to the end for every tag that is never closed, so that a hostile megabyte would
take it hours; a page escapes what it shows in any case, so that knowing the common tags is enough here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

LINES = (
    "address article blockquote br div dl dt dd footer form header hr li ol pre section table tbody tfoot thead tr ul"
)
BREAKS = {
    **dict.fromkeys(LINES.split(), "\n"),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "p"), "\n\n"),
    **dict.fromkeys(("td", "th"), " "),
}
INLINE = "a abbr b big body center code col em font html i img link meta o:p s small span strong sub u"
UNSEEN = frozenset(("head", "script", "style", "title"))
TAGS = {*INLINE.split(), *UNSEEN, *BREAKS}
TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:]{0,9})(?=[\s/>])[^<>]*>")
REFERENCE = re.compile(r"&(?:#[0-9]{1,7}(?![0-9])|#[xX][0-9a-fA-F]{1,6}(?![0-9a-fA-F])|[A-Za-z][A-Za-z0-9]{1,31});?")
LONGEST = 200_000
BLANKS = re.compile(r"[^\S\n]+")
BLANK_LINES = re.compile(r"\n{3,}")


def plain(text: str) -> str:
    """The text of a piece of HTML, its lines as a reader sees them; what has no HTML tags stays as it is.

    So does what comes after the first 200,000 characters: a megabyte of tags would take a second.
    """
    if len(text) > LONGEST:
        return plain(text[:LONGEST]) + text[LONGEST:]
    markup = without_comments(text)
    names = {tag["name"].lower() for tag in TAG.finditer(markup)} & TAGS
    if not names:
        return text
    if any("\n" in BREAKS.get(name, "") for name in names):
        markup = re.sub(r"\s", " ", markup)  # else the lines of the source are the writer's
    lines = BLANKS.sub(" ", "".join(pieces(markup)).replace("\r", "")).split("\n")
    return BLANK_LINES.sub("\n\n", "\n".join(line.strip() for line in lines)).strip("\n")


def without_comments(markup: str) -> str:
    """What browsers leave out; a comment that is never closed hides nothing."""
    first, *others = markup.split("<!--")
    parts = (part.partition("-->") for part in others)
    return first + "".join(rest if closed else text for text, closed, rest in parts)


def pieces(markup: str) -> Iterator[str]:
    """Text and line breaks in turn, without what is inside of scripts and styles; one never closed hides nothing."""
    end, hidden_by, hidden_from = 0, "", 0
    for tag in TAG.finditer(markup):
        name = tag["name"].lower()
        if name not in TAGS:
            continue
        if not hidden_by:
            yield unescaped(markup[end : tag.start()])
            yield BREAKS.get(name, "")
            if name == "li" and not tag["end"]:
                yield "- "
            hidden_by, hidden_from = (name if name in UNSEEN and not tag["end"] else ""), tag.end()
        elif name == hidden_by and tag["end"]:
            hidden_by = ""
        end = tag.end()
    yield unescaped(markup[hidden_from if hidden_by else end :])


def unescaped(text: str) -> str:
    """Character references as what they stand for."""
    return REFERENCE.sub(lambda found: html.unescape(found[0]), text).replace("\xa0", " ")
