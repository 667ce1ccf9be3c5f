-- When a rule that check_rrule has let pass takes place, between two local times, both included: the one expander. Starts at the
-- period of p_from, however long ago the rule began; only a rule with COUNT is counted from its beginning, and a plain daily or
-- weekly one not even then. Called by expand_rrule, recurrence_starts and refuse_endless_wait.
-- locks: none
-- raises: nothing
create or replace function ticketdb.rrule_starts(
    p_rrule text,
    p_dtstart timestamp,
    p_from timestamp,
    p_to timestamp,
    p_timezone text default null
)
returns setof timestamp
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
    v_rule record;
    v_times time[] := array[p_dtstart::time];
    v_from timestamp := greatest(p_from, p_dtstart);
    v_to timestamp := p_to;
    v_first date;
    v_last date;
    v_days date[];
    v_until timestamptz;
begin
    v_rule := ticketdb.parse_rrule(p_rrule);
    if v_rule.hours is not null or v_rule.minutes is not null then
        v_times := array(
            select distinct make_time(h.n, m.n, 0) + (date_part('second', p_dtstart) * interval '1 second')
            from unnest(coalesce(v_rule.hours, array[date_part('hour', p_dtstart)::int])) as h (n)
            cross join unnest(coalesce(v_rule.minutes, array[date_part('minute', p_dtstart)::int])) as m (n)
            order by 1
        );
    end if;
    if v_rule.until_is_utc and p_timezone is not null then
        v_until := v_rule.until_at at time zone 'UTC';
        -- no clock change is as long as a day but the Pacific's lost ones
        v_to := least(v_to, v_until at time zone p_timezone + interval '2 days');
    else
        v_to := least(v_to, v_rule.until_at);
    end if;
    if v_rule.max_count is not null then
        if v_rule.freq in ('DAILY', 'WEEKLY')
            and coalesce(v_rule.months, v_rule.month_days, v_rule.positions) is null
            and (v_rule.freq = 'WEEKLY' or v_rule.weekdays is null)
        then
            v_to := least(v_to, ticketdb.rrule_last_counted(
                v_rule.freq, v_rule.step, v_rule.week_start, v_rule.weekdays, v_times, p_dtstart, v_rule.max_count
            ));
            v_rule.max_count := null;
        else
            v_from := p_dtstart;
        end if;
    end if;
    if v_to < v_from then
        return;
    end if;

    v_first := v_from::date;
    v_last := v_to::date;
    if v_rule.positions is not null then
        -- they are counted in whole periods
        case v_rule.freq
            when 'YEARLY' then
                -- a year of weeks can begin in the one before and end in the one after
                v_first := make_date(date_part('year', v_first)::int - case when v_rule.week_numbers is null then 0 else 1 end, 1, 1) - 7;
                v_last := make_date(date_part('year', v_last)::int + case when v_rule.week_numbers is null then 0 else 1 end, 12, 31) + 7;
            when 'MONTHLY' then
                v_first := date_trunc('month', v_first::timestamp)::date;
                v_last := (date_trunc('month', v_last::timestamp) + interval '1 month -1 day')::date;
            when 'WEEKLY' then
                v_first := v_first - 6;
                v_last := v_last + 6;
            else
                null;
        end case;
    end if;
    v_days := ticketdb.rrule_days(
        v_rule.freq, v_rule.step, v_rule.week_start, v_rule.months, v_rule.week_numbers, v_rule.year_days,
        v_rule.month_days, v_rule.weekdays, v_rule.nth_weekdays, p_dtstart::date, v_first, v_last
    );
    if v_rule.positions is null then
        -- in order already, as the days and the times are
        return query
        select s.at
        from (
            select x.at
            from (select d.day + unnest(v_times) as at from unnest(v_days) as d (day)) as x
            where x.at between v_from and v_to
            limit v_rule.max_count
        ) as s
        where s.at >= p_from
          and (v_until is null or ticketdb.local_instant(s.at, p_timezone) <= v_until);
        return;
    end if;
    return query
    select s.at
    from (
        select distinct x.at
        from (
            select array_agg(d.day + t.at order by d.day, t.at) as starts
            from (
                select u.day, u.day - (u.day - date '0001-01-01' + 8 - v_rule.week_start) % 7 as week
                from unnest(v_days) as u (day)
            ) as d
            cross join unnest(v_times) as t (at)
            group by case v_rule.freq
                when 'DAILY' then d.day
                when 'WEEKLY' then d.week
                when 'MONTHLY' then date_trunc('month', d.day::timestamp)::date
                -- a week is of the year that its fourth day is in
                else date_trunc('year', (case when v_rule.week_numbers is null then d.day else d.week + 3 end)::timestamp)::date
            end
        ) as g
        cross join unnest(v_rule.positions) as p (place)
        cross join lateral (
            select g.starts[case when p.place > 0 then p.place else cardinality(g.starts) + p.place + 1 end] as at
        ) as x
        where x.at between v_from and v_to
        order by 1
        limit v_rule.max_count
    ) as s
    where s.at >= p_from
      and (v_until is null or ticketdb.local_instant(s.at, p_timezone) <= v_until);
end
$$;
revoke execute on function ticketdb.rrule_starts(text, timestamp, timestamp, timestamp, text) from public;
comment on function ticketdb.rrule_starts(text, timestamp, timestamp, timestamp, text) is
'Local starts of a recurrence rule in a period, ascending

p_timezone: zone of the local times, in which an UNTIL in UTC is compared; null: as if they were in UTC.';
