-- Whether a date is in one of the weeks that BYWEEKNO names, from the beginning or the end of the year that the week is of: its fourth day
-- decides which one, and 28 December is always in the last week of its year. Called by rrule_days.
-- locks: none
-- raises: nothing
create or replace function ticketdb.is_in_week(p_day date, p_week_start int, p_week_numbers int[])
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    -- a Monday
    v_epoch constant date := date '0001-01-01';
    v_middle constant date := p_day - (p_day - v_epoch + 8 - p_week_start) % 7 + 3;
    v_year constant int := date_part('year', v_middle)::int;
    v_last constant date := make_date(v_year, 12, 28);
begin
    return (v_middle - make_date(v_year, 1, 1)) / 7 + 1 = any (p_week_numbers)
        or (v_middle - (v_last - (v_last - v_epoch + 8 - p_week_start) % 7 + 3)) / 7 - 1 = any (p_week_numbers);
end
$$;
revoke execute on function ticketdb.is_in_week(date, int, int[]) from public;
comment on function ticketdb.is_in_week(date, int, int[]) is 'Whether a date is in one of these weeks of the year';
