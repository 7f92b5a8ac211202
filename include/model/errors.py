"""What went wrong, and therefore what happens next.

    PsaError
    ├── ConfigError          setup is wrong: a person edits it, then clears the task
    │   └── SecretsUnavailable  … or Airflow cannot look it up now: the task is retried
    ├── FormError            what a person typed into the trigger form is wrong: they trigger again
    ├── AuthError            the PSA refused who we are: fail now, nothing is retried
    │   ├── LoginRefused     … when it was asked for a token
    │   └── RightsError      … or refused this one endpoint: only its kind fails
    ├── TransientError       the network or the server had a bad moment: the task is retried
    │   ├── ServerError      a 5xx, or an answer that is not JSON where JSON was due
    │   ├── Unreachable      no answer at all
    │   └── RateLimited      over the vendor's limit: retried after `retry_after_seconds`
    │       └── BudgetSpent  … by our own budget, before the vendor had to refuse
    ├── NotFound             404: what was asked for is not there
    ├── RequestRefused       any other 4xx: the request itself is wrong, or the API has changed
    │   └── Redirected       a 3xx: the connection's host is not where the API answers
    ├── Blocked              a protection service in front of the PSA refused this worker
    ├── Unanswered           no person has decided about deletions in time
    ├── ShapeError           an answer is not what the vendor documents: fail now
    │   └── Truncated        a listing ended before its end was proven: the task is retried
    └── WarehouseError       the database refused: nothing was merged
        ├── WarehouseDown    … because it cannot be reached, is full or read-only: the task is retried
        │   └── LockHeld     … or because another session holds a lock and does not release it
        └── HeldBack         the deletion guard: too many rows would be marked deleted, a person decides

Each message names what was asked of whom and what came back; the class adds what to do.
"""

from __future__ import annotations


class PsaError(Exception):
    """The root; catching it catches every failure this package foresees."""

    advice = ""

    @property
    def said(self) -> str:
        """What happened, without the advice."""
        return str(self.args[0])

    def __str__(self) -> str:
        return f"{self.said} {self.advice}".strip()


class ConfigError(PsaError):
    """Setup is missing or wrong; the message names the field and what is allowed."""

    advice = "Fix it, then clear this task."


class SecretsUnavailable(ConfigError):
    """Airflow, or the secrets backend behind it, failed to look up a connection or a Variable."""

    advice = "Airflow tries again by itself; if the task stays red, clear it once Airflow can read this."


class FormError(PsaError):
    """The trigger form asks for something that is not there; a run cannot be given another form."""

    advice = "Nothing was read. Trigger the DAG again with that put right."


class AuthError(PsaError):
    """The PSA does not accept the credentials."""

    advice = "The connection's credentials are wrong, expired or revoked: enter working ones, then clear this task."


class LoginRefused(AuthError):
    """The PSA gives no token for the credentials."""


class RightsError(AuthError):
    """The credentials are good, the right to this endpoint is missing."""

    advice = "Give the API account the right to read this, then clear this task."


class TransientError(PsaError):
    """Trying again later may help."""

    advice = "Airflow tries again by itself; if the task stays red, clear it once the PSA answers."
    retry_after_seconds = 0.0
    """What the server asked for; 0 where it did not say."""


class ServerError(TransientError):
    """The server failed while it worked on the request (HTTP `status`; 200 when the body was no JSON, or `empty`)."""

    def __init__(self, message: str, *, status: int, empty: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.empty = empty


class Unreachable(TransientError):
    """No answer: name, connection, TLS or time-out."""

    def __init__(self, message: str, *, timed_out: bool = False) -> None:
        super().__init__(message)
        self.timed_out = timed_out


class RateLimited(TransientError):
    """Over the vendor's limit."""

    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class BudgetSpent(RateLimited):
    """The wait for a turn in the account's budget would hold this worker too long."""


class NotFound(PsaError):
    """404."""

    advice = "Check the host and the credentials of the connection, then clear this task."


class RequestRefused(PsaError):
    """A 4xx (HTTP `status`) that repeating cannot cure."""

    advice = "The request is not what the PSA's API accepts: keep this log for a bug report."

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Redirected(RequestRefused):
    """The address answers with a redirect, which is never followed: it could lead credentials to another server."""

    advice = "Enter the address where the API answers as the connection's host, then clear this task."


class Blocked(PsaError):
    """A protection service in front of the PSA answered, not the PSA: nothing is known about rights or credentials."""

    advice = (
        "Ask the PSA's vendor, or who runs the network in between, to let this worker's address through; then clear "
        "this task."
    )


class Unanswered(PsaError):
    """The deletion guard has asked a person, and no one has answered in the time that setup gives."""

    advice = "Clear this task to be asked again, or trigger this DAG with 'Approve deletions' for this kind."


class ShapeError(PsaError):
    """The API is not what its documents say."""

    advice = "Nothing of the listing is used. Clear the task; if it happens again, keep this log for a bug report."


class FilterIgnored(ShapeError):
    """The server ignored a filter, or an order, that it was asked for."""


class Truncated(ShapeError):
    """Rows are missing from a listing, by the server's own count."""


class WarehouseError(PsaError):
    """Postgres refused; the transaction was rolled back."""


class WarehouseDown(WarehouseError):
    """Postgres cannot be reached, has no room or is read-only."""


class LockHeld(WarehouseDown):
    """Another session of the database holds a lock for longer than any work that needs it takes."""


class HeldBack(WarehouseError):
    """More would be deleted, rejected or emptied than the deletion guard allows; nothing of this kind was merged."""
