"""Rules of recurrence, and calendars (iCalendar) out and in."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from ticketdb import _statements as statements
from ticketdb._async.calls import Calls
from ticketdb.models import ImportedEvent


class Calendars(Calls):
    """The methods on rules and calendars."""

    async def expand_rrule(
        self, rrule: str, dtstart: datetime, from_: datetime, to: datetime
    ) -> list[datetime]:
        """The local times at which a rule of RFC 5545 takes place in a period, both ends included.

        `dtstart` is its first start. Times are those of a clock, without a zone. Raises InvalidRecurrence.
        """
        return await self._fetch_all(statements.EXPAND_RRULE, (rrule, dtstart, from_, to))

    async def describe_rrule(self, rrule: str) -> str:
        """A rule of RFC 5545 in English. Raises InvalidRecurrence."""
        return await self._fetch_one(statements.DESCRIBE_RRULE, (rrule,))

    async def schedules_ics(
        self,
        event_definition_id: int | None = None,
        space_id: int | None = None,
        from_date: date | None = None,
        to_date: date | None = None,
    ) -> str:
        """The occurrences of an event or in a space as iCalendar text; both dates are included.

        By default from 30 days ago for a year ahead. Raises InvalidArgument, DefinitionNotFound,
        SpaceNotFound.
        """
        return await self._fetch_one(
            statements.SCHEDULES_ICS, (event_definition_id, space_id, from_date, to_date)
        )

    async def definition_ics(self, event_definition_id: int) -> str:
        """The recurrence of an event as iCalendar text: one event with RRULE, EXDATE and RDATE.

        Raises DefinitionNotFound, NotRecurring.
        """
        return await self._fetch_one(statements.DEFINITION_ICS, (event_definition_id,))

    async def import_event(self, event: Mapping[str, Any]) -> ImportedEvent:
        """Make an event of one of a calendar, or bring up to date the one with its `uid`.

        A new one is not active, for it has no price yet. `event` has the fields that the comment of the SQL
        function names; moments are text in ISO 8601. `ticketdb import-ics` makes them of a file. Raises
        InvalidArgument, InvalidRecurrence, NotAllowed.
        """
        return await self._fetch_one(statements.IMPORT_EVENT, (statements.jsonb(event),))
