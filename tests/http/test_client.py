"""The door: what becomes of each kind of answer, how long it waits, and what it never says."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
import requests

from include.http.auth import Grant, Keys, Token
from include.http.client import HttpClient
from include.http.statuses import sent_at
from include.model.errors import (
    AuthError,
    Blocked,
    ConfigError,
    LoginRefused,
    NotFound,
    PsaError,
    RateLimited,
    Redirected,
    RequestRefused,
    RightsError,
    ServerError,
    Unreachable,
)
from include.model.strict_json import Ambiguous
from include.model.version import __version__
from tests.support.rig import Unpaced

Reply = tuple[int, dict[str, str], bytes]
OK: Reply = (200, {"Content-Type": "application/json"}, b'{"fine": true}')
SECRET = "private-key-1234"


class Server(HTTPServer):
    """Gives the replies in turn, the last one for ever."""

    replies: list[Reply]
    asked: list[tuple[str, dict[str, str]]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        status, headers, body = self.server.replies.pop(0) if len(self.server.replies) > 1 else self.server.replies[0]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return "Sun, 22 Nov 2026 03:00:00 GMT"

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def client(*replies: Reply) -> Iterator[tuple[HttpClient, Server, list[float]]]:
    server = Server(("127.0.0.1", 0), Handler)
    server.replies, server.asked = list(replies), []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    slept: list[float] = []
    session = requests.Session()
    session.trust_env = False
    try:
        yield (
            HttpClient(
                vendor="Vendor",
                session=session,
                base_url=f"http://127.0.0.1:{server.server_port}",
                pace=Unpaced(),
                auth=Keys({"Authorization": f"Basic {SECRET}", "clientId": "guid"}),
                secrets=[SECRET],
                sleep=slept.append,
                now=lambda: datetime(2026, 11, 22, 3, 0, tzinfo=timezone.utc),
            ),
            server,
            slept,
        )
    finally:
        session.close()
        server.shutdown()
        thread.join()
        server.server_close()


def refused(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Reply:
    return status, headers or {}, body


def test_an_answer_is_json_with_its_headers() -> None:
    with client(OK) as (door, server, _):
        answer = door.get("/things", {"page": 1})
        assert answer.body == {"fine": True}
        assert answer.has_next is False
        path, headers = server.asked[0]
        assert path == "/things?page=1"
        assert headers["clientId"] == "guid"
        assert headers["Authorization"].startswith("Basic ")


def test_a_client_that_remembers_sends_equal_requests_once_and_no_answer_is_shared() -> None:
    with client(OK) as (door, server, _):
        door.remembers = True
        door.get("/things", {"page": 1}).body["fine"] = False
        assert door.get("/things", {"page": 1}).body == {"fine": True}
        door.get("/things", {"page": 2})
        door.post("/things", {"page": 1})
        door.log_in("/login", {"user": "me"})
        door.log_in("/login", {"user": "me"})
        assert len(server.asked) == 5


def test_an_error_is_not_remembered() -> None:
    with client(refused(404), OK) as (door, _, _):
        door.remembers = True
        with pytest.raises(NotFound):
            door.get("/things")
        assert door.get("/things").body == {"fine": True}


def test_an_anonymous_request_carries_no_credentials() -> None:
    with client(OK) as (door, server, _):
        door.get("/login", anonymous=True)
        assert not {"Authorization", "clientId"} & set(server.asked[0][1])


@pytest.mark.parametrize("status", [408, 425])
def test_send_it_again_is_done_so(status: int) -> None:
    with client(refused(status), OK) as (door, _, slept):
        assert door.get("/things").body == {"fine": True}
        assert len(slept) == 1
    with client(refused(status)) as (door, _, _), pytest.raises(ServerError):
        door.get("/things", tries=2)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://gateway.example/login?origurl=x", "gateway.example"),
        (f"https://user:{SECRET}@gateway.example:8443/", "gateway.example:8443"),
        ("/login", "another path of the same host"),
        ("", "another path of the same host"),
    ],
)
def test_a_redirect_names_the_host_that_it_leads_to_and_no_more(location: str, target: str) -> None:
    with client(refused(307, {"Location": location})) as (door, _, _), pytest.raises(Redirected) as caught:
        door.get("/things")
    assert f"answered 307, a redirect to {target}. Enter the address" in str(caught.value)
    assert SECRET not in str(caught.value) and "origurl" not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (
            {"Server": "cloudflare", "CF-RAY": "8a1b2c3d-AMS", "Content-Type": "text/html"},
            "Cloudflare (id 8a1b2c3d-AMS)",
        ),
        ({"Server": "cloudflare", "Content-Type": "text/plain"}, "Cloudflare"),
        ({"Server": "AkamaiGHost", "Content-Type": "text/html"}, "Akamai"),
        ({"Server": "awselb/2.0"}, "an AWS load balancer"),
    ],
)
def test_a_refusal_of_the_edge_is_no_missing_right(status: int, headers: dict[str, str], name: str) -> None:
    with client(refused(status, headers, b"error code: 1010")) as (door, _, _), pytest.raises(Blocked) as caught:
        door.get("/things")
    assert f"was refused with {status} by {name}, not by the PSA itself" in str(caught.value)


def test_what_the_psa_says_behind_an_edge_is_the_psas() -> None:
    headers = {"Server": "cloudflare", "CF-RAY": "8a1b2c3d-AMS", "Content-Type": "application/json"}
    with client(refused(403, headers, b'{"message": "no"}')) as (door, _, _), pytest.raises(RightsError):
        door.get("/things")


def test_requests_say_which_program_and_version_sends_them() -> None:
    with client(OK) as (door, server, _):
        door.get("/things")
        assert server.asked[0][1]["User-Agent"] == f"psa-sync/{__version__} (Apache Airflow)"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthError),
        (403, RightsError),
        (404, NotFound),
        (400, RequestRefused),
        (409, RequestRefused),
        (302, RequestRefused),
    ],
)
def test_a_refusal_is_not_repeated(status: int, kind: type[PsaError]) -> None:
    with client(refused(status, {"Location": "http://127.0.0.1:1/"})) as (door, server, slept):
        with pytest.raises(kind, match=f"Vendor: GET /things answered {status}"):
            door.get("/things")
        assert len(server.asked) == 1
        assert slept == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_repeated_and_then_let_through(status: int) -> None:
    with client(refused(status)) as (door, server, slept):
        with pytest.raises(ServerError) as caught:
            door.get("/things")
        assert caught.value.status == status
        assert len(server.asked) == door.traffic.requests == 5
        assert len(slept) == door.traffic.retries == 4
        assert slept == sorted(slept)
        assert door.traffic.waited_seconds == sum(slept)


def test_a_passing_error_passes() -> None:
    with client(refused(500), refused(503), OK) as (door, _, slept):
        assert door.get("/things").body == {"fine": True}
        assert len(slept) == 2


@pytest.mark.parametrize("after", ["40", "Sun, 22 Nov 2026 03:00:40 GMT"])
def test_retry_after_is_obeyed_in_full_in_both_forms(after: str) -> None:
    with client(refused(429, {"Retry-After": after}), OK) as (door, _, slept):
        door.get("/things")
        assert slept == [40.0]


@pytest.mark.parametrize("off_by", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_date_to_wait_for_is_by_the_clock_of_the_server_not_of_this_worker(off_by: timedelta) -> None:
    with client(refused(429, {"Retry-After": "Sun, 22 Nov 2026 03:00:40 GMT"}), OK) as (door, _, slept):
        door.now = lambda: datetime(2026, 11, 22, 3, 0, tzinfo=timezone.utc) + off_by
        door.get("/things")
        assert slept == [40.0]


@pytest.mark.parametrize("date", [None, "", "soon", "Sun, 22 Nov 2026 02:00:00"])
def test_without_a_date_of_the_server_that_of_the_worker_has_to_do(date: str | None) -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=timezone.utc)
    assert sent_at(date, now) == now


def test_a_server_that_is_down_may_say_how_long() -> None:
    with client(refused(503, {"Retry-After": "40"}), OK) as (door, _, slept):
        door.get("/things")
        assert slept[0] >= 40.0
    with client(refused(503, {"Retry-After": "3600"})) as (door, _, slept):
        with pytest.raises(ServerError) as caught:
            door.get("/things")
        assert (caught.value.retry_after_seconds, slept) == (3600.0, [])


@pytest.mark.parametrize("after", ["", "soon", "-5", "inf", "Yesterday, perhaps"])
def test_a_senseless_retry_after_falls_back_to_our_own(after: str) -> None:
    with client(refused(429, {"Retry-After": after}), OK) as (door, _, slept):
        door.get("/things")
        assert 0 < slept[0] < 5


def test_an_absurd_retry_after_is_a_day() -> None:
    with client(refused(429, {"Retry-After": "9" * 40})) as (door, _, _slept):
        with pytest.raises(RateLimited) as caught:
            door.get("/things")
        assert caught.value.retry_after_seconds == 86_400


@pytest.mark.parametrize(
    ("link", "leads_on"),
    [
        ('<http://x/?page=2>; rel="next", <http://x/?page=4>; rel="last"', True),
        ("<http://x/?page=2>; rel=next", True),
        ('<http://x/?page=1>; rel="first"', False),
        ("", False),
    ],
)
def test_the_link_header_says_whether_there_is_more(link: str, leads_on: bool) -> None:
    with client((200, {"Link": link}, b"[]")) as (door, _, _slept):
        assert door.get("/things").has_next is leads_on


@pytest.mark.parametrize("host", ["http://na..example.net", "http://" + "x" * 70 + ".example.net"])
def test_a_host_that_no_resolver_takes_is_a_setting(host: str) -> None:
    with client(OK) as (door, _, slept):
        door.base_url = host
        with pytest.raises(ConfigError):
            door.get("/things")
        assert slept == []


def test_a_wait_beyond_patience_is_left_to_the_scheduler() -> None:
    with client(refused(429, {"Retry-After": "3600"})) as (door, server, slept):
        with pytest.raises(RateLimited) as caught:
            door.get("/things")
        assert caught.value.retry_after_seconds == 3600
        assert (len(server.asked), slept) == (1, [])


BROKEN = (
    b"",
    b"<html>Sign in</html>",
    b'{"cut": ',
    b"\xff\xfe",
    b'{"a": NaN}',
    b"[-Infinity]",
    b"[" * 99_999,
    b"9" * 5000,
)


@pytest.mark.parametrize("body", BROKEN)
def test_a_200_without_json_is_a_server_error(body: bytes) -> None:
    with client((200, {"Content-Type": "text/html"}, body)) as (door, _, _slept):
        with pytest.raises(ServerError, match=r"of text/html that are not JSON") as caught:
            door.get("/things")
        assert caught.value.status == 200


def test_numbers_keep_their_digits_and_a_name_that_comes_twice_has_no_value() -> None:
    body = b'{"a": 1.10, "b": 12345678901234567890, "c": 1e400, "d": 1, "d": 2}'
    with client((200, {}, body)) as (door, _, _slept):
        found = door.get("/things").body
    assert {key: str(value) for key, value in found.items() if key != "d"} == {
        "a": "1.10",
        "b": "12345678901234567890",
        "c": "1e400",
    }
    assert found["d"] == Ambiguous()


def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        with client(OK) as (door, _, _slept):
            door.base_url = f"http://127.0.0.1:{taken.getsockname()[1]}"
            with pytest.raises(Unreachable, match="Connection refused"):
                door.get("/things", tries=1)


def test_the_servers_words_and_request_id_are_quoted() -> None:
    body = b'{"code": "NotFound", "message": "No such thing", "errors": [{"message": "id 5"}]}'
    with client(refused(404, {"Content-Type": "application/json", "x-cw-request-id": "abc"}, body)) as (door, _, _s):
        with pytest.raises(NotFound) as caught:
            door.get("/things")
        assert "«NotFound No such thing [id 5]» (request id abc)" in str(caught.value)


def test_a_hostile_message_becomes_one_short_line_without_secrets() -> None:
    words = f"oh\\n\\r\\u0000\\u2028ERROR forged line {SECRET} " + "x" * 9000
    body = b'{"message": "' + words.encode() + b'"}'
    with client(refused(400, {"Content-Type": "application/json"}, body)) as (door, _, _slept):
        with pytest.raises(RequestRefused) as caught:
            door.get("/things")
        said = str(caught.value)
        assert len(said.splitlines()) == 1
        assert len(said) < 600
        assert SECRET not in said


def test_no_log_line_holds_credentials(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), client(refused(500), OK) as (door, _, _slept):
        door.get("/things")
    assert caplog.records
    assert SECRET not in caplog.text
    assert "Basic " not in caplog.text


class Numbers:
    """An Auth whose tokens are numbered."""

    number = 1

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.number}"}

    def renew(self, refused: Mapping[str, str]) -> bool:
        self.number += 1
        return True


NO = refused(401)


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [
        ((NO, OK), "answered"),  # the token had run out
        ((NO, NO, OK), RightsError),  # a new one is refused here, and accepted at the proof
        ((NO, NO, NO, OK), "answered"),  # another task's new token had ended ours
        ((NO,), AuthError),
    ],
)
def test_a_401_is_a_dead_token_or_a_missing_right_and_the_proof_tells(replies: list[Reply], outcome: object) -> None:
    with client(*replies) as (door, _, slept):
        door.auth, door.proof = Numbers(), "/me"
        try:
            said: object = "answered" if door.get("/things").body else ""
        except AuthError as error:
            said = type(error)
        assert (said, slept) == (outcome, [])


def test_several_threads_whose_token_ran_out_log_in_once() -> None:
    given: list[str] = []
    all_were_refused = threading.Barrier(4, timeout=10.0)

    def obtain(_: Grant | None) -> Grant:
        given.append(f"token {len(given)}")
        return Grant(given[-1], 3600.0)

    class FirstTokenIsDead(requests.Session):
        def request(self, *_: object, headers: Mapping[str, str], **__: object) -> requests.Response:  # type: ignore[override]
            answer = requests.Response()
            answer.status_code, answer._content = 200, b"{}"
            if headers["Authorization"] == "Bearer token 0":
                all_were_refused.wait()
                answer.status_code = 401
            return answer

    with client(OK) as (door, _, _slept), ThreadPoolExecutor(4) as pool:
        door.session, door.auth = FirstTokenIsDead(), Token(obtain)
        for future in [pool.submit(door.get, "/things") for _ in range(4)]:
            assert future.result().body == {}
        assert door.traffic.requests == 8
    assert len(given) == 2


def test_a_token_that_was_just_given_and_is_refused_at_the_proof_itself_lacks_the_right_to_it() -> None:
    with client(NO) as (door, server, _):
        door.auth, door.proof = Numbers(), "/me"
        with pytest.raises(RightsError):
            door.get("/me")
        assert len(server.asked) == 2


def test_keys_that_work_elsewhere_lack_a_right_here() -> None:
    with client(NO, OK) as (door, server, _):
        door.proof = "/me"
        with pytest.raises(RightsError, match="/things answered 401"):
            door.get("/things")
        assert [path for path, _ in server.asked] == ["/things", "/me"]


def test_a_login_that_is_refused_is_tried_once() -> None:
    with client(NO) as (door, server, _):
        door.auth = Token(lambda _: Grant(door.log_in("/token", {"password": SECRET}).body, 60))
        with pytest.raises(LoginRefused, match="POST /token answered 401"):
            door.get("/things")
        assert len(server.asked) == 1


def test_what_the_vendor_means_by_a_500_is_the_vendors_to_say() -> None:
    body = b'{"errors": ["does not have the adequate permissions"]}'
    with client(refused(500, {"Content-Type": "application/json"}, body)) as (door, server, _):
        door.judge = lambda status, body, said: RightsError(said) if "permissions" in str(body) else None
        with pytest.raises(RightsError, match=r"answered 500 «\[does not have the adequate permissions\]»"):
            door.get("/things")
        assert len(server.asked) == 1


def test_a_429_pauses_everybody_and_counts_where_the_vendor_counts() -> None:
    class Noting(Unpaced):
        turns: ClassVar[list[str]] = []
        paused: ClassVar[list[tuple[str, float]]] = []

        def turn(self, endpoint: str) -> AbstractContextManager[float]:
            self.turns.append(endpoint)
            return super().turn(endpoint)

        def pause(self, endpoint: str, seconds: float) -> float:
            self.paused.append((endpoint, seconds))
            return seconds or 7.0

    with client(refused(429), OK) as (door, _, slept):
        door.pace = Noting()
        door.get("/things/19", endpoint="/things/{id}")
        assert Noting.paused == [("/things/{id}", 0.0)]
        assert slept[0] >= 7.0
        assert Noting.turns == ["/things/{id}"] * 2


def test_a_long_wait_for_a_turn_does_not_use_up_the_patience_for_the_answer() -> None:
    class Busy(Unpaced):
        def turn(self, _endpoint: str) -> AbstractContextManager[float]:
            return nullcontext(1000.0)

    with client(refused(500), OK) as (door, server, _):
        door.pace, door.patience_seconds = Busy(), 0.5  # less than the pause before the second try
        door.get("/things")
        assert len(server.asked) == 2


@contextmanager
def dripping(stop: threading.Event) -> Iterator[str]:
    """A server that promises a body and sends a byte of it now and then, for ever."""

    class Drip(Handler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            with suppress(OSError):
                while not stop.wait(0.02):
                    self.wfile.write(b" ")

    server = Server(("127.0.0.1", 0), Drip)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        stop.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_answer_that_drips_is_given_up_in_time() -> None:
    with client(OK) as (door, _, slept), dripping(threading.Event()) as url:
        door.base_url, door.give_up_at = url, time.monotonic() + 0.3
        with pytest.raises(Unreachable) as caught:
            door.get("/things", tries=1)
        assert caught.value.timed_out
        assert time.monotonic() < door.give_up_at + 1
        with pytest.raises(Unreachable, match="time is up"):
            door.get("/things", tries=1)
        assert slept == []


def test_an_answer_that_comes_in_time_is_whole() -> None:
    with client((200, {"Link": '<x>; rel="next"'}, b"[" + b"1," * 100_000 + b"1]")) as (door, _, _slept):
        door.give_up_at = time.monotonic() + 60
        answer = door.get("/things")
        assert (len(answer.body), answer.has_next) == (100_001, True)


def test_a_discreet_client_repeats_nothing_that_the_psa_says(caplog: pytest.LogCaptureFixture) -> None:
    said = b'{"message": "Mrs Miller cannot print"}'
    replies = (refused(500, {"X-Request-Id": "a-1"}, said), (200, {"Content-Type": "text/miller"}, b"Miller"))
    with client(*replies, refused(404, body=said)) as (door, _, _slept):
        door.is_discreet = True
        errors = []
        for _ in range(2):
            with pytest.raises(PsaError) as caught:
                door.get("/things", tries=2)
            errors.append(str(caught.value))
    assert "iller" not in caplog.text + "".join(errors)


def test_the_time_of_requests_that_are_in_flight_together_counts_once() -> None:
    all_are_there = threading.Barrier(8)

    class AnswersTogether(requests.Session):
        def request(self, *_: object, **__: object) -> requests.Response:
            all_are_there.wait(timeout=10)
            answer = requests.Response()
            answer.status_code, answer._content = 200, b"{}"
            return answer

    with client(OK) as (door, _, _slept), ThreadPoolExecutor(8) as pool:
        door.session = AnswersTogether()
        begin = time.monotonic()
        for future in [pool.submit(door.get, "/things") for _ in range(8)]:
            future.result()
        assert 0 < door.traffic.answered_seconds <= time.monotonic() - begin
        assert door.traffic.requests == 8
