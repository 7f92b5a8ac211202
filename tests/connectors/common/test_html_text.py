"""HTML of strangers as text."""

from __future__ import annotations

import time

import pytest

from include.connectors.common.html_text import plain


@pytest.mark.parametrize(
    "text",
    ["", "two\n  lines\t", "1 < 2 > 0 & AT&amp;T", "Ann <ann@example.org> wrote", "<!-- no tag", "<unknown>", "<p"],
)
def test_text_without_tags_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Hello&nbsp;<b>Ann</b>,</p>\n<p>it\nworks</p>", "Hello Ann,\n\nit works"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<div>a</div><div>b</div>", "a\n\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n\n- b"),
        ("<tr><td>a</td><td>b</td></tr>", "a b"),
        ("first\r\n<b>second</b>\r\nthird", "first\nsecond\nthird"),
        ("<b>1 &lt; 2 &amp;&#38; &#x3c;3</b>", "1 < 2 && <3"),
        ("<p>from Ann <ann@example.org></p>", "from Ann <ann@example.org>"),
        ("a<!-- <b>not</b> --><i>b</i>", "ab"),
    ],
)
def test_a_reader_sees_the_lines_that_the_writer_saw(markup: str, text: str) -> None:
    assert plain(markup) == text


@pytest.mark.parametrize("name", ["script", "STYLE", "title", "head"])
def test_what_no_reader_sees_is_left_out(name: str) -> None:
    assert plain(f"a<{name} x='y'>b<p>c</{name} >d") == "ad"


def test_what_was_escaped_comes_out_as_text_and_is_not_read_again() -> None:
    assert plain("<b>&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;</b>") == "<script>alert(1)</script> &lt;"


def test_references_to_no_character_do_no_harm() -> None:
    assert plain("<b>&#0;&#xD800;&#1114112;&bogus;</b>") == "\ufffd\ufffd\ufffd&bogus;"
    assert plain(f"<b>&#{'9' * 5000};</b>").startswith("&#999")


@pytest.mark.parametrize(
    "piece", ["<p ", "<p>", "<!--", "<script>", "<a href='", "</", "&#", "&", "\r\n", "<p>\n", "<", "&amp", "> <b"]
)
def test_a_hostile_megabyte_is_read_in_a_moment(piece: str) -> None:
    before = time.process_time()
    plain("<p>" + piece * (1_000_000 // len(piece)))
    assert time.process_time() - before < 20  # what grows with the square of the length takes hours


def test_a_script_that_is_never_closed_hides_nothing_of_what_follows() -> None:
    assert plain("What does <script> do?<br>Thanks") == "What does do?<br>Thanks"
