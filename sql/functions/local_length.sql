-- How long an occurrence of an event lasts on the clock, from its local start to its local end: an end that is not after the start is on
-- the next day, and extra days are full ones beyond that. Called where calendars are written and read.
-- locks: none
-- raises: nothing
create or replace function ticketdb.local_length(p_start time, p_end time, p_extra_days int)
returns interval
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return p_end - p_start + make_interval(days => p_extra_days + case when p_end > p_start then 0 else 1 end);
end
$$;
revoke execute on function ticketdb.local_length(time, time, int) from public;
comment on function ticketdb.local_length(time, time, int) is
'Length from a local start to a local end, full days more; null where one is null';
