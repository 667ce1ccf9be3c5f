-- An occurrence as a VEVENT of iCalendar. The local times are read back from the instants: of a time that comes twice the first is
-- meant in both, and one that does not exist never appears. Called by schedules_ics.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.ics_event(
    p_uid text,
    p_sequence int,
    p_changed_at timestamptz,
    p_starts_at timestamptz,
    p_ends_at timestamptz,
    p_timezone text,
    p_is_cancelled boolean,
    p_title text,
    p_description text,
    p_location text,
    p_category text
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_changed constant text := to_char(p_changed_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISS"Z"');
begin
    -- what is null leaves its line out
    return concat(
        ticketdb.ics_fold('BEGIN:VEVENT'),
        ticketdb.ics_fold('UID:' || p_uid),
        ticketdb.ics_fold('DTSTAMP:' || v_changed),
        ticketdb.ics_fold('LAST-MODIFIED:' || v_changed),
        ticketdb.ics_fold('SEQUENCE:' || p_sequence),
        ticketdb.ics_fold(
            format('DTSTART;TZID=%s:', p_timezone) || to_char(p_starts_at at time zone p_timezone, 'YYYYMMDD"T"HH24MISS')
        ),
        ticketdb.ics_fold(
            format('DTEND;TZID=%s:', p_timezone) || to_char(p_ends_at at time zone p_timezone, 'YYYYMMDD"T"HH24MISS')
        ),
        ticketdb.ics_fold('STATUS:' || case when p_is_cancelled then 'CANCELLED' else 'CONFIRMED' end),
        ticketdb.ics_fold('SUMMARY:' || ticketdb.ics_text(p_title)),
        ticketdb.ics_fold('DESCRIPTION:' || ticketdb.ics_text(p_description)),
        ticketdb.ics_fold('LOCATION:' || ticketdb.ics_text(p_location)),
        ticketdb.ics_fold('CATEGORIES:' || ticketdb.ics_text(p_category)),
        ticketdb.ics_fold('END:VEVENT')
    );
end
$$;
revoke execute on function
ticketdb.ics_event(text, int, timestamptz, timestamptz, timestamptz, text, boolean, text, text, text, text) from public;
comment on function
ticketdb.ics_event(text, int, timestamptz, timestamptz, timestamptz, text, boolean, text, text, text, text) is
'An occurrence as a VEVENT of iCalendar';
