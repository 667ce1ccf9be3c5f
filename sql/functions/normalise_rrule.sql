-- A rule as it is saved: parts in one order, lists sorted and without doubles, and written out what libraries read differently, so that
-- all read the same: YEARLY with BYMONTHDAY means the days of every month, BYWEEKNO means DTSTART's weekday. The rule has passed
-- check_rrule. Called by guard_definition.
-- locks: none
-- raises: nothing
create or replace function ticketdb.normalise_rrule(p_rrule text, p_dtstart timestamp)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_names constant text[] := array['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
    v_rule record;
    v_until text;
begin
    v_rule := ticketdb.parse_rrule(p_rrule);
    if v_rule.freq = 'YEARLY' and v_rule.month_days is not null and v_rule.months is null then
        v_rule.months := array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    end if;
    if v_rule.week_numbers is not null and v_rule.weekdays is null then
        v_rule.weekdays := array[date_part('isodow', p_dtstart)::int];
    end if;
    select split_part(x.part, '=', 2) into v_until
    from unnest(string_to_array(ticketdb.rrule_text(p_rrule), ';')) as x (part)
    where x.part like 'UNTIL=%';
    return (
        select string_agg(p.name || '=' || p.value, ';' order by p.place)
        from (
            values
            (1, 'FREQ', v_rule.freq),
            (2, 'INTERVAL', nullif(v_rule.step, 1)::text),
            (3, 'COUNT', v_rule.max_count::text),
            (4, 'UNTIL', v_until),
            (5, 'BYMONTH', ticketdb.number_list(v_rule.months)),
            (6, 'BYWEEKNO', ticketdb.number_list(v_rule.week_numbers)),
            (7, 'BYYEARDAY', ticketdb.number_list(v_rule.year_days)),
            (8, 'BYMONTHDAY', ticketdb.number_list(v_rule.month_days)),
            (9, 'BYDAY', (
                select string_agg(d.ordinal || v_names[d.weekday], ',' order by d.weekday, d.place)
                from (
                    select distinct w.n as weekday, 0 as place, '' as ordinal from unnest(v_rule.weekdays) as w (n)
                    union
                    select x.weekday, (x.n - x.weekday) / 8, ((x.n - x.weekday) / 8)::text
                    from (
                        select w.n, (w.n % 8 + 8) % 8 as weekday from unnest(v_rule.nth_weekdays) as w (n)
                    ) as x
                ) as d
            )),
            (10, 'BYHOUR', ticketdb.number_list(v_rule.hours)),
            (11, 'BYMINUTE', ticketdb.number_list(v_rule.minutes)),
            (12, 'BYSETPOS', ticketdb.number_list(v_rule.positions)),
            (13, 'WKST', v_names[nullif(v_rule.week_start, 1)])
        ) as p (place, name, value)
    );
end
$$;
revoke execute on function ticketdb.normalise_rrule(text, timestamp) from public;
comment on function ticketdb.normalise_rrule(text, timestamp) is
'A recurrence rule as it is saved

p_rrule: one that check_rrule has let pass; p_dtstart: its first start.';
