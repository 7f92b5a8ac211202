"""What it means that a request got no answer: a setting that a person has to fix, a proxy, or the network."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable

import requests
import urllib3

from include.model.errors import Blocked, ConfigError, PsaError, Unreachable

# What can be raised instead of an answer. UnicodeError: a host, or a login at a proxy; OSError: a file for TLS.
FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError, OSError)

# By OpenSSL's name of the failure: what is wrong. Any other one is taken for a moment of the network.
TLS: tuple[tuple[str, str], ...] = (
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "the server's certificate is not accepted ({reason}). If it was issued by a CA of your own, give the CA's file "
        "as 'verify' in the connection's extra.",
    ),
    (
        r"ALERT_.*(CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|PROTOCOL_VERSION|UNRECOGNIZED_NAME)",
        "the server refuses TLS with this worker ({reason}). It may ask for a client certificate, whose file is 'cert' "
        "in the connection's extra, or not know this host.",
    ),
    (
        r"X509|PEM|ASN1|NO_CERTIFICATE|NO_START_LINE|KEY_VALUES|BAD_(BASE64|END_LINE)|ENCRYPTED|PASSWORD",
        "a file for TLS cannot be used ({reason}). It is 'verify' or 'cert' in the connection's extra, or the one that "
        "REQUESTS_CA_BUNDLE names on this worker.",
    ),
    (
        r"WRONG_VERSION_NUMBER|HTTP_REQUEST|UNKNOWN_PROTOCOL",
        "there is no TLS at this address ({reason}). Is the port right? A proxy or a firewall in between can be the "
        "reason as well.",
    ),
)
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_PROXY = "HTTPS_PROXY on this worker, or 'proxies' in the connection's extra"


def no_answer(request: str, error: Exception, clean: Callable[[str], str]) -> PsaError:
    """The error that a failure of `requests` stands for; `request` begins the sentence, `clean` removes secrets."""
    cause = _innermost(error)
    reason = clean(f"{type(error).__name__}, {getattr(cause, 'strerror', None) or type(cause).__name__}")
    if isinstance(error, requests.exceptions.ProxyError):
        return _from_proxy(request, str(cause), reason)
    if wrong := _wrong_tls(error, cause):
        return ConfigError(f"{request}: {wrong.format(reason=reason)}")
    if isinstance(error, (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL)):
        return ConfigError(f"{request}: the address of the server or of a proxy cannot be used ({reason}): {_PROXY}.")
    if isinstance(error, ValueError):
        return ConfigError(
            f"{request} cannot be sent ({reason}): a host, a credential, or the login in {_PROXY} holds a character "
            "that is not possible there."
        )
    if not isinstance(error, (requests.RequestException, urllib3.exceptions.HTTPError)):
        return ConfigError(
            f"{request} cannot be sent: {clean(str(error))}. The file is named by REQUESTS_CA_BUNDLE or "
            "CURL_CA_BUNDLE on this worker, or by 'verify' or 'cert' in the connection's extra."
        )
    return Unreachable(
        f"{request} got no answer: {reason}. Is the host of the connection right, and can this worker reach it?",
        timed_out=isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)),
    )


def _from_proxy(request: str, cause: str, reason: str) -> PsaError:
    """The proxy did not connect to the server."""
    match = _TUNNEL.search(cause)
    status = int(match[1]) if match else 0
    if status == 407:
        return ConfigError(f"{request}: the proxy asks for a login (407). It belongs into the address of {_PROXY}.")
    if 400 <= status < 500:
        return Blocked(f"{request} was refused with {status} by the proxy of {_PROXY}, not by the PSA itself.")
    said = f"answered {status}" if status else f"did not connect ({reason})"
    return Unreachable(f"{request} got no answer: the proxy of {_PROXY} {said}.")


def _wrong_tls(error: Exception, cause: BaseException) -> str:
    """What is wrong with TLS, for a person to fix; empty where it is something else, or may pass."""
    if not isinstance(error, (requests.exceptions.SSLError, urllib3.exceptions.SSLError)):
        return ""
    name = f"{getattr(cause, 'reason', None) or ''} {cause}".upper()
    if isinstance(cause, ssl.SSLCertVerificationError):
        name = "CERTIFICATE_VERIFY_FAILED"
    return next((words for pattern, words in TLS if re.search(pattern, name)), "")


def _innermost(error: Exception) -> BaseException:
    """The cause at the bottom: requests wraps it three deep, with the address inside."""
    cause: BaseException = error
    while True:
        inner = cause.__cause__ or getattr(cause, "reason", None) or cause.__context__
        if not isinstance(inner, BaseException):
            return cause
        cause = inner
