"""Request bodies of the pages. Questions are sent there, not in the address, because addresses are logged."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from include.model.errors import FormError
from psa_pages.access import MAY_SEE_PLUGINS
from psa_pages.responses import INVALID

MAX_BODY_BYTES = 10_000
JSON = "application/json"  # a form of another site cannot send it


class Body(BaseModel):
    """A request body, as `body_of` reads it."""

    model_config = ConfigDict(extra="forbid")


def body_of(model: type[Body], *, max_bytes: int = MAX_BODY_BYTES) -> Any:
    """The body, read only after the login was checked: FastAPI by itself reads it first, whoever sent it."""

    async def read(request: Request, _: Annotated[None, MAY_SEE_PLUGINS]) -> Body:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise FormError(INVALID)
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > max_bytes:
                raise FormError("The request is larger than this page allows.")
        try:
            return model.model_validate_json(bytes(body))
        except ValidationError:
            raise FormError(INVALID) from None

    return Depends(read)
