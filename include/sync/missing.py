"""What a listing that nobody counts did not have, although it lives in the warehouse: asked for by key."""

from __future__ import annotations

import random
from collections.abc import Iterator

from include.connectors.common.mapping import key_of
from include.connectors.contract import Connector, PsaClient, ReadContext, Stream
from include.model.errors import Truncated
from include.model.page import Page
from include.warehouse.merge import missing_rows
from include.warehouse.staging import Staging

MOST_ASKED = 100  # one by one; of more, as many at a time


def find_missing(
    staging: Staging, stream: Stream[PsaClient], connector: Connector[PsaClient], context: ReadContext[PsaClient]
) -> Iterator[Page]:
    """What the PSA still has of the records that its listing lacked, if it may leave them out of a listing.

    Any other one proves that the listing was not complete: what is new could be missing from it as well. Of many a
    sample is asked for, and more only as long as the PSA has any of it; none, when the brake will hold back so many.
    """
    missing, live = missing_rows(staging)
    if stream.find is None or (
        len(missing) > MOST_ASKED and not context.setup.deletion_guard.allows(len(missing), live)
    ):
        return
    rest = random.sample(missing, len(missing))
    hides = True
    while rest and hides:
        asked, rest, hides = rest[:MOST_ASKED], rest[MOST_ASKED:], False
        for page in connector.call(stream.find, context, asked):
            missed = [record for record in page.records if not stream.may_hide(record)]
            if missed:
                raise Truncated(
                    f"{connector.title}: the listing for {stream.table} lacked "
                    f"{key_of(stream, missed[0], context.setup)}, which is there when it is asked for by its key: "
                    "it was not complete."
                )
            hides = hides or bool(page.records)
            yield page
