-- The slots of a day in a space, free or taken. Reads through space_calendar, which decides who may know names.
-- locks: none
-- raises: space_not_found, invalid_argument
create or replace function public.get_available_time_slots(
    p_space_id int,
    p_date date,
    p_slot_minutes int default 60,
    p_opens time default '06:00',
    p_closes time default '22:00'
)
returns table (
    slot_start timestamp,
    slot_end timestamp,
    is_available boolean,
    blocked_by text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_timezone constant text := ticketdb.database_time_zone();
begin
    perform ticketdb.check_slot_arguments(p_space_id, p_date, p_slot_minutes, p_opens, p_closes);
    return query
    select
        g.slot_start, g.slot_end, taken.names is null and i.ends_at > i.starts_at, taken.names
    from (
        select o.opens as slot_start, o.opens + make_interval(mins => p_slot_minutes) as slot_end
        from generate_series(
            p_date + p_opens, p_date + p_closes - make_interval(mins => p_slot_minutes), make_interval(mins => p_slot_minutes)
        ) as o (opens)
    ) as g
    -- a slot that the clocks pass over, as they are put forward, has no time
    cross join lateral (
        select
            ticketdb.local_instant(g.slot_start, v_timezone) as starts_at,
            ticketdb.local_instant(g.slot_end, v_timezone) as ends_at
    ) as i
    cross join lateral (
        select string_agg(distinct c.name, ', ' order by c.name) as names
        from ticketdb.space_calendar as c
        where int8range(c.space_id, c.space_id, '[]') && int8range(p_space_id, p_space_id, '[]')
          and c.holds && tstzrange(i.starts_at, greatest(i.ends_at, i.starts_at))
    ) as taken
    order by g.slot_start;
end
$$;
revoke execute on function public.get_available_time_slots(int, date, int, time, time) from public;
comment on function public.get_available_time_slots(int, date, int, time, time) is
'Available time slots

The slots of a day in a space, each as long as p_slot_minutes, from p_opens to p_closes; is_available says whether nobody has any of it,
blocked_by who has: code of the event or reference of the booking for staff, for others the title of an event that all see, or only
booking. Times are those of the clock in the database''s time zone. p_space_id: from spaces; p_closes: 24:00 is midnight. Bookings and schedules count alike,
with the set-up and tear-down of events. Errors: space_not_found, invalid_argument.';
