"""What the plugin of a page tells Airflow about it. Imports little, because every task loads Airflow's plugins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf


def address_of(prefix: str) -> str:
    """The address of a page below Airflow's own, without host; `prefix` begins with a slash."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/") + prefix


def icons_of(page: str) -> dict[str, str]:
    """The icons of a page, by Airflow's names for them."""
    return {"icon": f"{page}/icon.svg", "icon_dark_mode": f"{page}/icon-dark.svg"}


def lazy_app(module: str) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """The `app` of a module, which is imported on the first request."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await import_module(module).app(scope, receive, send)

    return app
