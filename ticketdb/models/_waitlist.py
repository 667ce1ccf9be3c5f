"""Waiting for seats of an occurrence that has none left."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class WaitlistEntry:
    """A place in a waiting list: a position while it waits, then an offer to be paid before it expires."""

    entry_id: int
    schedule_id: int
    quantity: int
    status: str
    position: int | None
    reservation_id: int | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits, or waited, for seats of an occurrence: a row of `v_waitlist`."""

    entry_id: int
    schedule_id: int
    quantity: int
    status: str
    position: int | None
    reservation_id: int | None
    expires_at: datetime | None
    user_id: int | None
    contact: dict[str, Any] | None
    joined_at: datetime
    offered_at: datetime | None
    closed_at: datetime | None
