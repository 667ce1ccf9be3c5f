# Made by tools/unasync.py of ticketdb/_async/passes.py: change that, and run it again.
"""Passes: bought, used for visits, paused, extended, cancelled, renewed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ticketdb import _statements as statements
from ticketdb._sync.calls import Calls
from ticketdb.models import Pass, PassChange, PassVisit


class Passes(Calls):
    """The methods on passes."""

    def buy_pass(
        self,
        pass_type_id: int,
        starts_on: date | None = None,
        user_id: int | None = None,
        renews: bool = False,
        idempotency_key: str | None = None,
        contact: Mapping[str, Any] | None = None,
    ) -> Pass:
        """Order a pass, to be paid within 15 minutes; a monthly one takes all its places, or is refused.

        Raises what `reserve_series` raises, and `PassNotFound` for a type that does not exist.
        """
        return self._fetch_one(
            statements.BUY_PASS,
            (pass_type_id, starts_on, user_id, renews, idempotency_key, statements.jsonb(contact)),
        )

    def confirm_pass(self, pass_id: int, payment_reference: str, amount: Decimal | None = None) -> Pass:
        """Record that a payment arrived; `status` is `active`, or `refund_due` where it has to go back.

        `amount` is in the venue's currency, by default what is due. Raises `PassNotFound`, `AmountMismatch`,
        `PaymentReferenceReused`.
        """
        return self._fetch_one(statements.CONFIRM_PASS, (pass_id, payment_reference, amount))

    def redeem_pass(self, pass_id: int, schedule_id: int) -> PassVisit:
        """Make a visit of a pass a place on an occurrence; asked again, answer with that place.

        Raises `PassNotFound`, `PassNotValid`, and what `reserve_tickets` raises.
        """
        return self._fetch_one(statements.REDEEM_PASS, (pass_id, schedule_id))

    def return_visit(self, reservation_id: int) -> PassVisit:
        """Give a place of a pass back before its occurrence begins: it is a visit again.

        Raises `ReservationNotFound`, `PassNotValid`.
        """
        return self._fetch_one(statements.RETURN_VISIT, (reservation_id,))

    def pause_pass(self, pass_id: int, start_date: date, end_date: date) -> PassChange:
        """Make a pass no good on these dates, both included, and its end as many days later.

        Raises `PassNotFound`, `PassNotValid`, `InvalidArgument`.
        """
        return self._fetch_one(statements.PAUSE_PASS, (pass_id, start_date, end_date))

    def extend_pass(self, pass_id: int, ends_on: date) -> PassChange:
        """Make a pass good until this date, at no cost.

        Raises `PassNotFound`, `PassNotValid`, `InvalidArgument`.
        """
        return self._fetch_one(statements.EXTEND_PASS, (pass_id, ends_on))

    def cancel_pass(self, pass_id: int, reason: str | None = None) -> Pass:
        """Cancel a pass; `refund_due` is what was paid for what was not used.

        Raises `PassNotFound`.
        """
        return self._fetch_one(statements.CANCEL_PASS, (pass_id, reason))

    def set_pass_renewal(self, pass_id: int, renews: bool) -> Pass:
        """Say whether `run_maintenance` makes the next period of a pass, to be paid before it begins.

        Raises `PassNotFound`, `PassNotValid`, `InvalidArgument`.
        """
        return self._fetch_one(statements.SET_PASS_RENEWAL, (pass_id, renews))
