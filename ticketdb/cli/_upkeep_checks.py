"""What `doctor` asks about work that goes on by itself: messages that are sent, the daily round."""

from ticketdb import TicketDB
from ticketdb.cli._finding import Finding

# who never sends has chosen to; what was tried and then left lying has lost its sender
_MESSAGES = """
select
    count(*) filter (where n.status = 'dead' and n.completed_at > now() - interval '7 days') as dead,
    count(*) filter (where n.status = 'pending' and n.due_at < now() - interval '1 hour') as overdue,
    coalesce(bool_or(n.attempts > 0), false) as has_sender
from public.ticket_notifications as n
"""

# pg_cron is the only caller that keeps a record; no interval is longer than a day
_ROUNDS = """
select
    j.active, d.status = 'failed' as has_failed, d.return_message,
    d.start_time::timestamptz(0)::text as started,
    d.start_time < now() - interval '25 hours' as is_late
from cron.job as j
left join lateral (
    select r.status, r.return_message, r.start_time
    from cron.job_run_details as r
    where r.jobid = j.jobid and r.end_time is not null
    order by r.start_time desc
    limit 1
) as d on true
where j.jobname = 'ticketdb.maintenance' and j.database = current_database()
"""


def messages(db: TicketDB) -> Finding:
    """Whether what is to be told is told."""
    row = db.connection.execute(_MESSAGES).fetchone()
    dead, overdue, has_sender = row or (0, 0, False)
    if dead:
        return Finding(
            "notifications",
            False,
            f"{dead} were given up within a week",
            "ticketdb notifications list, mend the cause, then: ticketdb notifications retry",
        )
    if overdue and has_sender:
        return Finding(
            "notifications",
            False,
            f"{overdue} are overdue by more than an hour: no sender claims them",
            "Keep one running: ticketdb notifications run",
        )
    if overdue:
        return Finding(
            "notifications",
            True,
            f"{overdue} wait for a sender, and never had one",
            "To have them sent: ticketdb notifications run",
        )
    return Finding("notifications", True, "none is stuck")


def rounds(db: TicketDB) -> list[Finding]:
    """Whether the daily round ran lately; nothing where no record is kept of it."""
    found = db.connection.execute("select to_regclass('cron.job_run_details') is not null").fetchone()
    if not (found and found[0]):
        return []
    return [_round(*row) for row in db.connection.execute(_ROUNDS).fetchall()]


def _round(
    active: bool, has_failed: bool | None, told: str | None, started: str | None, is_late: bool
) -> Finding:
    if not active:
        step = "select * from public.schedule_maintenance_jobs()"
        return Finding("daily round", False, "its job is switched off in pg_cron", step)
    if started is None:
        return Finding("daily round", True, "scheduled; no run is on record")
    if has_failed:
        step = "Mend what it names, then: ticketdb maintain"
        return Finding("daily round", False, f"failed at {started}: {told}", step)
    if is_late:
        step = "See whether pg_cron runs, then: ticketdb maintain"
        return Finding("daily round", False, f"has not run since {started}", step)
    return Finding("daily round", True, f"ran at {started}")
