-- How long an occurrence of an event lasts on the clock, from its local start to its local end: an end that is not after the start is on
-- the next day. Called where calendars are written and read.
-- locks: none
-- raises: nothing
create or replace function ticketdb.local_length(p_start time, p_end time)
returns interval
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return p_end - p_start + case when p_end > p_start then interval '0' else interval '1 day' end;
end
$$;
revoke execute on function ticketdb.local_length(time, time) from public;
comment on function ticketdb.local_length(time, time) is 'Length from a local start to a local end; null where one is null';
