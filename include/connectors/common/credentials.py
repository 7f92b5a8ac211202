"""What a person typed into a connection, checked before anything is sent; and the tokens that a PSA sends."""

from __future__ import annotations

from collections.abc import Mapping

from include.connectors.common.values import InvalidValue, pick, text
from include.http.client import HttpClient
from include.http.extras import COMMON
from include.http.session import PsaLogin, mask
from include.model.choices import ConnectionField
from include.model.errors import ConfigError, ShapeError
from include.model.page import Record
from include.model.wording import suggestion


def check_characters(
    login: PsaLogin, typed: Mapping[str, str], *, must_be: str = "", may_have_blanks: bool = False
) -> None:
    """Raise ConfigError for a value with a character that no key has: a pasted text may contain an invisible one.

    `must_be` says what belongs there, such as `the API token`.
    """
    demand = f"must be {must_be} and nothing else: it is" if must_be else "is"
    for name, value in typed.items():
        is_sendable = value.isascii() and value.isprintable() and (may_have_blanks or " " not in value)
        if not value or not is_sendable:
            raise ConfigError(
                f"The {name} of the connection '{login.conn_id}' {demand} empty, or holds a blank or another character "
                "that no key has, perhaps an invisible one. Paste it again."
            )


def check_visible(login: PsaLogin, typed: Mapping[str, str]) -> None:
    """Raise ConfigError for an invisible character in what is not a key, such as a name."""
    for name, value in typed.items():
        if not value.isprintable():
            raise ConfigError(
                f"The {name} of the connection '{login.conn_id}' holds an invisible character. Type it again."
            )


def required_extra(login: PsaLogin, name: str, meaning: str) -> str:
    """A field of the connection's extra; raises ConfigError, with what belongs there, when it is missing."""
    typed = login.extra.get(name)
    if not isinstance(typed, str) or not typed.strip():
        raise ConfigError(f'The connection \'{login.conn_id}\' needs the extra {{"{name}": "…"}}: {meaning}.')
    return optional_extra(login, name)


def check_fields(login: PsaLogin, fields: Mapping[str, ConnectionField]) -> None:
    """Raise ConfigError for what was typed where the PSA has no such field: it would have no effect."""
    if login.login and "login" not in fields:
        raise ConfigError(f"The connection '{login.conn_id}' has a login, and this PSA needs none. Leave it empty.")
    known = {name.partition(".")[2] for name in fields if "." in name} | COMMON.keys()
    folded = {name.casefold() for name in known}
    for name in login.extra:
        if name.casefold() not in folded:
            shown = "…" if "@" in name else name  # a part of a password, which a `?` in it moved to here
            raise ConfigError(
                f"The extra of the connection '{login.conn_id}' has '{shown}', which has no effect here."
                f"{suggestion(name, known)} Possible: {', '.join(sorted(known))}."
            )


def optional_extra(login: PsaLogin, name: str) -> str:
    """A field of the connection's extra; empty when it is missing. Raises ConfigError unless it is text."""
    typed = login.extra.get(name, "")
    if not isinstance(typed, str):
        raise ConfigError(f"The extra {name} of the connection '{login.conn_id}' must be text.")
    check_visible(login, {f"extra {name}": typed.strip()})
    return typed.strip()


def token_in(http: HttpClient, body: Record, what: str, *path: str, is_required: bool = True) -> str:
    """A token that the PSA sends, kept out of every log from now on; empty where it is missing and not required.

    Raises ShapeError for an invalid one; `what` names vendor and path.
    """
    try:
        token = pick(text, body, *path) or ""
    except InvalidValue as error:
        raise ShapeError(f"{what} answered with an invalid token: {error}.") from None
    if is_required and not token:
        raise ShapeError(f"{what} answered without '{'.'.join(path)}'.")
    if token:
        mask(token)
        http.secrets.append(token)
    return token
