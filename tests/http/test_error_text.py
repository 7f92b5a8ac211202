"""A server's words reach the log in any form that APIs use; stack traces and markup do not."""

from __future__ import annotations

from typing import Any

import pytest

from include.http.error_text import body_of, words_of
from tests.support.answers import answer

CLR = "\n   at Psa.Web.Tickets.Get(Int32 id) in D:\\build\\Tickets.cs:line 5\n   at lambda_method(Closure)"


def words(body: Any, kind: str = "application/json") -> str:
    response = answer(400, body, Content_Type=kind)
    return words_of(response, body_of(response))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"code": "Unauthorized", "message": "No right", "errors": None}, "Unauthorized No right"),
        (
            {"code": "InvalidObject", "message": "Bad", "errors": [{"code": "x", "message": "y"}]},
            "InvalidObject Bad [y]",
        ),
        ({"error": "invalid_client", "error_description": "Unknown client"}, "invalid_client Unknown client"),
        ({"error": {"code": 403, "message": "No", "errors": [{"reason": "rights"}]}}, "403 No [rights]"),
        ({"errors": "text"}, "text"),
        ({"errors": ["a", "b"]}, "[a] [b]"),
        (
            {"errors": {"email": ["is taken", "is odd"], "name": "is empty"}},
            "[email: is taken, is odd] [name: is empty]",
        ),
        ({"email": ["is taken"]}, "[email: is taken]"),
        ({"message": {"email": ["is taken"]}}, "[email: is taken]"),
        ({"success": False, "message": ["No", "Never"]}, "[No] [Never]"),
        ({"subErrors": [{"message": "No"}]}, "[No]"),
        ({"Message": "Failed.", "ExceptionMessage": "Boom", "StackTrace": CLR}, "Failed. Boom"),
        ({"Message": "Invalid.", "ModelState": {"filter.id": ["Not a number"]}}, "Invalid. [filter.id: Not a number]"),
        ({"type": "about:blank", "title": "No", "status": 403, "detail": "Why", "instance": "/x"}, "No Why"),
        ({"errors": [{"status": "403", "title": "No", "detail": "Why"}]}, "[No Why]"),
        ({"error": {"code": "", "message": {"lang": "en", "value": "No"}}}, "No"),
        ({"detail": [{"loc": ["query"], "msg": "field required"}]}, "[field required]"),
        ({"fault": {"faultstring": "No", "detail": {"errorcode": "E1"}}}, "No E1"),
        ("a text", "a text"),
        ('"{\\"message\\": \\"JSON in a text\\"}"', "JSON in a text"),
        ({"message": '{"error": "JSON in a text"}'}, "JSON in a text"),
        ([{"message": "No"}, "Never"], "[No] [Never]"),
        ({"error": True, "message": "No"}, "No"),
        ({"message": f"Boom{CLR}"}, "Boom"),
        ({"message": "<b>No</b> right &lt;script&gt;"}, "No right"),
        ({"id": 7, "name": "Mrs Miller", "contact": {"email": "miller@example.com"}}, ""),
        ("{" + '"message":{' * 50 + "}" * 51, ""),
        ([], ""),
        ("null", ""),
        ('{"message": "cut off', ""),
        ("[" * 100_000, ""),
    ],
)
def test_json_in_any_form(body: Any, said: str) -> None:
    assert words(body) == said


SOAP = (
    '<?xml version="1.0"?><s:Envelope><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>No &amp; never'
    "</faultstring><detail><StackTrace>at X.Y.Z()</StackTrace></detail></s:Fault></s:Body></s:Envelope>"
)


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ("No such key", "text/plain", "No such key"),
        ("No such key", "", "No such key"),
        ("Schlüssel".encode("latin-1"), "text/plain", "Schlüssel"),
        (b"\xef\xbb\xbfNo", "text/plain", "No"),
        (SOAP, "text/xml", "No & never"),
        ("<Error><Code>Denied</Code><Message><![CDATA[No]]></Message></Error>", "application/xml", "Denied No"),
        ("<html><title>Out of\norder</title><h1>Secret</h1></html>", "text/html", "Out of order"),
        ("<!DOCTYPE html><html><body>Hi</body></html>", "text/plain", ""),
        (b"\x00\x01\xff", "application/octet-stream", ""),
        (f"System.Exception: Boom{CLR}", "text/plain", "System.Exception: Boom"),
        ("Error: Boom\n    at handle (/srv/app.js:12:3)\n    at next", "text/plain", "Error: Boom"),
        ("Boom\nTraceback (most recent call last):\n  File", "text/plain", "Boom"),
        ("java.lang.Error: Boom\n\tat com.psa.Web.get(Web.java:12)", "text/plain", "java.lang.Error: Boom"),
        ("Boom app/models/user.rb:12:in `find'", "text/plain", "Boom"),
        ("Boom #0 /var/www/index.php(12): run()", "text/plain", "Boom"),
    ],
)
def test_plain_text_xml_and_web_pages(body: Any, kind: str, said: str) -> None:
    assert words(body, kind) == said
