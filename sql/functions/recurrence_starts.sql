-- The local starts that the recurrence of an event gives between two dates, both included; what was excepted is not looked at.
-- Called by definition_occurrences.
-- locks: none
-- raises: nothing
create or replace function ticketdb.recurrence_starts(p_event_definition_id int, p_from date, p_to date)
returns setof timestamp
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select g.day::date + d.default_start_time
    from public.event_definitions as d
    cross join generate_series(p_from::timestamp, p_to::timestamp, interval '1 day') as g (day)
    where d.id = p_event_definition_id
      and d.recurrence_type in ('daily', 'weekly')
      and (
          d.recurrence_days is null
          or extract(isodow from g.day)::int = any (string_to_array(d.recurrence_days, ',')::int[])
      );
$$;
revoke execute on function ticketdb.recurrence_starts(int, date, date) from public;
comment on function ticketdb.recurrence_starts(int, date, date) is
'Local starts that the recurrence of an event gives in a period';
