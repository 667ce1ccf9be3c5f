-- Whether a date is in one of the weeks that BYWEEKNO names, from the beginning or the end of the year that the week is of. Called by
-- rrule_days.
-- locks: none
-- raises: nothing
create or replace function ticketdb.is_in_week(p_day date, p_week_start int, p_week_numbers int[])
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_week constant int := ticketdb.week_number(p_day, p_week_start);
begin
    return v_week / 100 % 100 = any (p_week_numbers) or v_week / 100 % 100 - v_week % 100 - 1 = any (p_week_numbers);
end
$$;
revoke execute on function ticketdb.is_in_week(date, int, int[]) from public;
comment on function ticketdb.is_in_week(date, int, int[]) is 'Whether a date is in one of these weeks of the year';
