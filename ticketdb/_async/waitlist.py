"""Waiting for seats of an occurrence that has none left."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

from ticketdb import _statements as statements
from ticketdb._async.calls import Calls
from ticketdb.models import Waiting, WaitlistEntry


class Waitlist(Calls):
    """The methods on waiting lists."""

    async def join_waitlist(
        self,
        schedule_id: int,
        quantity: int = 1,
        user_id: int | None = None,
        contact: Mapping[str, Any] | None = None,
    ) -> WaitlistEntry:
        """Wait for tickets of an occurrence that has none left; where there is room, the answer is an offer.

        An offer (`status` is `offered`) is a hold: pay `reservation_id` before `expires_at`. A user has one
        place, however often he joins; a guest needs a contact.
        """
        return await self._fetch_one(
            statements.JOIN_WAITLIST, (schedule_id, quantity, user_id, statements.jsonb(contact))
        )

    async def leave_waitlist(self, entry_id: int) -> WaitlistEntry:
        """Give up a place in a waiting list; seats that were offered go to the next."""
        return await self._fetch_one(statements.LEAVE_WAITLIST, (entry_id,))

    def waitlist(self, schedule_id: int) -> AsyncIterator[Waiting]:
        """Who waits, or waited, for an occurrence, in order of arrival. Read page by page."""
        return self._fetch_pages(partial(statements.waitlist, schedule_id))
