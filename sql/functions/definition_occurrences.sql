-- The dates and times at which a recurring event takes place between two dates, both included: what its recurrence says, without the
-- days that schedule_exceptions leaves out for it or closes its venue, and with those that it adds, which nothing takes away.
-- The one reading of the recurrence; generating and previewing start from it.
-- locks: none
-- raises: nothing
create or replace function ticketdb.definition_occurrences(
    p_event_definition_id int,
    p_from date,
    p_to date,
    out schedule_date date,
    out start_time time,
    out end_time time,
    out extra_days int
)
returns setof record
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with event as (
        select
            d.default_start_time, d.default_extra_days as extra_days,
            -- the venue of an event that names none is that of its space
            coalesce(d.venue_id, (select p.venue_id from public.spaces as p where p.id = d.space_id)) as venue_id,
            coalesce(
                d.default_end_time - d.default_start_time, make_interval(mins => d.default_duration_minutes)
            ) as length
        from public.event_definitions as d
        where d.id = p_event_definition_id
    ),
    -- read once: mostly there are none, and a period has many days
    exceptions as materialized (
        select
            x.kind, x.exception_date, x.start_time, x.end_time, x.extra_days,
            x.exception_date + coalesce(x.start_time, e.default_start_time) as start
        from event as e
        inner join public.schedule_exceptions as x
            on x.event_definition_id = p_event_definition_id or x.venue_id = e.venue_id
        where x.exception_date between p_from and p_to
    )
    select s.start::date, s.start::time, (s.start + e.length)::time, e.extra_days
    from event as e
    cross join ticketdb.recurrence_starts(p_event_definition_id, p_from, p_to) as s (start)
    where not exists (
        select from exceptions as x
        where x.kind = 'excluded' and x.exception_date = s.start::date
          and (x.start_time is null or x.start_time = s.start::time)
          -- what is added may be what the recurrence says already
          or x.kind = 'added' and x.start = s.start
    )
    union all
    (
        select distinct on (x.start)
            x.start::date, x.start::time, coalesce(x.end_time, (x.start + e.length)::time),
            -- an end of its own comes with days of its own
            case when x.end_time is null then e.extra_days else x.extra_days end
        from exceptions as x
        cross join event as e
        where x.kind = 'added' and x.start is not null
        order by x.start, x.end_time
    );
$$;
revoke execute on function ticketdb.definition_occurrences(int, date, date) from public;
comment on function ticketdb.definition_occurrences(int, date, date) is
'Local dates and times at which an event takes place in a period';
