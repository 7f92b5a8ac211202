"""The app of a page: each route requires a login and the right to see plugins, also those of its static files."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path

from airflow.api_fastapi.app import get_auth_manager
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from psa_pages.access import MAY_SEE_PLUGINS, login_address
from psa_pages.responses import INVALID, SafeResponses, problem_page, problem_response
from psa_pages.rights import REFUSED, RightMissing, needed_right

SHARED = Path(__file__).parent / "static"
ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
SESSION = "Your Airflow session has ended."
MISSING = "There is no such page."


def page_app(title: str, *needed: Depends) -> FastAPI:
    """An app without routes, whose refusals a person understands; `needed` are rights beside that to see plugins."""
    needs = [MAY_SEE_PLUGINS, *needed]
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url=None, dependencies=needs)
    app.add_middleware(SafeResponses, title=title)
    app.exception_handler(RequestValidationError)(_invalid_request)
    app.exception_handler(StarletteHTTPException)(_refused)
    return app


def read_files(folder: Path) -> Mapping[str, bytes]:
    """The static files of a page by name: those of all pages, and its own in `folder`."""
    return {file.name: file.read_bytes() for place in (SHARED, folder) for file in sorted(place.iterdir())}


def add_files(app: FastAPI, files: Mapping[str, bytes]) -> None:
    """Add the routes of the static files, and of addresses that do not exist; all other routes come before."""

    def file(name: str) -> Response:
        """A static file, by its exact name."""
        if name not in files:
            raise HTTPException(404, MISSING)
        return Response(files[name], media_type=mimetypes.guess_type(name)[0])

    def page() -> Response:
        return file("index.html")

    def not_found() -> Response:
        """Any other address: without a login, it is answered like those that exist."""
        raise HTTPException(404, MISSING)

    app.get("/")(page)
    app.get("/{name}")(file)
    app.api_route("/{path:path}", methods=ALL_METHODS)(not_found)


async def _invalid_request(_request: Request, _error: RequestValidationError) -> JSONResponse:
    return problem_response("form", INVALID, 400)


async def _refused(request: Request, error: StarletteHTTPException) -> Response:
    if error.status_code == 401 and request.method == "GET" and request.url.path.endswith("/"):
        return RedirectResponse(login_address(request.url.path), 302)
    wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if error.status_code == 403:
        right = error.right if isinstance(error, RightMissing) else needed_right(get_auth_manager())
        if wants_page:
            return problem_page(403, REFUSED, right.needed, right.given, command=right.command)
        return problem_response("rights", right.sentences, 403)
    kind, message = ("session", SESSION) if error.status_code == 401 else ("gone", str(error.detail))
    return (
        problem_page(error.status_code, message) if wants_page else problem_response(kind, message, error.status_code)
    )
