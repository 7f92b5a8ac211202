"""What each error of Postgres means, and so what happens next: the one table.

An error with a SQLSTATE is found by that, or else by its class, the first two characters. A connection that could not
be opened has none: it is found by the words of libpq, of a pooler, or of the server's English message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import psycopg

from include.model.errors import ConfigError, LockHeld, PsaError, WarehouseDown, WarehouseError


@dataclass(frozen=True)
class Meaning:
    """What some errors mean."""

    what: str
    """What Postgres did, or cannot do."""
    raises: type[PsaError]
    """ConfigError: a field of the connection is wrong. WarehouseDown: it may pass. WarehouseError: it will not."""
    do: str
    """What a person does."""
    states: str = ""
    """The SQLSTATEs and classes of SQLSTATEs."""
    words: str = ""
    """A regular expression for messages without a SQLSTATE."""


WAIT = "The task is tried again; if it stays red, "
# Our statements call no functions but Postgres' own: what happens in another one is of a trigger or an index.
IN_A_FUNCTION = Meaning(
    "A trigger or function in the database stopped the statement",
    WarehouseError,
    "Change it or drop it, then clear this task. A function has to name the schema of everything that it uses.",
    states="P0 09 38 39",
)
MEANINGS = (
    Meaning(
        "The name of the Postgres server cannot be looked up at the moment",
        WarehouseDown,
        WAIT + "check the name service of this worker.",
        words=r"Errno -3\]|[Tt]emporary failure in name resolution",
    ),
    Meaning(
        "There is no server with the host name in the connection psa_warehouse",
        ConfigError,
        "Check its host.",
        words="failed to resolve host|could not translate host name",
    ),
    Meaning(
        "Postgres refused the login",
        ConfigError,
        "Check login and password of the connection psa_warehouse, and whether pg_hba.conf lets this worker in.",
        states="28",
        words=r"authentication failed|no password supplied|role \".*\" does not exist|not permitted to log in"
        r"|pg_hba\.conf|no such user|authentication method requirement",
    ),
    Meaning(
        "The database cannot be used",
        ConfigError,
        "Check the database (the field Schema) of the connection psa_warehouse, and that its login may connect to it.",
        states="3D000 57P04",
        words=r"database \".*\" does not exist|permission denied for database|not currently accepting|no such database",
    ),
    Meaning(
        "The encrypted connection to Postgres could not be made",
        ConfigError,
        "Check sslmode, sslrootcert and the like in the extra of the connection psa_warehouse.",
        words="certificate|sslmode|sslnegotiation|not support SSL|SSL was required|private key|channel binding"
        "|wrong version number|unsupported protocol|SSL error: .*alert",
    ),
    Meaning(
        "A connection pooler in transaction mode, such as PgBouncer, gave the statement to another session",
        ConfigError,
        "Enter Postgres itself as host and port of the connection psa_warehouse, or a pool with pool_mode = session.",
        states="26000 42P05",
        words="prepared statement|statement pooling",
    ),
    Meaning(
        "A field of the connection psa_warehouse is not valid",
        ConfigError,
        "Check its host, port, login, and each name and value in its extra.",
        words="invalid (connection option|port number|integer value|value for parameter|.* value:)|bad value for"
        "|received invalid response|expected authentication request|unrecognized configuration parameter"
        "|unsupported startup parameter|conversion between|definition of service",
    ),
    Meaning(
        "Postgres has no free connection",
        WarehouseDown,
        WAIT + "raise max_connections or the limit of the role: each running task needs two.",
        states="53300",
        words="too many (connections|clients)|connection slots|no more connections allowed|query_wait_timeout",
    ),
    Meaning(
        "Postgres is read-only: a standby after a fail-over, or default_transaction_read_only is on",
        WarehouseDown,
        WAIT + "enter the primary in the connection psa_warehouse, or find out why writing was switched off.",
        states="25006",
        words="session is read-only",
    ),
    Meaning("Postgres has no room", WarehouseDown, WAIT + "free space, and clear it then.", states="53"),
    Meaning(
        "Another session did not release a lock in time",
        LockHeld,
        WAIT + "clear it once that session has ended, or end it: SELECT pg_terminate_backend(<its number>).",
        states="55P03",
    ),
    Meaning(
        "Postgres cancelled the statement in favour of other work",
        WarehouseDown,
        WAIT + "find out what else works on the schema psa at that time, and clear it later.",
        states="40 55006 57014",
    ),
    Meaning(
        "Postgres is starting or stopping",
        WarehouseDown,
        WAIT + "clear it once Postgres is up.",
        states="57",
        words="starting up|shutting down|in recovery mode|accepting connections",
    ),
    Meaning(
        "Postgres denied a permission",
        WarehouseError,
        "The role of the warehouse connection must own the schemas psa and psa_staging, or be allowed to create them. "
        "Change that, then clear this task.",
        states="42501",
    ),
    Meaning(
        "The warehouse schema is not as this package created it",
        WarehouseError,
        "Clear the task 'preflight' with its downstream tasks; it repairs the difference, or names it.",
        states="3F000 42P01 42703 42804",
    ),
    Meaning(
        "Something else in the schema psa has a name that this package needs",
        WarehouseError,
        "Rename it, then clear this task.",
        states="42P06 42P07 42710",
    ),
    Meaning(
        "The warehouse refused a row",
        WarehouseError,
        "If someone has added a constraint to the schema psa, drop it, then clear this task.",
        states="23",
    ),
    IN_A_FUNCTION,
    Meaning(
        "The database cannot store a character",
        WarehouseError,
        "Its encoding must be UTF8: create another database, enter it in the connection psa_warehouse, and clear this "
        "task.",
        states="22P05 22021",
    ),
    Meaning(
        "The server does not have a feature of Postgres",
        WarehouseError,
        "Enter a Postgres of version 15 or later in the connection psa_warehouse, then clear this task.",
        states="0A000 42704",
    ),
    Meaning(
        "The data of this Postgres are damaged",
        WarehouseError,
        "Have its administrator check the server and its disk, then clear this task.",
        states="XX001 XX002",
    ),
    Meaning(
        "Postgres failed",
        WarehouseDown,
        WAIT + "read the log of the server at that time.",
        states="58 XX F0",
    ),
    Meaning(
        "Postgres cannot be reached",
        WarehouseDown,
        WAIT + "check the server, and host and port of the connection psa_warehouse.",
        states="08",
    ),
)
UNREACHABLE = MEANINGS[-1]
REFUSED = Meaning("Postgres refused", WarehouseError, "Keep this log for a bug report.")


def explained(error: psycopg.Error, found: str = "") -> PsaError:
    """The error in a sentence, with what else was `found` out; without its details, since these quote whole rows."""
    said, meaning = error.diag.message_primary or "", None
    if not error.sqlstate or error.sqlstate.startswith("08"):  # a pooler's errors are of class 08
        said, meaning = _by_words(said or str(error))
    if meaning is None and error.sqlstate:
        meaning = IN_A_FUNCTION if _is_in_a_function(error) else _by_state(error.sqlstate)
    if meaning is None:
        meaning = UNREACHABLE if isinstance(error, psycopg.OperationalError) else REFUSED
    return meaning.raises(f"{meaning.what}{_place(error)}: {said}. {found}Nothing was merged. {meaning.do}")


def _is_in_a_function(error: psycopg.Error) -> bool:
    """Whether a name or a right is missing inside a function, which stands in the context as `name(arguments)`."""
    return (error.sqlstate or "").startswith("42") and bool(re.search(r"\w\(.*\)", error.diag.context or ""))


def _by_state(state: str) -> Meaning | None:
    return next((one for key in (state, state[:2]) for one in MEANINGS if key in one.states.split()), None)


def _by_words(text: str) -> tuple[str, Meaning | None]:
    """The line of a message that says most, and what it means. Several attempts to connect are several lines."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no reason was given"]
    found = ((line, one) for one in MEANINGS if one.words for line in lines if re.search(one.words, line))
    return next(found, (lines[0], None))


def _place(error: psycopg.Error) -> str:
    names = (("constraint", error.diag.constraint_name), ("column", error.diag.column_name))
    return "".join(f" ({kind} {name})" for kind, name in names if name)
