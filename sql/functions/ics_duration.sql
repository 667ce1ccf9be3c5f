-- A length of at most a day as iCalendar writes it (RFC 5545, 3.3.6): PT1H30M; a whole day is P1D, which calendars count on the
-- clock, as we do. Called by definition_calendar.
-- locks: none
-- raises: nothing
create or replace function ticketdb.ics_duration(p_length interval)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_seconds constant int := extract(epoch from p_length)::int;
begin
    if v_seconds = 86400 then
        return 'P1D';
    end if;
    return 'PT' || concat(
        nullif(v_seconds / 3600, 0) || 'H',
        nullif(v_seconds / 60 % 60, 0) || 'M',
        nullif(v_seconds % 60, 0) || 'S'
    );
end
$$;
revoke execute on function ticketdb.ics_duration(interval) from public;
comment on function ticketdb.ics_duration(interval) is 'A length of at most a day as iCalendar writes it; null stays null';
