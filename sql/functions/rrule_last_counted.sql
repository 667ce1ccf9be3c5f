-- The last occurrence of a daily or weekly rule that names nothing but weekdays and times, by arithmetic: so a window far from
-- DTSTART need not count all that is before it. Called by rrule_starts.
-- locks: none
-- raises: nothing
create or replace function ticketdb.rrule_last_counted(
    p_freq text,
    p_step int,
    p_week_start int,
    p_weekdays int[],
    p_times time[],
    p_start timestamp,
    p_count int
)
returns timestamp
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_weekday constant int := date_part('isodow', p_start)::int;
    v_period constant int := p_step * case p_freq when 'WEEKLY' then 7 else 1 end;
    v_begins constant date := p_start::date - case p_freq when 'WEEKLY' then (v_weekday - p_week_start + 7) % 7 else 0 end;
    -- when things happen within a period, since its beginning
    v_offsets constant interval[] := array(
        select d.days * interval '1 day' + t.at::interval
        from (
            select case p_freq when 'WEEKLY' then (w.weekday - p_week_start + 7) % 7 else 0 end as days
            from unnest(case p_freq when 'WEEKLY' then coalesce(p_weekdays, array[v_weekday]) else array[v_weekday] end) as w (weekday)
            group by 1
        ) as d
        cross join unnest(p_times) as t (at)
        order by 1
    );
    v_before constant int := (select count(*)::int from unnest(v_offsets) as o (at) where v_begins + o.at < p_start);
    -- counted from the beginning of DTSTART's period, from 0
    v_last constant bigint := p_count::bigint + v_before - 1;
begin
    return v_begins
        + v_last / cardinality(v_offsets) * v_period * interval '1 day'
        + v_offsets[(v_last % cardinality(v_offsets))::int + 1];
end
$$;
revoke execute on function ticketdb.rrule_last_counted(text, int, int, int[], time[], timestamp, int) from public;
comment on function ticketdb.rrule_last_counted(text, int, int, int[], time[], timestamp, int) is
'Last occurrence of a plain daily or weekly rule with COUNT';
