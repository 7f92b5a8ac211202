"""The message that a person reads when a question of the setup page failed: what was asked, what came back, what to do.

It is more exact than the ticket page's, because it is for people who may edit the connection. What the PSA itself says
is not repeated: the client is discreet.
"""

from __future__ import annotations

from include.model.errors import (
    AuthError,
    Blocked,
    ConfigError,
    FormError,
    NotFound,
    PsaError,
    RateLimited,
    Redirected,
    RightsError,
    TransientError,
    WarehouseError,
)
from include.tickets.problems import RETRY_SECONDS, Problem, ViewerTimeout
from include.tickets.view import encodable

# The most specific error first: the title of the strip on the page, and what to do.
_FOUND: tuple[tuple[type[PsaError], str, str], ...] = (
    (RightsError, "rights", "Give the API account the right to read this, then test again."),
    (AuthError, "login", "Enter credentials that work into the Airflow connection '{conn_id}', then test again."),
    (ConfigError, "setup", "Fix it, then test again."),
    (Redirected, "setup", "Enter the address where the API answers as the host of '{conn_id}', then test again."),
    (NotFound, "setup", "Check the host and the credentials of '{conn_id}', then test again."),
    (Blocked, "blocked", "Ask who runs the network in between to let this server's address through."),
    (RateLimited, "limit", "The syncs and this page share the limit."),
    (ViewerTimeout, "slow", "Ask again in a moment: the question goes on meanwhile."),
    (TransientError, "down", "Try again; if it stays so, look at the PSA's status page."),
    (WarehouseError, "warehouse", ""),
)


def setup_problem(error: PsaError, conn_id: str) -> Problem:
    """What to show for an error."""
    if isinstance(error, FormError):
        return Problem("form", encodable(error.said), 400)
    kind, advice = next(
        ((kind, advice) for found, kind, advice in _FOUND if isinstance(error, found)),
        ("answer", "The PSA's API is not what its documents say: keep this message for a bug report."),
    )
    message = f"{error.said} {advice.format(conn_id=conn_id)}".strip()
    wait = max(error.retry_after_seconds, 1.0) if isinstance(error, RateLimited) else None
    is_passing = isinstance(error, TransientError)
    return Problem(kind, encodable(message), 502, wait or (RETRY_SECONDS if is_passing else None))
