-- The inside of describe_rrule: how often, on which days, in which months and weeks, at which times, what else must be so, until when.
-- What DTSTART would say is left out.
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
    v_weekday_names constant text[] := array['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
    v_month_names constant text[] := array[
        'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'
    ];
    v_rule record;
    v_unit text;
    v_every text;
    v_on text;
    v_months text;
    v_at text;
    v_if text[];
    v_of text;
begin
    v_rule := ticketdb.parse_rrule(p_rrule);
    v_rule.weekdays := array(select distinct w.n from unnest(v_rule.weekdays) as w (n) order by w.n);
    -- a list of all of them leaves nothing out
    v_rule.months := (select nullif(array_agg(distinct m.n), array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) from unnest(v_rule.months) as m (n));
    v_months := ticketdb.spoken_names(v_rule.months, v_month_names, 'and');
    v_months := case when v_months ~ '^\w+ to \w+$' then 'from ' else 'in ' end || v_months;
    v_at := ticketdb.spoken_times(v_rule.hours, v_rule.minutes);
    v_unit := case v_rule.freq when 'DAILY' then 'day' when 'WEEKLY' then 'week' when 'MONTHLY' then 'month' else 'year' end;
    v_every := case when v_rule.step > 1 then format('every %s %ss', v_rule.step, v_unit) else 'every ' || v_unit end;

    -- the days of a month or a year, and what else a day must be
    if v_rule.year_days is not null then
        v_on := 'on the ' || ticketdb.spoken_ordinals(v_rule.year_days, 'and') || ' day of the year';
        v_if := array_append(v_if, 'the ' || ticketdb.spoken_ordinals(v_rule.month_days, 'or') || ' day of the month');
        v_if := array_append(v_if, v_months);
        v_months := null;
    elsif v_rule.month_days is not null and v_rule.freq = 'DAILY' and v_rule.step > 1 then
        v_if := array['the ' || ticketdb.spoken_ordinals(v_rule.month_days, 'or') || ' day of the month'];
    elsif v_rule.month_days is not null then
        v_of := 'of ' || ticketdb.spoken_list(
            array(select v_month_names[m.n] from unnest(v_rule.months) as m (n) order by m.n), 'and'
        );
        if v_rule.step = 1 and v_rule.positions is null then
            v_every := case when v_of is null then 'every month' else 'every year' end;
        elsif v_rule.freq = 'YEARLY' then
            v_of := coalesce(v_of, 'of every month');
        else
            v_of := coalesce('of the month, ' || v_months, '');
        end if;
        v_on := rtrim(concat_ws(' ', 'on the', ticketdb.spoken_ordinals(v_rule.month_days, 'and'), 'day', v_of));
        v_months := null;
    end if;

    if v_on is not null or v_if is not null or v_rule.freq = 'DAILY' and v_rule.step > 1 then
        v_if := array_append(v_if, 'a ' || ticketdb.spoken_names(v_rule.weekdays, v_weekday_names, 'or'));
        v_if := array_append(v_if, 'the ' || ticketdb.spoken_nth_weekdays(v_rule.nth_weekdays, v_weekday_names, 'or') || case
            when v_rule.freq = 'MONTHLY' or v_rule.months is not null then ' of the month' else ' of the year'
        end);
    else
        v_of := case
            when v_rule.months is not null then ''
            when v_rule.freq = 'YEARLY' then ' of the year'
            when v_rule.step = 1 and v_rule.positions is null then ' of the month'
            else ''
        end;
        v_on := ticketdb.spoken_list(array_remove(array[
            'the ' || ticketdb.spoken_nth_weekdays(v_rule.nth_weekdays, v_weekday_names, 'and') || v_of,
            case
                when cardinality(v_rule.weekdays) = 7 then 'every day'
                when v_rule.freq in ('MONTHLY', 'YEARLY') then 'every ' || ticketdb.spoken_names(v_rule.weekdays, v_weekday_names, 'and')
                else ticketdb.spoken_names(v_rule.weekdays, v_weekday_names, 'and')
            end
        ], null), 'and');
        if v_rule.step = 1 and v_rule.positions is null then
            -- the days say how often
            v_every := coalesce(regexp_replace('every ' || v_on, 'every (the|every) ', 'every '), v_every);
            v_on := null;
        else
            v_on := 'on ' || v_on;
        end if;
    end if;

    if v_rule.positions is not null then
        if v_rule.freq <> 'DAILY' and cardinality(v_rule.weekdays) > 0
            and coalesce(v_rule.nth_weekdays, v_rule.month_days, v_rule.year_days, v_rule.week_numbers) is null
            and coalesce(cardinality(v_rule.hours), 1) = 1 and coalesce(cardinality(v_rule.minutes), 1) = 1
        then
            v_on := concat_ws(
                ' ', 'on the', ticketdb.spoken_ordinals(v_rule.positions, 'and'),
                case
                    when v_rule.weekdays = array[1, 2, 3, 4, 5] then 'weekday'
                    when v_rule.weekdays = array[6, 7] then 'weekend day'
                    when cardinality(v_rule.weekdays) = 7 then 'day'
                    else ticketdb.spoken_list(array(select v_weekday_names[w.n] from unnest(v_rule.weekdays) as w (n) order by w.n), 'or')
                end,
                case when v_rule.freq = 'YEARLY' and v_months is null then 'of the year' end
            );
            v_months := v_months || case when v_rule.freq = 'YEARLY' and cardinality(v_rule.months) > 1 then ' together' else '' end;
        else
            v_every := format('%s, only the %s of those', v_every, ticketdb.spoken_ordinals(v_rule.positions, 'and'));
        end if;
    end if;

    return concat_ws(
        ' ',
        v_every,
        v_on,
        v_months,
        'in ' || ticketdb.spoken_list(array(
            select case when w.n < 0 then 'the ' || ticketdb.spoken_ordinal(w.n, false) || ' week' else 'week ' || w.n end
            from unnest(v_rule.week_numbers) as w (n)
            order by w.n < 0, w.n
        ), 'and') || ' of the year',
        v_at
    )
    || coalesce(', if that is ' || nullif(array_to_string(v_if, ' and '), ''), '')
    || case
        when v_rule.max_count = 1 then ', once'
        when v_rule.max_count is not null then ', ' || v_rule.max_count || ' times'
        when v_rule.until_at::time = time '23:59:59.999999' then to_char(v_rule.until_at, '", until "FMDD FMMonth YYYY')
        when v_rule.until_at is not null
            then to_char(v_rule.until_at, '", until "FMDD FMMonth YYYY" at "HH24:MI') || case when v_rule.until_is_utc then ' UTC' else '' end
        else ''
    end;
end
$$;
revoke execute on function ticketdb.spoken_rrule(text) from public;
comment on function ticketdb.spoken_rrule(text) is 'A recurrence rule in English; it has passed check_rrule';
