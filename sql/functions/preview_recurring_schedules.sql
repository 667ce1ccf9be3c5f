-- What generate_recurring_schedules would do, without doing it.
-- locks: none
-- raises: not_allowed, invalid_argument, definition_not_found, not_recurring
create or replace function public.preview_recurring_schedules(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp
)
returns table (
    schedule_date date,
    start_time time,
    end_time time,
    starts_at timestamptz,
    ends_at timestamptz,
    already_exists boolean,
    conflict text,
    extra_days int
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_staff();
    perform ticketdb.check_recurrence_arguments(p_event_definition_id, p_start_date, p_end_date);
    return query
    select
        o.schedule_date, o.start_time, o.end_time, i.starts_at, i.ends_at,
        o.already_exists, o.conflict, o.extra_days
    from public.event_definitions as d
    cross join ticketdb.planned_occurrences(d.id, p_start_date::date, p_end_date::date) as o
    cross join lateral ticketdb.schedule_times(o.schedule_date, o.start_time, o.end_time, o.extra_days, d.timezone) as i
    where d.id = p_event_definition_id
    order by o.schedule_date, o.start_time;
end
$$;
revoke execute on function public.preview_recurring_schedules(int, timestamp, timestamp) from public;
comment on function public.preview_recurring_schedules(int, timestamp, timestamp) is
'Preview schedules

The occurrences that generate_recurring_schedules would make, those that exist already, and for each who
has the space at that time already (conflict): those are left out. Writes nothing. p_event_definition_id: from event_definitions;
p_start_date and p_end_date: both included. Errors: not_allowed, invalid_argument, definition_not_found,
not_recurring.';
