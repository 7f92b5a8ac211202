"""Preflight: what would make every kind fail is found before anything is read, and a company that was asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from include.connectors.common.companies import find_company
from include.connectors.common.probes import probe
from include.connectors.common.setup import check_setup
from include.connectors.contract import PsaClient, ReadContext
from include.http.shared_token import token_to_share
from include.model.company import Company
from include.model.errors import ConfigError, FormError, PsaError
from include.model.kinds import KINDS, OF_COMPANIES
from include.model.tables import SCHEMA
from include.model.wording import counted, log_sentence
from include.sync.clocks import check_clock
from include.sync.failures import logged_errors
from include.sync.run import Sync
from include.warehouse.clock import reset_future_times
from include.warehouse.connection import Connection
from include.warehouse.last_runs import tables_read_lately
from include.warehouse.requirements import check_database
from include.warehouse.schema import ensure_schema
from include.warehouse.staged_tables import drop_unneeded
from include.warehouse.views import ensure_views

log = logging.getLogger(__name__)


def preflight(sync: Sync) -> Company | None:
    """The company that was asked for, if one was. Raises errors that concern every kind, and logs the others."""
    with logged_errors():
        _check_request(sync)
        _check_warehouse(sync)
        with sync.open_client() as client:
            company = _check_account(sync, client)
        sync.known.update(client.http.known, server=client.http.base_url)
        if token := token_to_share(client.http):
            sync.tokens.keep(token)
        return company


def _check_account(sync: Sync, client: PsaClient) -> Company | None:
    company = _company(sync, client)
    client.http.remembers = True
    if company is None:  # to read one company costs less than to probe every kind first
        _probe_all(sync, client)
        for remark in sync.connector.remarks(client):
            log_sentence(log, logging.WARNING, remark)
    problems = check_setup(sync.connector, client, sync.setup)
    if problems:
        raise ConfigError(f"Airflow Variable 'psa_{sync.run.source}': " + " ".join(problems))
    log.info("Setup is in order.")
    return company


def _check_request(sync: Sync) -> None:
    if not sync.request.planned:
        raise FormError(
            f"There is nothing to do: {' and '.join(sync.request.kinds)} belong to no company, and only the company "
            f"'{sync.request.company}' was asked for. Of one company there are {', '.join(OF_COMPANIES)}."
        )
    idle = [kind for kind in sync.request.approved if kind not in sync.request.planned]
    if idle:
        raise FormError(f"Deletions are approved for {' and '.join(idle)}, which this run would not sync.")


def _check_warehouse(sync: Sync) -> None:
    check_database(sync.warehouse)
    ensure_schema(sync.warehouse)
    ensure_views(sync.warehouse)
    with sync.warehouse.session() as connection:
        drop_unneeded(connection, sync.run.source)
        server = connection.info
        place = f"{server.dbname} on {server.host}, PostgreSQL {server.server_version // 10000}"
        log.info("Warehouse: %s; schema %s is complete.", place, SCHEMA)
        _check_times(sync, connection)


def _check_times(sync: Sync, connection: Connection) -> None:
    check_clock(connection, sync.run, sync.worker, sync.now)
    if sync.request.dry_run:  # it changes no table
        return
    for was_reset in reset_future_times(connection, sync.run.source):
        log_sentence(log, logging.WARNING, was_reset)


def _company(sync: Sync, client: PsaClient) -> Company | None:
    if not sync.request.company:
        return None
    context = ReadContext(client, sync.setup)
    company = find_company(sync.connector.company_search, context, sync.request.company)
    log.info("Company: %s.", company)
    return company


def _probe_all(sync: Sync, client: PsaClient) -> None:
    """Try the kinds that the last run has not read, or else one, to see that the login works; all if one is refused."""
    with sync.warehouse.session() as connection:
        tables = tables_read_lately(connection, sync.run)
    planned = sync.request.planned
    tried = [kind for kind in planned if not tables.issuperset(KINDS[kind])] or planned[:1]
    rest = [kind for kind in planned if kind not in tried]
    refused = _refusals(sync, client, tried)
    if refused:
        refused += _refusals(sync, client, rest)
    elif rest:
        log_sentence(log, logging.INFO, f"{', '.join(rest)}: not tried, because the last run has read them.")
    if len(refused) == len(planned):
        raise refused[0]


def _refusals(sync: Sync, client: PsaClient, kinds: Iterable[str]) -> list[PsaError]:
    return [error for kind in kinds if (error := _probe(sync, client, kind))]


def _probe(sync: Sync, client: PsaClient, kind: str) -> PsaError | None:
    """The reason why a kind cannot be read now, if so; raises errors that concern the whole account."""
    found = probe(sync.connector, client, kind)
    if found.error:
        log_sentence(log, logging.WARNING, f"{kind} will fail: {found.reason}")
        return found.error
    log.info("%s: may be read%s.", kind, "" if found.count is None else f", {counted(found.count, 'record')}")
    return None
