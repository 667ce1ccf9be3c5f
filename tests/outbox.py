"""Short words for what the tests of the outbox do."""

from __future__ import annotations

from typing import Any

import psycopg
from factories import call, rows


def messages(tx: psycopg.Connection, reservation: int | None = None) -> list[tuple[str, str]]:
    """Kind and status of the messages, of one reservation or of all, in order."""
    found = rows(
        tx,
        """
        select n.kind, n.status from public.ticket_notifications as n
        where n.reservation_id = coalesce(%s, n.reservation_id) order by n.id
        """,
        reservation,
    )
    return [(one.kind, one.status) for one in found]


def kinds(tx: psycopg.Connection, reservation: int | None = None) -> list[str]:
    return [kind for kind, _ in messages(tx, reservation)]


def claim(tx: psycopg.Connection, *arguments: Any) -> list[Any]:
    """What claim_notifications hands out."""
    holes = ", ".join(["%s"] * len(arguments))
    return rows(tx, f"select * from public.claim_notifications({holes})", *arguments)


def complete(tx: psycopg.Connection, message: Any, error: str | None = None) -> Any:
    return call(tx, "complete_notification", message.notification_id, message.lease_id, error)


def make_due(tx: psycopg.Connection) -> None:
    """Let the time pass until everything that is pending is due, leases included."""
    tx.execute("update public.ticket_notifications set due_at = clock_timestamp() where status = 'pending'")
