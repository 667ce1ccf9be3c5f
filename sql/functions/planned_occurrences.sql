-- What generating makes of a recurring event in a period, occurrence by occurrence: whether it is there already, and who has its space then:
-- somebody else, or the occurrence of the event before it. One reading for generating, which leaves those out, and for the preview,
-- which names them; the recurrence is expanded once.
-- locks: none
-- raises: nothing
create or replace function ticketdb.planned_occurrences(
    p_event_definition_id int,
    p_from date,
    p_to date,
    out schedule_date date,
    out start_time time,
    out end_time time,
    out extra_days int,
    out already_exists boolean,
    out conflict text
)
returns setof record
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_event record;
begin
    select d.event_code, d.space_id, d.timezone, d.setup_minutes, d.teardown_minutes into v_event
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    -- most events have no space, and nothing to look at there
    if v_event.space_id is null then
        return query
        select o.schedule_date, o.start_time, o.end_time, o.extra_days, o.already_exists, null::text
        from ticketdb.expected_occurrences(p_event_definition_id, p_from, p_to) as o;
        return;
    end if;
    return query
    select
        w.schedule_date, w.start_time, w.end_time, w.extra_days, w.already_exists,
        case when taken.who is not null or w.is_own then coalesce(taken.who, 'schedule ' || v_event.event_code || ' before it') end
    from (
        select
            o.schedule_date, o.start_time, o.end_time, o.extra_days, o.already_exists, t.taken_from, t.taken_until,
            -- what is there already, moved or called off maybe, has what occupied_spaces says
            max(t.taken_until) filter (where not o.already_exists) over (
                order by t.taken_from rows between unbounded preceding and 1 preceding
            ) > t.taken_from as is_own
        from ticketdb.expected_occurrences(p_event_definition_id, p_from, p_to) as o
        cross join lateral ticketdb.schedule_times(
            o.schedule_date, o.start_time, o.end_time, o.extra_days, v_event.timezone
        ) as i
        cross join lateral (
            select
                i.starts_at - make_interval(mins => v_event.setup_minutes) as taken_from,
                i.ends_at + make_interval(mins => v_event.teardown_minutes) as taken_until
        ) as t
    ) as w
    left join lateral (
        select q.source || ' ' || q.reference || ' ' || q.period as who
        from ticketdb.occupied_spaces as q
        left join public.event_schedules as s on s.id = q.schedule_id
        where int8range(q.space_id, q.space_id, '[]') && int8range(v_event.space_id, v_event.space_id, '[]')
          and q.holds && tstzrange(w.taken_from, w.taken_until)
          -- the occurrence itself, where it is there already
          and (s.event_definition_id, s.schedule_date, s.start_time)
              is distinct from (p_event_definition_id, w.schedule_date, w.start_time)
        order by q.starts_at, q.source, q.source_id
        limit 1
    ) as taken on true;
end
$$;
revoke execute on function ticketdb.planned_occurrences(int, date, date) from public;
comment on function ticketdb.planned_occurrences(int, date, date) is
'Occurrences of an event in a period, which of them are there already, and who has the space of the others';
