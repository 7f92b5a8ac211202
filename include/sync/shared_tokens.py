"""Where the tasks of a run find the token that preflight was given.

It lies in an Airflow Variable: Airflow encrypts it as it does the connection's password, and its UI hides the value.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from include.airflow_store.lookup import keep_variable, optional_variable
from include.http.auth import SharedToken

ABOUT = "A token that the tasks of a run share. It ends within the hour; each run writes a new one."


@dataclass
class SharedTokens:
    """A token for tasks in this process."""

    token: SharedToken | None = None

    def keep(self, token: SharedToken) -> None:
        """Keep it for the tasks after this one."""
        self.token = token

    def find(self) -> SharedToken | None:
        """The token, if one was kept."""
        return self.token


@dataclass
class TokensInVariable(SharedTokens):
    """A token for tasks on any worker."""

    name: str = ""
    """The Variable's. Airflow hides the values of names with `token`."""

    def keep(self, token: SharedToken) -> None:
        """Keep it; where Airflow does not let a task write the Variable, each task logs in."""
        said = asdict(token) | {"valid_until": token.valid_until.isoformat()}
        keep_variable(self.name, json.dumps(said), ABOUT)

    def find(self) -> SharedToken | None:
        """The token that was kept last; None for a text that is none."""
        with suppress(ValueError, TypeError, KeyError, RecursionError):
            said = json.loads(optional_variable(self.name) or "{}")
            valid_until = datetime.fromisoformat(said["valid_until"])
            if valid_until.tzinfo:
                return SharedToken(str(said["access"]), str(said["whose"]), valid_until)
        return None
