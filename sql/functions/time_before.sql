-- The instant that lies so long before another: days and months are counted on the venue's calendar, so that a week before Sunday
-- 19:00 is Sunday 19:00, summer time or not and whatever zone the session is in; hours are hours. Called for sale windows, and
-- only where one is set.
-- locks: none
-- raises: nothing
create or replace function ticketdb.time_before(p_instant timestamptz, p_before interval, p_timezone text)
returns timestamptz
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
begin
    return ticketdb.local_instant((p_instant at time zone p_timezone) - date_trunc('day', p_before), p_timezone)
        - (p_before - date_trunc('day', p_before));
end
$$;
revoke execute on function ticketdb.time_before(timestamptz, interval, text) from public;
comment on function ticketdb.time_before(timestamptz, interval, text) is
'Instant so long before another, on the calendar of p_timezone; null where an argument is null';
