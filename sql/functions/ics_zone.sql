-- A zone as a VTIMEZONE of iCalendar, right for every instant of the period: one part for the offset with which it begins and one for
-- each clock change. A part is called DAYLIGHT where the clock was put forward. Called by schedules_ics and
-- definition_calendar.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.ics_zone(p_timezone text, p_from timestamptz, p_to timestamptz)
returns text
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lines text;
begin
    select string_agg(
        ticketdb.ics_fold('BEGIN:' || p.kind)
        -- the clock as it was before the change
        || ticketdb.ics_fold(to_char((c.changes_at at time zone 'UTC') + c.offset_before, '"DTSTART:"YYYYMMDD"T"HH24MISS'))
        || ticketdb.ics_fold('TZOFFSETFROM:' || ticketdb.ics_offset(c.offset_before))
        || ticketdb.ics_fold('TZOFFSETTO:' || ticketdb.ics_offset(c.offset_after))
        || ticketdb.ics_fold('TZNAME:' || ticketdb.ics_offset(c.offset_after))
        || ticketdb.ics_fold('END:' || p.kind),
        '' order by c.changes_at
    ) into v_lines
    from (
        select
            z.changes_at, z.offset_before, z.offset_after,
            lead(z.offset_after) over (order by z.changes_at) as next_offset
        from ticketdb.zone_changes(p_timezone, p_from, p_to) as z
    ) as c
    cross join lateral (
        select case
            when c.offset_after > c.offset_before or (c.offset_after = c.offset_before and c.next_offset < c.offset_after)
                then 'DAYLIGHT'
            else 'STANDARD'
        end as kind
    ) as p;
    return ticketdb.ics_fold('BEGIN:VTIMEZONE') || ticketdb.ics_fold('TZID:' || p_timezone)
        || v_lines || ticketdb.ics_fold('END:VTIMEZONE');
end
$$;
revoke execute on function ticketdb.ics_zone(text, timestamptz, timestamptz) from public;
comment on function ticketdb.ics_zone(text, timestamptz, timestamptz) is 'A zone as a VTIMEZONE of iCalendar, right for a period';
