"""An auth manager for tests, in which not all users see the same: `narrow` sees one PSA, `blind` no plugins.

`narrow_operator` sees one PSA as well, and may edit what `operator` may, who sees all.
`patient` sees the PSAs that make people wait, which no one else sees.
"""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager


class StrictAuthManager(SimpleAuthManager):
    """As the simple one, but for these users."""

    def is_authorized_dag(self, *, user: Any, details: Any = None, **asked: Any) -> bool:
        if details and details.id and details.id.startswith("psa_waits_") is not (user.username == "patient"):
            return False
        if user.username in ("narrow", "narrow_operator") and details and details.id and details.id != "psa_syncro":
            return False
        return super().is_authorized_dag(user=user, details=details, **asked)

    def is_authorized_view(self, *, access_view: AccessView, user: Any) -> bool:
        if user.username == "blind" and access_view is AccessView.PLUGINS:
            return False
        return super().is_authorized_view(access_view=access_view, user=user)
