"""What HaloPSA's refusals mean: OAuth's error codes, and a web page at an address that is not the API's."""

from __future__ import annotations

from include.model.errors import ConfigError, LoginRefused, NotFound, PsaError, ServerError
from include.model.page import Record

WRONG_ADDRESS = (
    "HaloPSA answers with a web page at an address that is not its API: the connection's host must be the Resource "
    "Server that Halo shows under Configuration > Integrations > Halo API."
)
LOGIN_REFUSED = ("invalid_client", "unauthorized_client", "invalid_grant", "access_denied")


def judge(status: int, body: Record, said: str) -> PsaError | None:
    """The error for OAuth's own codes, which come as 400 or 401; 204 means that there is nothing this login may see."""
    code = body.get("error") if isinstance(body, dict) else None
    if code == "invalid_scope":
        return ConfigError(
            f"{said} The extra 'scope' of the connection names a permission that Halo does not have, or that the "
            "application was not given; leave it out, or write words like 'read:customers read:assets read:tickets'."
        )
    if code in LOGIN_REFUSED:
        return LoginRefused(
            f"{said} The connection's login must be the Client ID of Halo's API application, its password the Client "
            "Secret, and the extra 'tenant' the Tenant that Halo shows beside them."
        )
    return NotFound(said) if status == 204 else None


def explained(error: ServerError) -> ServerError:
    """The error with the cause added, where Halo answered with a web page instead of JSON."""
    is_page = error.status == 200 and not error.empty
    return ServerError(f"{error.said} {WRONG_ADDRESS}", status=200) if is_page else error
