-- The inside of describe_rrule. What DTSTART would say is left out.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_rrule(p_rrule text)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rule record;
    v_unit text;
    v_every text;
    v_days text;
    v_at text;
    v_ends text;
begin
    v_rule := ticketdb.parse_rrule(p_rrule);
    v_unit := case v_rule.freq when 'DAILY' then 'day' when 'WEEKLY' then 'week' when 'MONTHLY' then 'month' else 'year' end;
    v_every := case when v_rule.step > 1 then format('every %s %ss', v_rule.step, v_unit) else 'every ' || v_unit end;
    if v_rule.positions is not null then
        v_every := v_every || ': the ' || ticketdb.spoken_list(array(
            select ticketdb.spoken_ordinal(p.n) from unnest(v_rule.positions) as p (n) order by p.n < 0, p.n
        )) || ' of';
        v_days := coalesce(ticketdb.spoken_days(to_jsonb(v_rule), 'the ', ''), 'them');
    elsif coalesce(v_rule.month_days, v_rule.year_days) is not null then
        v_days := 'on ' || ticketdb.spoken_days(to_jsonb(v_rule), 'the ', 'a ');
    elsif v_rule.step = 1 and coalesce(v_rule.weekdays, v_rule.nth_weekdays) is not null then
        -- the days say how often
        v_every := null;
        v_days := ticketdb.spoken_days(to_jsonb(v_rule), 'every ', 'every ');
    else
        v_days := ticketdb.spoken_days(to_jsonb(v_rule), 'on the ', 'on ');
    end if;
    if v_rule.hours is not null and v_rule.minutes is not null then
        v_at := 'at ' || ticketdb.spoken_list(array(
            select distinct to_char(make_time(h.n, m.n, 0), 'HH24:MI')
            from unnest(v_rule.hours) as h (n)
            cross join unnest(v_rule.minutes) as m (n)
            order by 1
        ));
    else
        -- DTSTART says the rest
        v_at := coalesce(
            'in hour ' || ticketdb.spoken_list(array(select h.n::text from unnest(v_rule.hours) as h (n) order by h.n)),
            'at minute ' || ticketdb.spoken_list(array(select m.n::text from unnest(v_rule.minutes) as m (n) order by m.n))
        );
    end if;
    v_ends := case
        when v_rule.max_count is not null then ', ' || v_rule.max_count || case v_rule.max_count when 1 then ' time' else ' times' end
        when v_rule.until_at::time = time '23:59:59.999999' then to_char(v_rule.until_at, '", until "FMDD FMMonth YYYY')
        else to_char(v_rule.until_at, '", until "FMDD FMMonth YYYY HH24:MI') || case when v_rule.until_is_utc then ' UTC' else '' end
    end;
    return concat_ws(
        ' ',
        v_every,
        v_days,
        'in ' || ticketdb.spoken_list(array(
            select to_char(make_date(2001, m.month, 1), 'FMMonth') from unnest(v_rule.months) as m (month) order by m.month
        )),
        'in week ' || ticketdb.spoken_list(array(select w.n::text from unnest(v_rule.week_numbers) as w (n) order by w.n < 0, w.n)),
        v_at
    ) || coalesce(v_ends, '');
end
$$;
revoke execute on function ticketdb.spoken_rrule(text) from public;
comment on function ticketdb.spoken_rrule(text) is 'A recurrence rule in English; it has passed check_rrule';
