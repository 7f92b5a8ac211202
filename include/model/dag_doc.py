"""What Airflow shows about a DAG of ours."""

from __future__ import annotations

_DOC = """
Copies companies, their statuses, sites, assets and contacts, and the boards, statuses and priorities that the ticket
page needs, from **{title}** into the schema `psa` of the warehouse.

| task | what it does | when it is red |
| --- | --- | --- |
| `preflight` | checks warehouse, login, rights and setup | its last line says what to fix; then clear it |
| `<kind>.extract` | lists everything the PSA has, into staging | nothing was merged; clear it once the cause is gone |
| `<kind>.load` | merges staging in one transaction | nothing was merged; clear it, or approve, see below |
| `<kind>.decide` | asks a person about deletions in doubt; usually skipped | no one has answered; see below |
| `summary` | reports on the run: **read this log first** | some kind was not loaded; it says which and why |
{details}
**Complete or not at all.** A table changes only when the whole listing was proven complete, and the counts balance:
fetched = inserted + updated + unchanged + duplicate + rejected (`psa.sync_runs`).

**Force Sync**: press *Trigger*. The run goes ahead of everything, in the background, beside a nightly run that may be
under way; no message is sent at the end. Its form offers single kinds, a single company, and a dry run.

**Quick runs** list what changed and find what vanished: a Force Sync unless its form says *Everything*, and runs whose
ids begin with `quick__`, if the DAG file has a `quick_schedule`. The nightly run lists everything.

**The deletion guard.** When more rows would be marked deleted than setup allows, the others are loaded, and `decide`
asks under *Required Actions*. Look at the PSA, then approve or reject. When a listing cannot be trusted at all, `load`
merges nothing and turns red; if it is right, trigger this DAG and choose the kind under *Approve deletions*.

Setup: connections `psa_{source}` and `psa_warehouse`, Variable `psa_{source}`.

See also: [is everything fresh?](plugin/psa-status), [live tickets](plugin/psa-tickets), [setup](plugin/psa-setup),
[connections](connections), [variables](variables), [pools](pools), [assets](assets).
"""
_DETAILS = """\
| `<kind>.details` | reads columns that {title} gives for one record at a time | rows are loaded; its log says why |
| `details_summary` | reports on these columns, in a nightly run hours later | some could not be read; it says why |
"""


def dag_doc(title: str, source: str, *, has_details: bool) -> str:
    """The documentation of the DAG of a source."""
    return _DOC.format(title=title, source=source, details=_DETAILS.format(title=title) if has_details else "")


def display_name(title: str, source: str | None) -> str:
    """How Airflow lists the DAG; `source` is given where it is not the vendor's only tenant."""
    tenant = f" ({source})" if source else ""
    return f"{title}{tenant}: nightly sync and Force Sync"
