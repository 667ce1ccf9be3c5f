"""Faults to plant in the database of a race, so that it is seen to go wrong without its protection."""

from __future__ import annotations

import re
from typing import NamedTuple

from race_shop import Shop


class Fault(NamedTuple):
    """A change of a function's source that takes a protection away."""

    function: str
    pattern: str
    replacement: str


NO_CONSTRAINTS = """
alter table ticketdb.seat_buckets drop constraint seats_within_capacity;
alter table public.event_schedules drop constraint tickets_sold_within_capacity;
"""
# Rows are still locked by whoever updates them, but nobody looks at a row that he has locked.
NO_ROW_LOCKS = """
do $$
declare
    v_source text;
begin
    for v_source in
        select pg_get_functiondef(p.oid)
        from pg_proc as p
        where p.pronamespace = 'ticketdb'::regnamespace and p.prosrc ~ 'for (no key )?update'
    loop
        execute regexp_replace(v_source, 'for (no key )?update( of [a-z]+)?( skip locked| nowait)?', '', 'g');
    end loop;
end
$$;
"""
NO_GUARD = (
    NO_CONSTRAINTS,
    NO_ROW_LOCKS,
    Fault("ticketdb.move_seats", r"b\.held \+ b\.sold \+ p_held \+ p_sold <= b\.capacity", "true"),
    # the fast path has its guard in the statement that takes the seats
    Fault("ticketdb.hold_tickets", "if p_ticket_type_id is null then", "if false then"),
)
# Everybody looks, waits a little, and only then writes: what the guard is there for, made certain.
LOOK_THEN_WRITE = (
    *NO_GUARD,
    Fault(
        "ticketdb.take_seats",
        r"if not ticketdb\.move_seats",
        "perform pg_sleep(0.5); if not ticketdb.move_seats",
    ),
)


def plant(shop: Shop, *faults: str | Fault) -> None:
    """Take protections away in the test's own database, to see that its check notices."""
    for fault in faults:
        statement = fault
        if isinstance(fault, Fault):
            row = shop.admin.ask("select pg_get_functiondef(to_regproc(%s)) as source", fault.function)
            statement, found = re.subn(fault.pattern, fault.replacement, row.source, count=1)
            if not found:
                raise LookupError(f"{fault.function} has changed: adapt the fault that is planted in it")
        shop.admin.connection.execute(statement)
