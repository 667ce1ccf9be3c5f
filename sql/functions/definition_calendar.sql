-- An event's recurrence as iCalendar: one VEVENT with its rule, the dates that are left out and those that are added, and its zone until
-- ten years from now. The inside of definition_ics, for whoever may see every event.
-- locks: none
-- raises: definition_not_found, not_recurring
create or replace function ticketdb.definition_calendar(p_event_definition_id int)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_local constant text := 'YYYYMMDD"T"HH24MISS';
    v_event record;
    v_rule record;
    v_exceptions text;
begin
    select
        ticketdb.calendar_uid(d.calendar_uid, d.id, d.created_at) as uid,
        d.event_code, d.title, d.description, d.event_category, d.timezone,
        ticketdb.calendar_place(to_jsonb(s), to_jsonb(v)) as place
    into v_event
    from public.event_definitions as d
    left join public.spaces as s on s.id = d.space_id
    left join public.venues as v on v.id = d.venue_id
    where d.id = p_event_definition_id;
    if not found then
        perform ticketdb.refuse_definition(p_event_definition_id);
    end if;
    select r.rule, r.first_start, r.length into v_rule from ticketdb.calendar_rule(p_event_definition_id) as r;
    if not found then
        perform ticketdb.raise_error(
            'not_recurring', format('event %s does not recur', v_event.event_code),
            'schedules_ics has the calendar of its occurrences.', jsonb_build_object('event_definition_id', p_event_definition_id)
        );
    end if;
    select string_agg(
        ticketdb.ics_fold(
            case
                when x.kind = 'excluded' then format('EXDATE;TZID=%s:', v_event.timezone)
                when x.length is null then format('RDATE;TZID=%s:', v_event.timezone)
                else format('RDATE;VALUE=PERIOD;TZID=%s:', v_event.timezone)
            end || to_char(x.starts, v_local) || coalesce('/' || ticketdb.ics_duration(x.length), '')
        ),
        '' order by x.kind desc, x.starts
    ) into v_exceptions
    from ticketdb.calendar_exceptions(p_event_definition_id, v_rule.first_start, v_rule.length) as x;
    -- what is null leaves its line out
    return concat(
        ticketdb.ics_fold('BEGIN:VCALENDAR'),
        ticketdb.ics_fold('VERSION:2.0'),
        ticketdb.ics_fold('PRODID:-//ticketdb//ticketdb//EN'),
        ticketdb.ics_fold('X-WR-CALNAME:' || ticketdb.ics_text(v_event.title)),
        ticketdb.ics_zone(
            v_event.timezone,
            v_rule.first_start at time zone 'UTC' - interval '2 days',
            greatest(now(), v_rule.first_start at time zone 'UTC') + interval '10 years'
        ),
        ticketdb.ics_fold('BEGIN:VEVENT'),
        ticketdb.ics_fold('UID:' || ticketdb.ics_text(v_event.uid)),
        -- no SEQUENCE: of two files the later one counts (RFC 5546)
        ticketdb.ics_fold('DTSTAMP:' || to_char(now() at time zone 'UTC', v_local) || 'Z'),
        ticketdb.ics_fold(format('DTSTART;TZID=%s:', v_event.timezone) || to_char(v_rule.first_start, v_local)),
        ticketdb.ics_fold('DURATION:' || ticketdb.ics_duration(v_rule.length)),
        ticketdb.ics_fold('RRULE:' || v_rule.rule),
        v_exceptions,
        ticketdb.ics_fold('SUMMARY:' || ticketdb.ics_text(v_event.title)),
        ticketdb.ics_fold('DESCRIPTION:' || ticketdb.ics_text(v_event.description)),
        ticketdb.ics_fold('LOCATION:' || ticketdb.ics_text(v_event.place)),
        ticketdb.ics_fold('CATEGORIES:' || ticketdb.ics_text(v_event.event_category)),
        ticketdb.ics_fold('END:VEVENT'),
        ticketdb.ics_fold('END:VCALENDAR')
    );
end
$$;
revoke execute on function ticketdb.definition_calendar(int) from public;
comment on function ticketdb.definition_calendar(int) is 'An event''s recurrence as iCalendar';
