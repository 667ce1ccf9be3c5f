-- The week of a date where weeks begin on a weekday of choice: its fourth day decides which year it is of, and 28 December is always in
-- the last week of its year. Called by rrule_days, for each day of a rule with BYWEEKNO.
-- locks: none
-- raises: nothing
create or replace function ticketdb.week_number(p_day date, p_week_start int)
returns int
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_middle constant date := p_day - (date_part('isodow', p_day)::int - p_week_start + 7) % 7 + 3;
    v_year constant int := date_part('year', v_middle)::int;
    v_last constant date := make_date(v_year, 12, 28);
begin
    return v_year * 10000
        + (date_part('doy', v_middle)::int + 6) / 7 * 100
        + (date_part('doy', v_last - (date_part('isodow', v_last)::int - p_week_start + 7) % 7 + 3)::int + 6) / 7;
end
$$;
revoke execute on function ticketdb.week_number(date, int) from public;
comment on function ticketdb.week_number(date, int) is
'Week of a date: its year * 10000 + its number * 100 + the number of weeks of that year

p_week_start: ISO weekday with which weeks begin.';
