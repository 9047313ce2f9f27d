"""The ledger into rows for people: each card and what was said to it (the feedback export of 45 CFR 170.315(b)(11)(ii)(C))."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from cds_service.store.tables import feedback, served


def rows(connection: Connection, since: int = 0) -> Iterator[dict[str, str]]:
    """In the order they were shown, from that second on. `action` is `shown` where nothing was said: clients tell nothing of cards that
    were ignored."""
    joined = served.outerjoin(feedback, feedback.c.card == served.c.card)
    wanted = select(served, feedback.c.outcome, feedback.c.reason, feedback.c.at.label("said")).select_from(joined)
    for row in connection.execute(wanted.where(served.c.at >= since).order_by(served.c.at, served.c.card, feedback.c.said)):
        yield {
            "shown": _time(row.at), "tenant": row.tenant, "location": row.department, "hook": row.hook, "trial": row.trial,
            "definition": row.definition, "card": row.card, "user": row.user, "patient": row.patient,
            "action": row.outcome or "shown", "reason": row.reason or "", "said": _time(row.said) if row.said else "",
        }  # fmt: skip


def _time(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")
