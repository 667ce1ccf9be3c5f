# Made by tools/unasync.py of ticketdb/_async/door.py: change that, and run it again.
"""Who may come in, who comes, and who came."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from ticketdb import _statements as statements
from ticketdb._sync.calls import Calls
from ticketdb.models import Attendance, BatchScan, CheckIn, ScheduleParticipant


class Door(Calls):
    """The methods on who comes in."""

    def check_in(
        self,
        ticket_code: UUID | str,
        schedule_id: int | None = None,
        gate: str | None = None,
        scan_id: UUID | None = None,
        scanned_at: datetime | None = None,
    ) -> CheckIn:
        """Let the holder of a ticket in, as often as the event's `admission_policy` says.

        The same `scan_id` twice is one scan.
        """
        return self._fetch_one(statements.CHECK_IN, (ticket_code, schedule_id, gate, scan_id, scanned_at))

    def check_in_batch(self, scans: Sequence[Mapping[str, Any]]) -> list[BatchScan]:
        """Do the scans of a scanner that was offline, at most 1000; a verdict for each, in their order.

        Each has `ticket_code`, `scan_id` (a uuid of the scanner's), `scanned_at` (ISO 8601 with the offset
        from UTC), all as text, and if there is one `schedule_id` and `gate`. What cannot be read is
        `invalid`. Sent again it does nothing, and answers the same. Raises InvalidArgument.
        """
        return self._fetch_all(statements.CHECK_IN_BATCH, (statements.jsonb(scans),))

    def schedule_participants(self, schedule_id: int) -> Iterator[ScheduleParticipant]:
        """Who comes to an occurrence, by name; those without a name last. Read page by page."""
        return self._fetch_pages(partial(statements.schedule_participants, schedule_id))

    def attendance(
        self, schedule_id: int | None = None, from_date: date | None = None, to_date: date | None = None
    ) -> Iterator[Attendance]:
        """Who came, per occurrence, in order of time; both dates are included. Read page by page."""
        return self._fetch_pages(partial(statements.attendance, schedule_id, from_date, to_date))
