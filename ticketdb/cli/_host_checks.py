"""What `doctor` asks of the application's tables, whose triggers others may switch off or lose."""

from ticketdb import TicketDB
from ticketdb.cli._finding import Finding, first

# as sql/triggers/host_*.sql makes them
HOST_TRIGGERS = {
    "public.bookings": (
        "ticketdb_link_booking",
        "ticketdb_unlink_booking",
        "ticketdb_follow_new_booking",
        "ticketdb_follow_changed_booking",
        "ticketdb_follow_deleted_booking",
        "ticketdb_occupy_space",
        "ticketdb_occupy_other_space",
        "ticketdb_leave_space",
    ),
    "public.program_participants": ("ticketdb_link_participant",),
}
_BROKEN_TRIGGERS = """
select w.relation, w.trigger_name, t.tgenabled is null as is_missing
from unnest(%s::text[], %s::text[]) as w (relation, trigger_name)
left join pg_catalog.pg_trigger as t on t.tgrelid = to_regclass(w.relation) and t.tgname = w.trigger_name
where t.tgenabled is null or t.tgenabled not in ('O', 'A')
order by w.relation, w.trigger_name
"""

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


def triggers(db: TicketDB) -> Finding:
    """Whether each trigger on them is there, and at work."""
    wanted = [(relation, name) for relation, names in HOST_TRIGGERS.items() for name in names]
    relations, names = zip(*wanted, strict=True)
    rows = db.connection.execute(_BROKEN_TRIGGERS, (list(relations), list(names))).fetchall()
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


def bookings(db: TicketDB) -> Finding:
    """Whether the reservation of each booking is what the booking says."""
    rows = db.connection.execute(_UNFOLLOWED_BOOKINGS).fetchall()
    if not rows:
        return Finding("bookings", True, "every booking's reservation follows it")
    return Finding(
        "bookings",
        False,
        f"{len(rows)} were changed while the triggers were off: {first(rows)}",
        "Confirm or cancel their reservations, or set the status of the bookings again.",
    )


def participants(db: TicketDB) -> Finding:
    """Whether everybody who comes with a paid reservation is entered."""
    rows = db.connection.execute(_PARTICIPANT_PROBLEMS).fetchall()
    if not rows:
        return Finding("participants", True, "every paid reservation has its participants")
    return Finding(
        "participants",
        False,
        f"{len(rows)} reservations lack some: {first(rows)}",
        "Mend what program_participants refused, enter the people, and empty participants_problem.",
    )
