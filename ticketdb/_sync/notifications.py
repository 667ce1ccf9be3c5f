# Made by tools/unasync.py of ticketdb/_async/notifications.py: change that, and run it again.
"""The outbox, for a program that sends its messages."""

from datetime import timedelta
from uuid import UUID

from ticketdb import _statements as statements
from ticketdb._sync.calls import Calls
from ticketdb.models import Notification, NotificationResult, NotificationRetry


class Notifications(Calls):
    """The methods on the outbox."""

    def claim_notifications(
        self, limit: int = 10, lease: timedelta = timedelta(seconds=60)
    ) -> list[Notification]:
        """Messages that are due. Nobody else gets them for the time of the lease: send and complete them."""
        return self._fetch_all(statements.CLAIM_NOTIFICATIONS, (limit, lease))

    def complete_notification(self, id: int, lease_id: UUID, error: str | None = None) -> NotificationResult:
        """Say that a message was sent, or why not: then it is due again after a while, ten times in all."""
        return self._fetch_one(statements.COMPLETE_NOTIFICATION, (id, lease_id, error))

    def retry_notification(self, id: int) -> NotificationRetry:
        """Put a message that was given up, or is to be sent again, back into the outbox."""
        return self._fetch_one(statements.RETRY_NOTIFICATION, (id,))
