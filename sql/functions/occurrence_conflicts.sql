-- The occurrences of a recurring event in a period whose space is taken, and by whom: by somebody else, or by the occurrence of the event
-- before it. One reading for generating, which leaves them out, and for the preview, which names them.
-- locks: none
-- raises: nothing
create or replace function ticketdb.occurrence_conflicts(
    p_event_definition_id int,
    p_from date,
    p_to date,
    out schedule_date date,
    out start_time time,
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
    -- most events have no space, and no year of dates to look at
    if v_event.space_id is null then
        return;
    end if;
    return query
    select w.schedule_date, w.start_time, coalesce(taken.who, 'schedule ' || v_event.event_code || ' before it')
    from (
        select
            o.schedule_date, o.start_time, t.taken_from, t.taken_until,
            -- what is there already, moved or called off maybe, has what occupied_spaces says
            max(t.taken_until) filter (where not t.is_there) over (
                order by t.taken_from rows between unbounded preceding and 1 preceding
            ) > t.taken_from as is_own
        from ticketdb.definition_occurrences(p_event_definition_id, p_from, p_to) as o
        cross join lateral ticketdb.schedule_times(
            o.schedule_date, o.start_time, o.end_time, o.extra_days, v_event.timezone
        ) as i
        cross join lateral (
            select
                i.starts_at - make_interval(mins => v_event.setup_minutes) as taken_from,
                i.ends_at + make_interval(mins => v_event.teardown_minutes) as taken_until,
                exists (
                    select from public.event_schedules as e
                    where e.event_definition_id = p_event_definition_id
                      and e.schedule_date = o.schedule_date and e.start_time = o.start_time
                )
                or exists (
                    select from public.event_schedules as e
                    where e.event_definition_id = p_event_definition_id
                      and e.original_start = o.schedule_date + o.start_time
                ) as is_there
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
    ) as taken on true
    where taken.who is not null or w.is_own;
end
$$;
revoke execute on function ticketdb.occurrence_conflicts(int, date, date) from public;
comment on function ticketdb.occurrence_conflicts(int, date, date) is
'Occurrences of an event in a period whose space is taken, and by whom';
