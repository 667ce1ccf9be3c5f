"""What was sold, taken and owed, and how full it was."""

from datetime import date

from ticketdb import _statements as statements
from ticketdb._async.calls import Calls
from ticketdb.models import AttendanceOfSchedule, NoShow, Occupancy, RefundDue, RevenueOfType, SalesOfDay


class Reports(Calls):
    """The methods on what was sold and who came."""

    async def report_sales(
        self, start_date: date | None = None, end_date: date | None = None
    ) -> list[SalesOfDay]:
        """What was sold on each day, by event, in the venue's currency.

        A day is one in the event's time zone: a payment counts on the day it arrived, a refund on the day it
        became due. Both dates are included; None means no limit. Raises NotAllowed, InvalidArgument.
        """
        return await self._fetch_all(statements.REPORT_SALES, (start_date, end_date))

    async def report_revenue(
        self, start_date: date | None = None, end_date: date | None = None
    ) -> list[RevenueOfType]:
        """What was taken with each type of event, in the venue's currency; days as in `report_sales`."""
        return await self._fetch_all(statements.REPORT_REVENUE, (start_date, end_date))

    async def report_attendance(
        self, start_date: date | None = None, end_date: date | None = None
    ) -> list[AttendanceOfSchedule]:
        """Who came to the occurrences that have begun, by their own date; both dates are included.

        `attendance_rate` goes from 0 to 1. Raises NotAllowed, InvalidArgument.
        """
        return await self._fetch_all(statements.REPORT_ATTENDANCE, (start_date, end_date))

    async def report_occupancy(
        self, start_date: date | None = None, end_date: date | None = None
    ) -> list[Occupancy]:
        """How full it was by weekday and hour of the local start, over occurrences that have begun.

        Both dates are the occurrences' own and included; `occupancy` goes from 0 to 1. Raises NotAllowed,
        InvalidArgument.
        """
        return await self._fetch_all(statements.REPORT_OCCUPANCY, (start_date, end_date))

    async def report_no_shows(
        self, start_date: date | None = None, end_date: date | None = None
    ) -> list[NoShow]:
        """Sales of occurrences that are over with tickets that let nobody in, by the occurrences' date.

        Both dates are included. Raises NotAllowed, InvalidArgument.
        """
        return await self._fetch_all(statements.REPORT_NO_SHOWS, (start_date, end_date))

    async def refunds_due(
        self, start_date: date | None = None, end_date: date | None = None
    ) -> list[RefundDue]:
        """Payments of which something is due back, by the local date since which it is; both included."""
        return await self._fetch_all(statements.REFUNDS_DUE, (start_date, end_date))
