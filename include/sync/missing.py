"""Find rows that an uncounted listing did not contain, and ask the PSA for them by key."""

from __future__ import annotations

import random
from collections.abc import Iterator

from include.connectors.common.mapping import key_of
from include.connectors.contract import PsaClient, ReadContext, Stream
from include.model.errors import Truncated
from include.model.page import Page
from include.warehouse.merge import missing_rows
from include.warehouse.staging import Staging

SAMPLE = 100
"""How many records are asked for at a time."""


def find_missing(
    staging: Staging, stream: Stream[PsaClient], context: ReadContext[PsaClient], *, title: str
) -> Iterator[Page]:
    """The missing records that still exist and that the vendor may hide from its listings.

    A missing record that exists and is not hidden proves that the listing was not complete, so that new records may be
    missing from it as well: raises Truncated. Of many missing rows a random sample is asked for, and another one as
    long as the PSA still has any of them. Nothing is asked when the deletion guard would hold the kind anyway.
    """
    missing, live = missing_rows(staging)
    if stream.find is None or (len(missing) > SAMPLE and not context.setup.deletion_guard.allows(len(missing), live)):
        return
    rest = random.sample(missing, len(missing))
    found_any = True
    while rest and found_any:
        asked, rest, found_any = rest[:SAMPLE], rest[SAMPLE:], False
        for page in stream.find(context, asked):
            unlisted = [record for record in page.records if not stream.may_hide(record)]
            if unlisted:
                raise Truncated(
                    f"{title}: the listing for {stream.table} did not contain "
                    f"{key_of(stream, unlisted[0], context.setup)}, which exists when it is asked for by its key: the "
                    "listing was not complete."
                )
            found_any = found_any or bool(page.records)
            yield page
