-- When an occurrence is reminded of: so long before its start on the venue's calendar, at a time of day or at that of its start.
-- Called by queue_reminders.
-- locks: none
-- raises: nothing
create or replace function ticketdb.reminder_at(
    p_starts_at timestamptz,
    p_before interval,
    p_time time,
    p_timezone text
)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_time is null then
        return ticketdb.time_before(p_starts_at, p_before, p_timezone);
    end if;
    return ticketdb.local_instant(((p_starts_at at time zone p_timezone) - p_before)::date + p_time, p_timezone);
end
$$;
revoke execute on function ticketdb.reminder_at(timestamptz, interval, time, text) from public;
comment on function ticketdb.reminder_at(timestamptz, interval, time, text) is
'Instant at which an occurrence is reminded of; null where p_before is null

p_before, p_time: as event_definitions has them; p_timezone: IANA name.';
