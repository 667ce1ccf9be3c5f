# Made by tools/unasync.py of ticketdb/_async/maintenance.py: change that, and run it again.
"""The daily round, the application's own data, and the count of everything."""

from datetime import timedelta
from typing import Any

from ticketdb import _statements as statements
from ticketdb._sync.calls import Calls
from ticketdb.models import InventoryProblem, LinkStep, MaintenanceJob


class Maintenance(Calls):
    """The methods on upkeep."""

    def run_maintenance(self, horizon_days: int = 30) -> dict[str, Any]:
        """Do what is late, a bounded number of each kind; return how many of each.

        What failed, such as one event that cannot be generated, stands in a list `errors`; the rest is done.
        """
        return self._fetch_one(statements.RUN_MAINTENANCE, (horizon_days,))

    def schedule_maintenance_jobs(
        self, every: timedelta = timedelta(minutes=1), horizon_days: int = 30
    ) -> list[MaintenanceJob]:
        """Have pg_cron run the daily round; without pg_cron the row says what to do instead."""
        return self._fetch_all(statements.SCHEDULE_MAINTENANCE_JOBS, (every, horizon_days))

    def unschedule_maintenance_jobs(self) -> int:
        """Take these jobs out of pg_cron; return how many there were."""
        return self._fetch_one(statements.UNSCHEDULE_MAINTENANCE_JOBS, ())

    def link_legacy_data(self, dry_run: bool = False) -> list[LinkStep]:
        """Make events, occurrences and reservations of the application's own bookings and participants."""
        return self._fetch_all(statements.LINK_LEGACY_DATA, (dry_run,))

    def verify_inventory(self) -> list[InventoryProblem]:
        """Recompute every counter from its rows; an empty list means that all is well."""
        return self._fetch_all(statements.VERIFY_INVENTORY, ())
