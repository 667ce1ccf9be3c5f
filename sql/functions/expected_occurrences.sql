-- What the recurrence of an event says for a period (definition_occurrences), and whether it is there already. Called by planned_occurrences.
-- locks: none
-- raises: nothing
create or replace function ticketdb.expected_occurrences(
    p_event_definition_id int,
    p_from date,
    p_to date,
    out schedule_date date,
    out start_time time,
    out end_time time,
    out extra_days int,
    out already_exists boolean
)
returns setof record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        o.schedule_date, o.start_time, o.end_time, o.extra_days,
        -- read once, for all of them
        o.schedule_date + o.start_time in (
            select s.schedule_date + s.start_time
            from public.event_schedules as s
            where s.event_definition_id = p_event_definition_id and s.schedule_date between p_from and p_to
            union all
            -- what was moved away still stands for its date
            select s.original_start
            from public.event_schedules as s
            where s.event_definition_id = p_event_definition_id and s.original_start between p_from and p_to + interval '1 day'
        )
    from ticketdb.definition_occurrences(p_event_definition_id, p_from, p_to) as o;
end
$$;
revoke execute on function ticketdb.expected_occurrences(int, date, date) from public;
comment on function ticketdb.expected_occurrences(int, date, date) is
'Occurrences of an event in a period, and which of them are there already';
