-- The face of ticketdb.edit_schedules, and of edit_schedules_as_admin for a signed-in admin.
-- locks, raises: as these
create or replace function public.change_schedules(
    p_event_definition_id int,
    p_changes jsonb,
    p_scope text default 'all_future',
    p_schedule_id int default null,
    p_include_sold boolean default false,
    p_include_changed boolean default false,
    p_dry_run boolean default false
)
returns table (schedule_id int, schedule_date date, action text, reason text, before jsonb, after jsonb)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if ticketdb.may_sell() then
        return query
        select e.schedule_id, e.schedule_date, e.action, e.reason, e.before, e.after
        from ticketdb.edit_schedules(
            p_event_definition_id, p_changes, p_scope, p_schedule_id, p_include_sold, p_include_changed, p_dry_run
        ) as e;
    else
        return query
        select e.schedule_id, e.schedule_date, e.action, e.reason, e.before, e.after
        from ticketdb.edit_schedules_as_admin(
            p_event_definition_id, p_changes, p_scope, p_schedule_id, p_include_sold, p_include_changed, p_dry_run
        ) as e;
    end if;
end
$$;
revoke execute on function public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean) from public;
comment on function public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean) is
'Change schedules

Gives occurrences of an event another time, price, capacity or space. One row for each that it is about: action is change or keep, reason
says why it stays (sold, held, changed_individually, cancelled, past, as_wanted, capacity_below_sold, slot_conflict), before and after have
the values. p_event_definition_id: from event_definitions; p_changes: an object with some of start_time, end_time (local),
extra_days (full days beyond end_time), ticket_price (of the venue''s currency), max_tickets (tickets), space_id; p_scope: all_future, or this_and_following or
this with p_schedule_id; with the first two the event''s own values change too, by which later occurrences are generated;
p_include_sold: also what is sold or held, whose holders are told of a new time or space; p_include_changed: also what has values
of its own; p_dry_run: lists all of it and changes nothing. For admins and the payment server. Errors: not_allowed, invalid_argument,
definition_not_found, schedule_not_found, space_not_found.';
