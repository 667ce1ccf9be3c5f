"""verify, doctor."""

from dataclasses import dataclass

import typer

from ticketdb import TicketDB
from ticketdb.cli._dsn import Dsn, connect, resolve
from ticketdb.cli._failure import REFUSED
from ticketdb.cli._output import Json, say, show

_OLDEST_SERVER = 15
_NEWEST_SERVER = 18

# the application's tables are the ones whose triggers others may switch off, or lose with a table made anew
_BROKEN_TRIGGERS = """
select w.relation, w.trigger_name, t.tgenabled is null as is_missing
from (
    values
    ('public.bookings', 'ticketdb_link_booking'),
    ('public.bookings', 'ticketdb_follow_new_booking'),
    ('public.bookings', 'ticketdb_follow_changed_booking'),
    ('public.bookings', 'ticketdb_follow_deleted_booking'),
    ('public.program_participants', 'ticketdb_link_participant')
) as w (relation, trigger_name)
left join pg_catalog.pg_trigger as t on t.tgrelid = to_regclass(w.relation) and t.tgname = w.trigger_name
where t.tgenabled is null or t.tgenabled not in ('O', 'A')
order by w.relation, w.trigger_name
"""


def verify(dsn: Dsn = None, as_json: Json = False) -> None:
    """Recompute every counter from its rows; exit with 1 if one differs."""
    with connect(dsn) as db:
        problems = db.verify_inventory()
        if problems or as_json:
            show(problems, as_json)
        if problems:
            say("error", f"{len(problems)} counters differ from their rows")
            raise typer.Exit(REFUSED)
        say("done", "every counter equals its rows")


# what a trigger that was switched off, or taken out for a while, has missed; imported places are left out
_UNFOLLOWED_BOOKINGS = """
select b.booking_reference
from public.bookings as b
left join public.ticket_reservations as r on r.booking_id = b.id
where b.event_schedule_id is not null and b.is_admin_booking is not true and r.participant_id is null
  and (
      (b.status = 'cancelled' and r.status in ('held', 'confirmed'))
      or (ticketdb.booking_is_paid(b.status)
          and coalesce(r.status, '') not in ('confirmed', 'refund_due', 'cancelled'))
  )
order by b.id
"""

_PARTICIPANT_PROBLEMS = """
select r.reservation_code || ': ' || r.participants_problem
from public.ticket_reservations as r
where r.participants_problem is not null
order by r.id
"""


_MISSING_RIGHTS = """
select distinct g.role_name || ' on ' || g.object
from ticketdb.role_grants as g
where not g.is_granted and to_regrole(g.role_name) is not null
order by 1
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    check: str
    ok: bool
    finding: str
    next_step: str | None = None


def doctor(dsn: Dsn = None, as_json: Json = False) -> None:
    """Check the server, the installation and the counters; exit with 1 if something is wrong."""
    address = resolve(dsn)
    # of another age or absent, it is a finding here
    with TicketDB(address, check_schema=False) as db:
        findings = [_server(db), _connection(db, address), _isolation(db), _migrations(address)]
        if all(finding.ok for finding in findings):
            # these ask what only a complete installation can answer
            findings += [_triggers(db), _rights(db), _counters(db), _bookings(db), _participants(db)]
    show(findings, as_json)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(REFUSED)


def _server(db: TicketDB) -> Finding:
    version = db.connection.info.server_version
    found = f"PostgreSQL {version // 10000}.{version % 10000}"
    if _OLDEST_SERVER <= version // 10000 <= _NEWEST_SERVER:
        return Finding("server version", True, found)
    return Finding("server version", False, found, f"Use PostgreSQL {_OLDEST_SERVER} to {_NEWEST_SERVER}.")


def _connection(db: TicketDB, dsn: str) -> Finding:
    from ticketdb.migrate.pooler import pools_transactions

    if pools_transactions(db.connection, dsn):
        return Finding("connection", True, "by transaction pooler: sells, but cannot migrate")
    return Finding("connection", True, "sessions are kept")


def _isolation(db: TicketDB) -> Finding:
    # what others start with
    row = db.connection.execute(
        "select s.reset_val from pg_catalog.pg_settings as s where s.name = 'default_transaction_isolation'"
    ).fetchone()
    level = str(row[0]) if row else ""
    if level in ("read committed", "read uncommitted"):
        return Finding("isolation", True, level)
    return Finding(
        "isolation",
        False,
        f"{level} is the default, and tickets are sold at read committed only",
        "alter database ... set default_transaction_isolation = 'read committed'",
    )


def _migrations(dsn: str) -> Finding:
    from ticketdb.migrate import status

    found = status(dsn)
    if found.unknown:
        return Finding(
            "migrations", False, f"unknown here: {', '.join(found.unknown)}", "pip install --upgrade ticketdb"
        )
    if found.edited:
        return Finding(
            "migrations",
            False,
            f"edited since: {', '.join(found.edited)}",
            "Restore the files: reinstall ticketdb.",
        )
    if found.pending:
        return Finding("migrations", False, f"{len(found.pending)} pending", "ticketdb migrate")
    return Finding("migrations", True, f"{len(found.applied)} applied")


def _triggers(db: TicketDB) -> Finding:
    rows = db.connection.execute(_BROKEN_TRIGGERS).fetchall()
    if not rows:
        return Finding("host triggers", True, "all enabled")
    finding = "; ".join(
        f"{trigger} on {relation} is {'missing' if is_missing else 'disabled'}"
        for relation, trigger, is_missing in rows
    )
    relation, trigger, is_missing = rows[0]
    step = (
        f"Create it as sql/triggers/host_{relation.partition('.')[2]}.sql does"
        if is_missing
        else f"alter table {relation} enable trigger {trigger}"
    )
    return Finding("host triggers", False, finding, f"{step}, then: ticketdb verify")


def _rights(db: TicketDB) -> Finding:
    rows = db.connection.execute(_MISSING_RIGHTS).fetchall()
    if not rows:
        return Finding("roles", True, "each that exists has its rights")
    return Finding("roles", False, f"{len(rows)} rights are missing: {_first(rows)}", "ticketdb roles")


def _counters(db: TicketDB) -> Finding:
    problems = len(db.verify_inventory())
    if not problems:
        return Finding("counters", True, "every counter equals its rows")
    return Finding("counters", False, f"{problems} differ from their rows", "ticketdb verify")


def _bookings(db: TicketDB) -> Finding:
    rows = db.connection.execute(_UNFOLLOWED_BOOKINGS).fetchall()
    if not rows:
        return Finding("bookings", True, "every booking's reservation follows it")
    return Finding(
        "bookings",
        False,
        f"{len(rows)} were changed while the triggers were off: {_first(rows)}",
        "Confirm or cancel their reservations, or set the status of the bookings again.",
    )


def _participants(db: TicketDB) -> Finding:
    rows = db.connection.execute(_PARTICIPANT_PROBLEMS).fetchall()
    if not rows:
        return Finding("participants", True, "every paid reservation has its participants")
    return Finding(
        "participants",
        False,
        f"{len(rows)} reservations lack some: {_first(rows)}",
        "Mend what program_participants refused, enter the people, and empty participants_problem.",
    )


def _first(rows: list[tuple[str]]) -> str:
    names = [name for (name,) in rows[:3]]
    return ", ".join([*names, "…"] if len(rows) > len(names) else names)
