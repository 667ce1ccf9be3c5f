"""plpgsql_check reads every function of ours, at all its levels, and says nothing that is right."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import NamedTuple

import psycopg
import pytest


class Remark(NamedTuple):
    """What the checker says about a function; about a trigger function, with one of its tables."""

    function: str
    message: str


# Remarks that are wrong, and why; * stands for anything.
EFFECT = "assigned for what the call does: an expression costs less than the query of a perform"
OTHER_TABLE = "a trigger of two tables; this is the branch of the other one"
QUOTED = "kinds and rights are words of ours, names are quoted where they are read"
WRONG = {
    Remark("add_participants", 'never read variable "v_path"'): EFFECT,
    Remark("confirm_payment", 'never read variable "v_checked"'): EFFECT,
    Remark("count_seats on ticket_reservations", 'never read variable "v_done"'): EFFECT,
    Remark("count_sold_tickets", 'never read variable "v_setting"'): EFFECT,
    Remark("resize_schedule on event_schedules", 'never read variable "v_setting"'): EFFECT,
    Remark("sell_seats", 'never read variable "v_added"'): EFFECT,
    Remark("take_offered_seats", 'never read variable "v_seats"'): EFFECT,
    Remark("refuse_reserved on ticket_types", 'record "old" has no field "schedule_id"'): OTHER_TABLE,
    Remark("refuse_reserved on seat_buckets", 'record "old" has no field "id"'): OTHER_TABLE,
    Remark("grant_roles", "text type variable is not sanitized*"): QUOTED,
    Remark("revoke_default_grants", "text type variable is not sanitized*"): QUOTED,
    Remark("maintain", "text type variable is not sanitized*"): "the steps stand in the function itself",
    Remark("unschedule_maintenance_jobs", 'relation "cron.job" does not exist'): "only where it is there",
    Remark("unschedule_maintenance_jobs", "routine is marked as VOLATILE*"): "it unschedules, by dynamic SQL",
    Remark("create_roles", "routine is marked as VOLATILE*"): "it creates roles, by dynamic SQL",
    Remark("grant_roles", "routine is marked as VOLATILE*"): "it grants, by dynamic SQL",
    Remark("valid_ticket_codes", "routine is marked as VOLATILE*"): (
        "it must see the tickets that the statement around it has just issued"
    ),
    Remark("repeated_scan", "routine is marked as VOLATILE*"): (
        "it must see what was scanned by whoever had the ticket locked before"
    ),
    Remark("calendar_moment", "control reached end of function without RETURN"): "raise_error raises",
    Remark("find_bucket", "control reached end of function without RETURN"): "the loop ends only by return",
    Remark(
        "close_schedule", "control reached end of function without RETURN"
    ): "the loop ends only by return",
    Remark("resize_ticket_type on ticket_types", "unreachable code"): "reached by the exit of the inner loop",
    Remark("link_*", '*cast "integer" value to "bigint" type'): (
        "a number is cast once for a variable or a limit, not once for each row"
    ),
}

# A trigger function is checked with each of its tables, and with the transition tables its triggers name.
CHECK = """
select distinct p.proname || coalesce(' on ' || c.relname, ''), concat_ws(': ', r.message, r.detail)
from pg_proc as p
inner join pg_language as l on l.oid = p.prolang
left join (
    select g.tgfoid, g.tgrelid, max(g.tgoldtable) as old_table, max(g.tgnewtable) as new_table
    from pg_trigger as g
    where not g.tgisinternal
    group by g.tgfoid, g.tgrelid
) as t on t.tgfoid = p.oid
left join pg_class as c on c.oid = t.tgrelid
cross join lateral planted.plpgsql_check_function_tb(
    p.oid, coalesce(t.tgrelid, 0), oldtable => t.old_table, newtable => t.new_table,
    fatal_errors => false, performance_warnings => true, security_warnings => true,
    compatibility_warnings => true
) as r
where l.lanname = 'plpgsql'
  and p.pronamespace::regnamespace::text in ('public', 'ticketdb')
  -- a trigger function without a trigger cannot be checked
  and (p.prorettype <> 'trigger'::regtype or t.tgrelid is not null)
"""


@pytest.fixture
def remarks(tx: psycopg.Connection) -> Callable[[], set[Remark]]:
    """Asks the checker about every function of ours."""
    if not tx.execute("select from pg_available_extensions where name = 'plpgsql_check'").rowcount:
        pytest.skip("the server has no extension plpgsql_check")
    tx.execute("create schema planted; create extension plpgsql_check schema planted")

    def ask() -> set[Remark]:
        return {Remark(*row) for row in tx.execute(CHECK).fetchall()}

    return ask


def excused(remark: Remark, by: Remark) -> bool:
    """Whether an entry of the list is about a remark."""
    return fnmatchcase(remark.function, by.function) and fnmatchcase(remark.message, by.message)


def test_nothing_is_wrong_with_any_function(remarks):
    assert sorted(r for r in remarks() if not any(excused(r, by) for by in WRONG)) == []


def test_every_excuse_is_still_needed(remarks):
    said = remarks()
    assert [by for by in WRONG if not any(excused(r, by) for r in said)] == []


def about_planted(remarks: set[Remark]) -> list[Remark]:
    """The remarks about the function that a test planted."""
    return [r for r in remarks if r.function.split(" on ")[0] == "planted"]


@pytest.mark.parametrize(
    ("signature", "body"),
    [
        pytest.param(
            "() returns void immutable", "begin perform u.no_such from public.users as u; end", id="an error"
        ),
        pytest.param("() returns void immutable", "declare v_unused int; begin null; end", id="a waste"),
        pytest.param("(p_query text) returns void immutable", "begin execute p_query; end", id="a danger"),
        pytest.param(
            "(out seen int) stable", "begin select count(*) into seen from public.users; end", id="a cast"
        ),
        pytest.param(
            "() returns bigint", "begin return (select count(*) from public.users); end", id="a volatility"
        ),
    ],
)
def test_the_checker_finds(tx, remarks, signature, body):
    tx.execute(f"create function ticketdb.planted{signature} language plpgsql as $${body}$$")
    assert len(about_planted(remarks())) == 1


def test_a_trigger_function_is_checked_with_its_table_and_its_transition_table(tx, remarks):
    tx.execute(
        """
        create function ticketdb.planted() returns trigger language plpgsql as $$
        begin
            perform g.amount, g.no_such_column from gone as g;
            return null;
        end $$;
        create trigger planted after delete on public.ticket_payments
        referencing old table as gone for each statement execute function ticketdb.planted()
        """
    )
    (remark,) = about_planted(remarks())
    assert remark.function == "planted on ticket_payments"
    assert "no_such_column" in remark.message
