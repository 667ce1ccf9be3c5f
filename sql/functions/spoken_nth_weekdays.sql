-- Weekdays with ordinals, each weekday once: first and third Monday and last Friday. Called by spoken_rrule.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_nth_weekdays(p_days int[], p_names text[], p_last text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return ticketdb.spoken_list(
        array(
            select ticketdb.spoken_ordinals(array_agg(d.ordinal), p_last) || ' ' || p_names[d.weekday]
            from (
                -- as parse_rrule has them: ordinal * 8 + weekday
                select w.weekday, (x.n - w.weekday) / 8 as ordinal
                from unnest(p_days) as x (n)
                cross join lateral (select (x.n % 8 + 8) % 8 as weekday) as w
            ) as d
            group by d.weekday
            order by bool_and(d.ordinal < 0), min(abs(d.ordinal)), d.weekday
        ),
        p_last
    );
end
$$;
revoke execute on function ticketdb.spoken_nth_weekdays(int[], text[], text) from public;
comment on function ticketdb.spoken_nth_weekdays(int[], text[], text) is
'Weekdays with ordinals in English; null for none

p_days: as parse_rrule gives them; p_names: of the weekdays, from Monday; p_last: and, or or.';
