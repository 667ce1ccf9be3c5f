-- The days that a rule names, in English. Called by spoken_rrule, which knows what goes before a weekday there.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_days(p_rule jsonb, p_before_ordinal text, p_before_weekday text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select string_agg(k.words, ', if that is ' order by k.place)
        from (
            select 1, 'the ' || ticketdb.spoken_list(array_agg(
                ticketdb.spoken_ordinal(y.day::int) || ' day' order by y.day::int < 0, y.day::int
            )) || ' of the year'
            from jsonb_array_elements_text(nullif(p_rule -> 'year_days', 'null')) as y (day)
            union all
            select 2, 'the ' || ticketdb.spoken_list(array_agg(
                ticketdb.spoken_ordinal(m.day::int) || ' day' order by m.day::int < 0, m.day::int
            )) || ' of the month'
            from jsonb_array_elements_text(nullif(p_rule -> 'month_days', 'null')) as m (day)
            union all
            select 3, ticketdb.spoken_list(array(
                select g.words
                from (
                    select 1, p_before_ordinal || ticketdb.spoken_list(array_agg(d.words order by d.ordinal < 0, d.ordinal, d.weekday)) || case
                        when p_rule ->> 'freq' = 'MONTHLY' then ' of the month'
                        when p_rule -> 'months' <> 'null' then ''
                        else ' of the year'
                    end
                    from (
                        select x.weekday, (x.n - x.weekday) / 8 as ordinal,
                            ticketdb.spoken_ordinal((x.n - x.weekday) / 8) || to_char(date '2000-12-31' + x.weekday, ' FMDay') as words
                        from (
                            select n.day::int as n, (n.day::int % 8 + 8) % 8 as weekday
                            from jsonb_array_elements_text(nullif(p_rule -> 'nth_weekdays', 'null')) as n (day)
                        ) as x
                    ) as d
                    union all
                    select 2, p_before_weekday || ticketdb.spoken_list(array_agg(
                        to_char(date '2000-12-31' + w.day::int, 'FMDay') order by w.day::int
                    ))
                    from jsonb_array_elements_text(nullif(p_rule -> 'weekdays', 'null')) as w (day)
                ) as g (place, words)
                where g.words is not null
                order by g.place
            ))
        ) as k (place, words)
        where k.words is not null
    );
end
$$;
revoke execute on function ticketdb.spoken_days(jsonb, text, text) from public;
comment on function ticketdb.spoken_days(jsonb, text, text) is
'The days of a recurrence rule in English; null where it names none

p_rule: what parse_rrule gives, as JSON; p_before_ordinal, p_before_weekday: such as every.';
