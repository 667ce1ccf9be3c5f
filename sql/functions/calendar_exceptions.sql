-- Where an event does not keep to its rule, start by start, as calendars have it: what definition_occurrences makes of the days on which
-- the event or its venue has an exception, beside what the rule names. length is null where it is the event's own. Called by definition_calendar.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_exceptions(
    p_event_definition_id int,
    p_first_start timestamp,
    p_length interval,
    out kind text,
    out starts timestamp,
    out length interval
)
returns setof record
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with days as materialized (
        select distinct x.exception_date as day
        from public.event_definitions as d
        inner join public.schedule_exceptions as x
            on x.event_definition_id = d.id
            or x.venue_id = coalesce(d.venue_id, (select p.venue_id from public.spaces as p where p.id = d.space_id))
        where d.id = p_event_definition_id
          -- what a calendar can write
          and x.exception_date between date '0001-01-01' and date '9999-12-30'
    ),
    named as materialized (
        select r.start
        from days as d
        cross join ticketdb.recurrence_starts(p_event_definition_id, d.day, d.day) as r (start)
    ),
    actual as materialized (
        select o.schedule_date + o.start_time as start, ticketdb.local_length(o.start_time, o.end_time, o.extra_days) as length
        from days as d
        cross join ticketdb.definition_occurrences(p_event_definition_id, d.day, d.day) as o
    )
    select 'excluded', n.start, null::interval
    from named as n
    where n.start >= p_first_start
      and not exists (select from actual as a where a.start = n.start)
    union all
    select 'added', a.start, nullif(a.length, p_length)
    from actual as a
    where a.length <> p_length or not exists (select from named as n where n.start = a.start);
$$;
revoke execute on function ticketdb.calendar_exceptions(int, timestamp, interval) from public;
comment on function ticketdb.calendar_exceptions(int, timestamp, interval) is
'Starts that an event has besides its rule, or leaves out

p_first_start: nothing is left out before it; p_length: the event''s own length.';
