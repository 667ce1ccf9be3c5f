-- The dates and times at which a recurring event takes place between two dates, both included. The one reading of the
-- recurrence; generating and previewing start from it.
-- locks: none
-- raises: nothing
create or replace function ticketdb.definition_occurrences(
    p_event_definition_id int,
    p_from date,
    p_to date,
    out schedule_date date,
    out start_time time,
    out end_time time
)
returns setof record
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        g.day::date,
        d.default_start_time,
        coalesce(
            d.default_end_time,
            d.default_start_time + make_interval(mins => d.default_duration_minutes)
        )
    from public.event_definitions as d
    cross join generate_series(p_from::timestamp, p_to::timestamp, interval '1 day') as g (day)
    where d.id = p_event_definition_id
      and d.recurrence_type in ('daily', 'weekly')
      and (
          d.recurrence_days is null
          or extract(isodow from g.day)::int = any (string_to_array(d.recurrence_days, ',')::int[])
      );
$$;
revoke execute on function ticketdb.definition_occurrences(int, date, date) from public;
comment on function ticketdb.definition_occurrences(int, date, date) is
'Local dates and times at which an event takes place in a period';
