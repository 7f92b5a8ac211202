"""The test of a connection: the login, each right, counts, and signs that the login does not see everything."""

from __future__ import annotations

from typing import Any

from include.connectors.common.probes import Probe, probe
from include.connectors.common.setup import check_setup
from include.model.kinds import KINDS
from include.model.setup import Setup
from include.tickets.sessions import Session


def trial(session: Session, setup: Setup | None) -> dict[str, Any]:
    """Try every kind; raises errors that concern the whole account, as when none can be read. No valid setup: None."""
    connector, client = session.connector, session.client
    probes = [probe(connector, client, kind) for kind in KINDS]
    failed = [one.error for one in probes if one.error and not one.right]
    if len(failed) == len(probes):
        raise failed[0]
    problems = check_setup(connector, client, setup) if setup else []
    return {
        "kinds": [_shown(one) for one in probes],
        "remarks": connector.remarks(client),
        "problems": problems,
        "requests": client.http.traffic.requests,
        "seconds": client.http.traffic.answered_seconds,
    }


def _shown(one: Probe) -> dict[str, Any]:
    return {
        "kind": one.kind.replace("_", " "),
        "count": one.count,
        "problem": one.error.said if one.error else "",
        "right": one.right,
    }
