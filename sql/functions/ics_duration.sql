-- A length as iCalendar writes it (RFC 5545, 3.3.6): PT1H30M, P1D, P2DT8H. Whole days are written as days, which calendars count on the
-- clock, as we do; of hours they count those that pass. Called by definition_calendar.
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
    return concat(
        'P',
        nullif(v_seconds / 86400, 0) || 'D',
        case when v_seconds % 86400 <> 0 then 'T' end,
        nullif(v_seconds / 3600 % 24, 0) || 'H',
        nullif(v_seconds / 60 % 60, 0) || 'M',
        nullif(v_seconds % 60, 0) || 'S'
    );
end
$$;
revoke execute on function ticketdb.ics_duration(interval) from public;
comment on function ticketdb.ics_duration(interval) is 'A length as iCalendar writes it; null stays null';
