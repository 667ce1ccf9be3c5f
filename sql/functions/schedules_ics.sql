-- The occurrences of an event or in a space as a calendar to subscribe to. It reads as its caller: what he may not see is not in it.
-- locks: none
-- raises: invalid_argument, definition_not_found, space_not_found
create or replace function public.schedules_ics(
    p_event_definition_id int default null,
    p_space_id int default null,
    p_from_date date default null,
    p_to_date date default null
)
returns ticketdb."*/*" -- noqa: RF05
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_today constant date := (now() at time zone 'UTC')::date;
    -- four digits of a year are what a calendar can write
    v_earliest constant date := date '1000-01-01';
    v_latest constant date := date '9998-12-31';
    v_from constant date := coalesce(p_from_date, least(v_today - 30, p_to_date));
    v_to constant date := coalesce(p_to_date, greatest(v_today, least(v_from, v_latest)) + 366);
    v_name text;
    v_zones text;
    v_events text;
begin
    if num_nonnulls(p_event_definition_id, p_space_id) <> 1 then
        perform ticketdb.raise_error(
            'invalid_argument', 'a calendar is of one event or of one space',
            'Pass either p_event_definition_id or p_space_id.'
        );
    end if;
    if v_to < v_from or v_from < v_earliest or v_to > v_latest or v_from < v_to - interval '10 years' then
        perform ticketdb.raise_error(
            'invalid_argument', format('no calendar is made from %s to %s', v_from, v_to),
            'Pass the earlier date first, and at most ten years.', jsonb_build_object('from_date', v_from, 'to_date', v_to)
        );
    end if;
    if p_event_definition_id is not null then
        select d.title::text into v_name from public.event_definitions as d where d.id = p_event_definition_id;
        if not found then
            perform ticketdb.refuse_definition(p_event_definition_id);
        end if;
    end if;

    perform ticketdb.refuse_unknown_space(p_space_id);

    with entries as materialized (
        select e.*
        from ticketdb.calendar_entries as e
        where (e.event_definition_id = p_event_definition_id or e.space_id = p_space_id)
          and e.schedule_date between v_from and v_to
    )
    select
        coalesce(v_name, (select max(e.space_name) from entries as e)),
        (
            select string_agg(ticketdb.ics_zone(z.timezone, z.first_start - interval '24 hours', z.last_end), '' order by z.timezone)
            from (
                select e.timezone, min(e.starts_at) as first_start, max(e.ends_at) as last_end
                from entries as e
                group by e.timezone
            ) as z
        ),
        (
            select string_agg(
                ticketdb.ics_event(
                    e.uid, e.sequence, e.changed_at, e.starts_at, e.ends_at, e.timezone, e.status = 'cancelled',
                    e.title, e.description, e.location, e.event_category
                ),
                '' order by e.starts_at, e.schedule_id
            )
            from entries as e
        )
    into v_name, v_zones, v_events;
    -- PostgREST reads it; to others it is nothing
    perform set_config('response.headers', '[{"Content-Type": "text/calendar; charset=utf-8"}]', true);
    return concat(
        ticketdb.ics_fold('BEGIN:VCALENDAR'),
        ticketdb.ics_fold('VERSION:2.0'),
        ticketdb.ics_fold('PRODID:-//ticketdb//ticketdb//EN'),
        ticketdb.ics_fold('X-WR-CALNAME:' || ticketdb.ics_text(v_name)),
        -- a calendar must have something in it
        coalesce(v_zones, ticketdb.ics_zone('UTC', v_from::timestamp at time zone 'UTC', v_to::timestamp at time zone 'UTC')),
        v_events,
        ticketdb.ics_fold('END:VCALENDAR')
    )::ticketdb."*/*"; -- noqa: RF05
end
$$;
revoke execute on function public.schedules_ics(int, int, date, date) from public;
comment on function public.schedules_ics(int, int, date, date) is
'Schedules as iCalendar

A calendar (text/calendar, RFC 5545) of the occurrences of an event or in a space, to subscribe to or to import. Each keeps its UID
when it is moved; cancelled ones say so; blocked slots and private bookings are not in it. p_event_definition_id or p_space_id: whose,
one of them; p_from_date, p_to_date: local dates, both included, by default from 30 days ago for a year ahead, at most ten years.
Errors: invalid_argument, definition_not_found, space_not_found.';
