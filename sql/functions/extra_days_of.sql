-- The full days that something lasts beyond what its end time says, for the end time alone says up to a day: local_length the other way.
-- Called where calendars are read.
-- locks: none
-- raises: nothing
create or replace function ticketdb.extra_days_of(p_length interval)
returns int
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    -- 24 hours end at the time at which they began, with no day more
    return (ceil(extract(epoch from p_length) / 86400) - 1)::int;
end
$$;
revoke execute on function ticketdb.extra_days_of(interval) from public;
comment on function ticketdb.extra_days_of(interval) is
'Full days that a length on the clock has beyond what an end time says; null stays null';
