"""The rows that ticketdb answers with. Fields have the names and the order of the columns they come from."""

from ticketdb.models._calendars import ImportedEvent
from ticketdb.models._door import Attendance, BatchScan, CheckIn, ScheduleParticipant
from ticketdb.models._maintenance import InventoryProblem, LinkStep, MaintenanceJob
from ticketdb.models._notifications import Notification, NotificationResult, NotificationRetry
from ticketdb.models._passes import Pass, PassChange, PassVisit
from ticketdb.models._reports import (
    AttendanceOfSchedule,
    NoShow,
    Occupancy,
    RefundDue,
    RevenueOfType,
    SalesOfDay,
)
from ticketdb.models._schedules import (
    MovedSchedule,
    ScheduleCancellation,
    ScheduleChange,
    SchedulePreview,
    ShiftedSchedule,
    TimeSlot,
)
from ticketdb.models._selling import (
    Availability,
    Cancellation,
    Confirmation,
    EventAvailability,
    Refund,
    Reservation,
    Ticket,
)
from ticketdb.models._waitlist import Waiting, WaitlistEntry

__all__ = [
    "Attendance",
    "AttendanceOfSchedule",
    "Availability",
    "BatchScan",
    "Cancellation",
    "CheckIn",
    "Confirmation",
    "EventAvailability",
    "ImportedEvent",
    "InventoryProblem",
    "LinkStep",
    "MaintenanceJob",
    "MovedSchedule",
    "NoShow",
    "Notification",
    "NotificationResult",
    "NotificationRetry",
    "Occupancy",
    "Pass",
    "PassChange",
    "PassVisit",
    "Refund",
    "RefundDue",
    "Reservation",
    "RevenueOfType",
    "SalesOfDay",
    "ScheduleCancellation",
    "ScheduleChange",
    "ScheduleParticipant",
    "SchedulePreview",
    "ShiftedSchedule",
    "Ticket",
    "TimeSlot",
    "Waiting",
    "WaitlistEntry",
]

# a pickle of a row names the class by this, so that the rows stay readable when they move to another file
for _name in __all__:
    globals()[_name].__module__ = __name__
