"""What takes place when: occurrences made, changed, moved and called off, and the free times of a space."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from ticketdb import _statements as statements
from ticketdb._async.calls import Calls
from ticketdb.models import (
    MovedSchedule,
    ScheduleCancellation,
    ScheduleChange,
    SchedulePreview,
    ShiftedSchedule,
    TimeSlot,
)


class Schedules(Calls):
    """The methods on occurrences."""

    async def generate_recurring_schedules(
        self, event_definition_id: int, start_date: date, end_date: date
    ) -> int:
        """Insert the missing occurrences of a period, both ends included; return their number.

        Those whose space is taken are left out; `preview_recurring_schedules` tells by whom.
        """
        return await self._fetch_one(
            statements.GENERATE_RECURRING_SCHEDULES, (event_definition_id, start_date, end_date)
        )

    async def preview_recurring_schedules(
        self, event_definition_id: int, start_date: date, end_date: date
    ) -> list[SchedulePreview]:
        """What `generate_recurring_schedules` would insert, and what is there already; writes nothing."""
        return await self._fetch_all(
            statements.PREVIEW_RECURRING_SCHEDULES, (event_definition_id, start_date, end_date)
        )

    async def get_available_time_slots(
        self,
        space_id: int,
        date: date,
        slot_minutes: int = 60,
        opens: time = time(6),
        closes: time = time(22),
    ) -> list[TimeSlot]:
        """The slots of a day in a space, free or taken, each of `slot_minutes`, from `opens` to `closes`.

        Times are those of the clock in the database's time zone. Refused with SpaceNotFound, InvalidArgument.
        """
        return await self._fetch_all(
            statements.GET_AVAILABLE_TIME_SLOTS, (space_id, date, slot_minutes, opens, closes)
        )

    async def change_schedules(
        self,
        event_definition_id: int,
        changes: Mapping[str, Any],
        scope: str = "all_future",
        schedule_id: int | None = None,
        include_sold: bool = False,
        include_changed: bool = False,
        dry_run: bool = False,
    ) -> list[ScheduleChange]:
        """Give occurrences another time, length, price, capacity or space.

        `changes` takes `start_time`, `end_time`, `extra_days`, `ticket_price`, `max_tickets`, `space_id`.
        Times are local, as `"08:00"`; `extra_days` are full days beyond `end_time`; prices are numbers or
        text. `scope` is `all_future`, or `this_and_following` or `this` with a schedule; the first two
        change the event too. What is sold, held or has values of its own is kept unless included; `dry_run`
        lists all of it and changes nothing.
        """
        return await self._fetch_all(
            statements.CHANGE_SCHEDULES,
            (
                event_definition_id,
                statements.jsonb(changes),
                scope,
                schedule_id,
                include_sold,
                include_changed,
                dry_run,
            ),
        )

    async def move_schedule(
        self,
        schedule_id: int,
        schedule_date: date | None = None,
        start_time: time | None = None,
        end_time: time | None = None,
        space_id: int | None = None,
        reason: str | None = None,
    ) -> MovedSchedule:
        """Let an occurrence take place at another local time or in another space; its holders are told."""
        return await self._fetch_one(
            statements.MOVE_SCHEDULE, (schedule_id, schedule_date, start_time, end_time, space_id, reason)
        )

    async def cancel_schedule(self, schedule_id: int, reason: str | None = None) -> ScheduleCancellation:
        """Call an occurrence off: its holders are told, and what they paid is due back."""
        return await self._fetch_one(statements.CANCEL_SCHEDULE, (schedule_id, reason))

    async def list_moved_schedules(self) -> list[ShiftedSchedule]:
        """Coming occurrences whose instants are not what the server's time zones say now."""
        return await self._fetch_all(statements.LIST_MOVED_SCHEDULES, ())

    async def move_unsold_schedules(self) -> int:
        """Move those of `list_moved_schedules` that nobody has a ticket for; return their number."""
        return await self._fetch_one(statements.MOVE_UNSOLD_SCHEDULES, ())
