-- An event's recurrence as iCalendar, out and in.

alter table public.event_definitions
    add column calendar_uid text constraint calendar_uid_unique unique,
    -- an index entry must hold it
    add constraint calendar_uid_length check (length(calendar_uid) between 1 and 500);
comment on column public.event_definitions.calendar_uid is
'UID by which calendars know the event that was imported from one; null where it is made here';

alter table public.schedule_exceptions
    add column is_imported boolean not null default false;
comment on column public.schedule_exceptions.is_imported is
'Came with import_event; the next import of the event takes it away where the calendar no longer has it';

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/calendar_event_code.sql
-- A code for an event that is imported: its title, as far as a code can say it, and where that is taken or says nothing, part of a digest
-- of its UID. Called by save_event.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_event_code(p_title text, p_uid text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_code constant text := btrim(left(regexp_replace(lower(p_title), '[^a-z0-9]+', '-', 'g'), 40), '-');
begin
    if v_code <> '' and not exists (select from public.event_definitions as d where d.event_code = v_code) then
        return v_code;
    end if;
    return coalesce(nullif(v_code, ''), 'event') || '-' || left(md5(p_uid), 8);
end
$$;
revoke execute on function ticketdb.calendar_event_code(text, text) from public;
comment on function ticketdb.calendar_event_code(text, text) is 'Code for an event with this title and UID';
-- <<< sql/functions/calendar_event_code.sql

-- >>> sql/functions/calendar_exceptions.sql
-- Where an event does not keep to its rule, start by start, as calendars have it: what definition_occurrences makes of the days on which
-- the event or its venue has an exception, beside what the rule names. length is null where it is the event's own. Called by definition_calendar.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_exceptions(
    p_event_definition_id int,
    p_first_start timestamp,
    p_length interval,
    out kind text,
    out starts timestamp,
    out length interval
)
returns setof record
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with days as materialized (
        select distinct x.exception_date as day
        from public.event_definitions as d
        inner join public.schedule_exceptions as x
            on x.event_definition_id = d.id
            or x.venue_id = coalesce(d.venue_id, (select p.venue_id from public.spaces as p where p.id = d.space_id))
        where d.id = p_event_definition_id
          -- what a calendar can write
          and x.exception_date between date '0001-01-01' and date '9999-12-30'
    ),
    named as materialized (
        select r.start
        from days as d
        cross join ticketdb.recurrence_starts(p_event_definition_id, d.day, d.day) as r (start)
    ),
    actual as materialized (
        select o.schedule_date + o.start_time as start, ticketdb.local_length(o.start_time, o.end_time) + make_interval(days => o.extra_days) as length
        from days as d
        cross join ticketdb.definition_occurrences(p_event_definition_id, d.day, d.day) as o
    )
    select 'excluded', n.start, null::interval
    from named as n
    where n.start >= p_first_start
      and not exists (select from actual as a where a.start = n.start)
    union all
    select 'added', a.start, nullif(a.length, p_length)
    from actual as a
    where a.length <> p_length or not exists (select from named as n where n.start = a.start);
$$;
revoke execute on function ticketdb.calendar_exceptions(int, timestamp, interval) from public;
comment on function ticketdb.calendar_exceptions(int, timestamp, interval) is
'Starts that an event has besides its rule, or leaves out

p_first_start: nothing is left out before it; p_length: the event''s own length.';
-- <<< sql/functions/calendar_exceptions.sql

-- >>> sql/functions/calendar_length.sql
-- How long something in a calendar lasts: to its end, for its duration, the whole day where it begins with a date alone, else null, for
-- a calendar may name neither. More than a day is refused: an occurrence lasts a day at most. Called by read_event and event_dates.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.calendar_length(p_span jsonb, p_timezone text)
returns interval
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_start constant timestamp := ticketdb.calendar_moment(p_span ->> 'starts_at', p_timezone);
    v_length interval;
begin
    if v_start is null then
        perform ticketdb.raise_error('invalid_argument', 'the event, or a date of it, has no start', 'Give starts_at (DTSTART).');
    end if;
    begin
        v_length := coalesce(
            ticketdb.calendar_moment(p_span ->> 'ends_at', p_timezone) - v_start,
            make_interval(secs => (p_span ->> 'seconds')::int),
            case when length(p_span ->> 'starts_at') = 10 then interval '1 day' end
        );
    exception
        when invalid_text_representation or numeric_value_out_of_range then
            v_length := interval '-1';
    end;
    if v_length not between interval '0' and interval '24 hours' then
        perform ticketdb.raise_error(
            'invalid_argument', format('what begins at %s lasts %s', p_span ->> 'starts_at', v_length),
            'An occurrence lasts 24 hours at most; what lasts for days is one occurrence a day.',
            jsonb_build_object('starts_at', p_span ->> 'starts_at')
        );
    end if;
    return nullif(v_length, interval '0');
end
$$;
revoke execute on function ticketdb.calendar_length(jsonb, text) from public;
comment on function ticketdb.calendar_length(jsonb, text) is
'Length of something in a calendar; null where the calendar does not say

p_span: an object with starts_at, and ends_at or seconds; p_timezone: IANA name.';
-- <<< sql/functions/calendar_length.sql

-- >>> sql/functions/calendar_moment.sql
-- A moment of a calendar as the local time of a zone: 2031-03-01T07:00:00 is local already, with Z or an offset it is an instant, a date is
-- its midnight. Called by read_event and event_dates.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.calendar_moment(p_value text, p_timezone text)
returns timestamp
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_value is null then
        return null;
    end if;
    if p_value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2})?$' then
        return p_value::timestamp;
    end if;
    if p_value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2})?)$' then
        return p_value::timestamptz at time zone p_timezone;
    end if;
    raise datetime_field_overflow;
exception
    when datetime_field_overflow or invalid_datetime_format or invalid_time_zone_displacement_value then
        perform ticketdb.raise_error(
            'invalid_argument', format('%L is no date or time', left(p_value, 100)),
            'Give 2031-03-01T07:00:00, 2031-03-01T05:30:00Z or 2031-03-01.', jsonb_build_object('value', left(p_value, 100))
        );
end
$$;
revoke execute on function ticketdb.calendar_moment(text, text) from public;
comment on function ticketdb.calendar_moment(text, text) is
'Local time of a moment of a calendar; null stays null

p_value: ISO 8601, local, an instant or a date; p_timezone: IANA name.';
-- <<< sql/functions/calendar_moment.sql

-- >>> sql/functions/calendar_place.sql
-- Where something takes place, as calendars say it. The rows are the application's: that they have these columns is likely, and not ours
-- to demand. Called by calendar_entries and definition_calendar.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_place(p_space jsonb, p_venue jsonb)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return nullif(concat_ws(', ', p_space ->> 'name', p_venue ->> 'name', p_venue ->> 'address'), '');
end
$$;
revoke execute on function ticketdb.calendar_place(jsonb, jsonb) from public;
comment on function ticketdb.calendar_place(jsonb, jsonb) is 'Names of space and venue, and the address; null where there are none';
-- <<< sql/functions/calendar_place.sql

-- >>> sql/functions/calendar_rule.sql
-- An event's recurrence as calendars have it: a rule and its first start, which is one that the rule names, for calendars show DTSTART
-- whatever the rule says. An UNTIL is in UTC, as RFC 5545 wants it beside a zone. Daily and weekly events without a first day begin when
-- they were made, or with their first occurrence. No row where an event does not recur. Called by definition_calendar and save_event.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_rule(
    p_event_definition_id int,
    out rule text,
    out first_start timestamp,
    out length interval
)
returns setof record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_event record;
    v_rule record;
    v_dtstart timestamp;
    v_years interval;
begin
    select
        d.recurrence_type, d.recurrence_days, d.rrule, d.recurrence_starts_on, d.default_start_time, d.timezone, d.created_at,
        coalesce(
            ticketdb.local_length(d.default_start_time, d.default_end_time), make_interval(mins => d.default_duration_minutes)
        ) + make_interval(days => d.default_extra_days) as length
    into v_event
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    rule := ticketdb.recurrence_rule(v_event.recurrence_type, v_event.recurrence_days, v_event.rrule);
    if rule is null then
        return;
    end if;
    v_dtstart := v_event.default_start_time + coalesce(
        v_event.recurrence_starts_on,
        least(
            (v_event.created_at at time zone v_event.timezone)::date,
            (select min(s.schedule_date) from public.event_schedules as s where s.event_definition_id = p_event_definition_id)
        )
    );
    -- as refuse_endless_wait looks for it
    foreach v_years in array array[interval '2 years', interval '400 years'] loop
        select min(s.at) into first_start
        from ticketdb.rrule_starts(rule, v_dtstart, v_dtstart, v_dtstart + v_years, v_event.timezone) as s (at);
        exit when first_start is not null;
    end loop;
    v_rule := ticketdb.parse_rrule(rule);
    if v_rule.until_at is not null and not v_rule.until_is_utc then
        rule := regexp_replace(
            rule, 'UNTIL=[0-9T]+',
            to_char(
                ticketdb.local_instant(date_trunc('second', v_rule.until_at), v_event.timezone) at time zone 'UTC',
                '"UNTIL="YYYYMMDD"T"HH24MISS"Z"'
            )
        );
    end if;
    length := v_event.length;
    return next;
end
$$;
revoke execute on function ticketdb.calendar_rule(int) from public;
comment on function ticketdb.calendar_rule(int) is
'An event''s recurrence as calendars have it: the rule, the local start it begins with, and how long an occurrence lasts';
-- <<< sql/functions/calendar_rule.sql

-- >>> sql/functions/calendar_uid.sql
-- By which name calendars know an event: the one that it was imported with, else one made of what never changes, restored from a dump
-- or not. Called by calendar_rule and save_event.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_uid(p_calendar_uid text, p_event_definition_id int, p_created_at timestamptz)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        p_calendar_uid,
        format('event-%s-%s@ticketdb', p_event_definition_id, to_hex((extract(epoch from p_created_at) * 1000000)::bigint))
    );
end
$$;
revoke execute on function ticketdb.calendar_uid(text, int, timestamptz) from public;
comment on function ticketdb.calendar_uid(text, int, timestamptz) is 'UID of an event in calendars';
-- <<< sql/functions/calendar_uid.sql

-- >>> sql/functions/definition_calendar.sql
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
-- <<< sql/functions/definition_calendar.sql

-- >>> sql/functions/definition_calendar_for_caller.sql
-- The way of definition_ics for everybody who may not run the inside of selling: an active event, or to an admin any.
-- locks: none
-- raises: as definition_calendar
create or replace function ticketdb.definition_calendar_for_caller(p_event_definition_id int)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.is_admin()
        and not exists (select from public.event_definitions as d where d.id = p_event_definition_id and d.is_active)
    then
        perform ticketdb.refuse_definition(p_event_definition_id);
    end if;
    return ticketdb.definition_calendar(p_event_definition_id);
end
$$;
revoke execute on function ticketdb.definition_calendar_for_caller(int) from public;
comment on function ticketdb.definition_calendar_for_caller(int) is
'An event''s recurrence as iCalendar, as far as the caller may see the event';
-- <<< sql/functions/definition_calendar_for_caller.sql

-- >>> sql/functions/definition_ics.sql
-- The face of ticketdb.definition_calendar, and of definition_calendar_for_caller.
-- locks, raises: as these
create or replace function public.definition_ics(p_event_definition_id int)
returns ticketdb."*/*" -- noqa: RF05
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_calendar text;
begin
    if ticketdb.may_sell() then
        v_calendar := ticketdb.definition_calendar(p_event_definition_id);
    else
        v_calendar := ticketdb.definition_calendar_for_caller(p_event_definition_id);
    end if;
    -- PostgREST reads it; to others it is nothing
    perform set_config('response.headers', '[{"Content-Type": "text/calendar; charset=utf-8"}]', true);
    return v_calendar::ticketdb."*/*"; -- noqa: RF05
end
$$;
revoke execute on function public.definition_ics(int) from public;
comment on function public.definition_ics(int) is
'Recurrence as iCalendar

A calendar (text/calendar, RFC 5545) with one event and its rule: RRULE, EXDATE where it is left out, by exception or by a holiday of
its venue, and RDATE where it is added. schedules_ics has the occurrences one by one, with those that were moved or called off.
p_event_definition_id: from event_definitions. Errors: definition_not_found, not_recurring.';
-- <<< sql/functions/definition_ics.sql

-- >>> sql/functions/event_dates.sql
-- The dates that an event of a calendar leaves out and adds, as rows of schedule_exceptions. Its first start takes place whatever the rule
-- says. What is left out is not added; an occurrence that was changed by itself (an override) counts more than both: it is left out where it
-- was, and added where it is. Called by save_event_dates.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.event_dates(
    p_event jsonb,
    p_timezone text,
    p_length interval,
    out kind text,
    out exception_date date,
    out start_time time,
    out end_time time
)
returns setof record
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with overrides as materialized (
        select
            ticketdb.calendar_moment(o.span ->> 'recurrence_id', p_timezone) as was,
            ticketdb.calendar_moment(o.span ->> 'starts_at', p_timezone) as start,
            ticketdb.calendar_length(o.span, p_timezone) as length,
            coalesce(o.span ->> 'status', '') = 'CANCELLED' as is_cancelled
        from jsonb_array_elements(coalesce(p_event -> 'overrides', '[]')) as o (span)
    ),
    excluded as materialized (
        select
            ticketdb.calendar_moment(x.value, p_timezone) as start,
            -- a date where the event has a time of day is the whole day
            length(x.value) = 10 as is_whole_day
        from jsonb_array_elements_text(coalesce(p_event -> 'exdates', '[]')) as x (value)
        union
        select o.was, false from overrides as o where o.is_cancelled or o.start <> o.was
    ),
    added as (
        select
            -- a date is that day at the event's own time
            case
                when length(r.span ->> 'starts_at') = 10
                    then ticketdb.calendar_moment(r.span ->> 'starts_at', p_timezone)::date
                        + ticketdb.calendar_moment(p_event ->> 'starts_at', p_timezone)::time
                else ticketdb.calendar_moment(r.span ->> 'starts_at', p_timezone)
            end as start,
            case
                when length(r.span ->> 'starts_at') = 10 then null
                else ticketdb.calendar_length(r.span, p_timezone)
            end as length
        from (
            select a.value from jsonb_array_elements(coalesce(p_event -> 'rdates', '[]')) as a (value)
            union all
            select jsonb_build_object('starts_at', p_event ->> 'starts_at')
        ) as r (span)
    )
    select 'excluded', x.start::date, case when not x.is_whole_day then x.start::time end, null::time
    from excluded as x
    union
    (
        select distinct on (a.start)
            'added', a.start::date, a.start::time,
            case when a.length <> p_length then (a.start + a.length)::time end
        from (
            select d.start, d.length, false as is_override
            from added as d
            where not exists (
                      select from excluded as x
                      where x.start = d.start or x.is_whole_day and x.start::date = d.start::date
                  )
              and not exists (select from overrides as o where o.was = d.start)
            union all
            select o.start, o.length, true from overrides as o where not o.is_cancelled
        ) as a
        order by a.start, a.is_override desc, a.length
    );
$$;
revoke execute on function ticketdb.event_dates(jsonb, text, interval) from public;
comment on function ticketdb.event_dates(jsonb, text, interval) is
'Dates that an event of a calendar leaves out and adds

p_event: as of import_event; p_timezone: zone of the local times; p_length: the event''s own length.';
-- <<< sql/functions/event_dates.sql

-- >>> sql/functions/ics_duration.sql
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
-- <<< sql/functions/ics_duration.sql

-- >>> sql/functions/import_event.sql
-- The face of ticketdb.save_event, and of save_event_as_admin for a signed-in admin.
-- locks, raises: as these
create or replace function public.import_event(
    p_event jsonb,
    out result text,
    out event_definition_id int,
    out event_code text,
    out title text,
    out uid text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_saved record;
begin
    if ticketdb.may_sell() then
        v_saved := ticketdb.save_event(p_event);
    else
        v_saved := ticketdb.save_event_as_admin(p_event);
    end if;
    result := v_saved.result;
    event_definition_id := v_saved.event_definition_id;
    event_code := v_saved.event_code;
    title := v_saved.title;
    uid := v_saved.uid;
end
$$;
revoke execute on function public.import_event(jsonb) from public;
comment on function public.import_event(jsonb) is
'Import an event

Makes an event of one of a calendar (a VEVENT of iCalendar), or brings up to date the one that has its UID; result says which: created,
updated or unchanged. A new event is a draft, not active, for it has no price yet. p_event: an object with uid, title, starts_at,
ends_at or seconds (its length), and if there are any description, event_category (needed for a new event), event_type, timezone (IANA
name), calendar_timezone (for times without a zone), status, rules (texts of RRULE, one at most), exclusion_rules (refused), exdates
(moments), rdates (objects with starts_at and ends_at or seconds) and overrides (such objects with recurrence_id, the start that each is
instead of, and status). A moment is 2031-03-01T07:00:00 in the event''s zone, an instant with Z or an offset, or a date. For admins and the
payment server. Errors: not_allowed, invalid_argument, invalid_recurrence.';
-- <<< sql/functions/import_event.sql

-- >>> sql/functions/local_length.sql
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
-- <<< sql/functions/local_length.sql

-- >>> sql/functions/read_event.sql
-- Reads an event of a calendar and refuses what we do not have: several rules, rules of exclusion, an event that is cancelled or lasts for
-- days. An event without a rule takes place once. Called by save_event.
-- locks: none
-- raises: invalid_argument, invalid_recurrence
create or replace function ticketdb.read_event(
    p_event jsonb,
    out uid text,
    out title text,
    out timezone text,
    out rule text,
    out first_start timestamp,
    out length interval
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_list text;
    v_starts_at constant text := p_event ->> 'starts_at';
begin
    foreach v_list in array array['rules', 'exclusion_rules', 'exdates', 'rdates', 'overrides'] loop
        if jsonb_typeof(coalesce(p_event -> v_list, '[]')) <> 'array' then
            perform ticketdb.raise_error('invalid_argument', format('%s is no list', v_list), 'Give a JSON array.');
        end if;
    end loop;
    uid := p_event ->> 'uid';
    title := btrim(p_event ->> 'title');
    if coalesce(length(uid), 0) not between 1 and 500 or coalesce(title, '') = '' or length(title) > 255
        or length(p_event ->> 'event_category') > 50 or length(p_event ->> 'event_type') > 50
    then
        perform ticketdb.raise_error(
            'invalid_argument', 'an event has a uid of at most 500 letters, a title of at most 255, and category and type of at most 50',
            'Give it a title (SUMMARY) in the calendar that it comes from, and export it again.'
        );
    end if;
    if p_event ->> 'status' = 'CANCELLED' then
        perform ticketdb.raise_error(
            'invalid_argument', 'the event is cancelled in the calendar',
            'Leave it out; if it is here already, call its occurrences off with cancel_schedule.'
        );
    end if;
    if jsonb_array_length(coalesce(p_event -> 'rules', '[]')) > 1 or jsonb_array_length(coalesce(p_event -> 'exclusion_rules', '[]')) > 0 then
        perform ticketdb.refuse_rrule(
            coalesce(p_event #>> '{exclusion_rules,0}', p_event #>> '{rules,1}'),
            'an event has one recurrence rule, and none that excludes',
            'Make an event of each RRULE, and EXDATEs of what an EXRULE says.'
        );
    end if;
    rule := p_event #>> '{rules,0}';
    timezone := coalesce(
        p_event ->> 'timezone',
        -- a calendar writes in UTC what takes place once, wherever it is
        case when v_starts_at ~ '[Z+]|-..:' and rule is not null then 'UTC' end,
        p_event ->> 'calendar_timezone',
        case when v_starts_at ~ '[Z+]|-..:' then 'UTC' else ticketdb.database_time_zone() end
    );
    perform ticketdb.check_time_zone(timezone);
    first_start := ticketdb.calendar_moment(v_starts_at, timezone);
    -- an hour where the calendar does not say, as for every new event
    length := coalesce(ticketdb.calendar_length(p_event, timezone), interval '1 hour');
    rule := coalesce(rule, 'FREQ=DAILY;COUNT=1');
    perform ticketdb.check_rrule(rule);
    rule := ticketdb.normalise_rrule(rule, first_start);
end
$$;
revoke execute on function ticketdb.read_event(jsonb) from public;
comment on function ticketdb.read_event(jsonb) is 'What an event of a calendar is here

p_event: as of import_event.';
-- <<< sql/functions/read_event.sql

-- >>> sql/functions/recurrence_rule.sql
-- The rule of RFC 5545 that a recurrence stands for: daily and weekly are rules too. The one place that knows what a recurrence_type
-- means. Called by recurrence_starts, and where an event is shown as a rule.
-- locks: none
-- raises: nothing
create or replace function ticketdb.recurrence_rule(p_recurrence_type text, p_recurrence_days text, p_rrule text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_weekdays constant text[] := array['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
begin
    return case
        when p_recurrence_type = 'rrule' then p_rrule
        when p_recurrence_type in ('daily', 'weekly') and p_recurrence_days is null then 'FREQ=DAILY'
        when p_recurrence_type in ('daily', 'weekly') then 'FREQ=WEEKLY;BYDAY=' || (
            select string_agg(v_weekdays[w.day::int], ',' order by w.day)
            from unnest(string_to_array(p_recurrence_days, ',')) as w (day)
        )
    end;
end
$$;
revoke execute on function ticketdb.recurrence_rule(text, text, text) from public;
comment on function ticketdb.recurrence_rule(text, text, text) is
'Recurrence rule that a recurrence_type stands for; null where an event does not recur';
-- <<< sql/functions/recurrence_rule.sql

-- >>> sql/functions/recurrence_starts.sql
-- The local starts that an event's recurrence names between two dates, both included: daily and weekly are the rules that they stand
-- for (recurrence_rule). Called by definition_occurrences and calendar_exceptions.
-- locks: none
-- raises: nothing
create or replace function ticketdb.recurrence_starts(p_event_definition_id int, p_from date, p_to date)
returns setof timestamp
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_definition record;
    v_rrule text;
    v_starts_on date;
begin
    select d.recurrence_type, d.recurrence_days, d.rrule, d.recurrence_starts_on, d.default_start_time, d.timezone
    into v_definition
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    v_rrule := ticketdb.recurrence_rule(v_definition.recurrence_type, v_definition.recurrence_days, v_definition.rrule);
    if v_rrule is null then
        return;
    end if;
    v_starts_on := case v_definition.recurrence_type
        when 'rrule' then v_definition.recurrence_starts_on
        else greatest(v_definition.recurrence_starts_on, p_from)
    end;
    return query
    select s.at
    from ticketdb.rrule_starts(
        v_rrule, v_starts_on + v_definition.default_start_time, p_from, p_to + interval '1 day -1 microsecond', v_definition.timezone
    ) as s (at);
end
$$;
revoke execute on function ticketdb.recurrence_starts(int, date, date) from public;
comment on function ticketdb.recurrence_starts(int, date, date) is
'Local starts that an event''s recurrence names in a period, ascending';
-- <<< sql/functions/recurrence_starts.sql

-- >>> sql/functions/save_event.sql
-- Makes an event of one of a calendar, or brings the one up to date that was made of it before, known by its UID. A new event is a draft
-- (not active): a calendar names no price. Where the calendar says what holds here already, nothing is written. The inside of import_event.
-- locks: event_definitions, then schedule_exceptions
-- raises: invalid_argument, invalid_recurrence
create or replace function ticketdb.save_event(
    p_event jsonb,
    out result text,
    out event_definition_id int,
    out event_code text,
    out title text,
    out uid text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_read record;
    v_ours record;
    v_changes int := 0;
    v_more int;
    v_category text := coalesce(p_event ->> 'event_category', p_event ->> 'event_type');
    v_is_same_rule boolean;
begin
    perform ticketdb.require_read_committed();
    v_read := ticketdb.read_event(p_event);
    uid := v_read.uid;
    title := v_read.title;
    if not exists (
        select from public.event_definitions as d where ticketdb.calendar_uid(d.calendar_uid, d.id, d.created_at) = v_read.uid
    ) then
        if v_category is null then
            perform ticketdb.raise_error(
                'invalid_argument', 'the event has no category', 'Give event_category, such as wellness, live-show or workshop.'
            );
        end if;
        insert into public.event_definitions as d (
            event_code, title, description, event_category, event_type, timezone, recurrence_type, rrule, recurrence_starts_on,
            default_start_time, default_end_time, is_active, calendar_uid, created_by_user_id
        )
        values (
            ticketdb.calendar_event_code(v_read.title, v_read.uid), v_read.title, p_event ->> 'description', v_category,
            coalesce(p_event ->> 'event_type', v_category), v_read.timezone, 'rrule', v_read.rule, v_read.first_start::date,
            v_read.first_start::time, (v_read.first_start + v_read.length)::time, false, v_read.uid, ticketdb.caller_user_id()
        )
        -- somebody may be importing the same
        on conflict on constraint calendar_uid_unique do nothing
        returning d.id, d.event_code::text into event_definition_id, event_code;
    end if;
    if event_definition_id is not null then
        result := 'created';
    else
        select d.id, d.event_code::text, d.event_category::text, d.event_type::text, d.timezone
        into v_ours
        from public.event_definitions as d
        where ticketdb.calendar_uid(d.calendar_uid, d.id, d.created_at) = v_read.uid
        for no key update;
        event_definition_id := v_ours.id;
        event_code := v_ours.event_code;
        select
            r.rule is not null and v_ours.timezone = v_read.timezone
            and (ticketdb.normalise_rrule(r.rule, r.first_start), r.first_start, r.length)
                = (v_read.rule, v_read.first_start, v_read.length)
        into v_is_same_rule
        from ticketdb.calendar_rule(v_ours.id) as r;
        update public.event_definitions as d
        set
            title = v_read.title,
            description = p_event ->> 'description',
            event_category = coalesce(v_category, d.event_category),
            event_type = coalesce(p_event ->> 'event_type', d.event_type)
        where d.id = v_ours.id
          and (d.title, d.description, d.event_category, d.event_type)
              is distinct from (
                  v_read.title, p_event ->> 'description',
                  coalesce(v_category, d.event_category), coalesce(p_event ->> 'event_type', d.event_type)
              );
        get diagnostics v_changes = row_count;
        if v_is_same_rule is not true then
            update public.event_definitions as d
            set
                timezone = v_read.timezone, recurrence_type = 'rrule', recurrence_days = null, rrule = v_read.rule,
                recurrence_starts_on = v_read.first_start::date, default_start_time = v_read.first_start::time,
                default_end_time = (v_read.first_start + v_read.length)::time, default_extra_days = 0
            where d.id = v_ours.id
              and (
                  d.timezone, d.recurrence_type, d.rrule, d.recurrence_starts_on, d.default_start_time, d.default_end_time,
                  d.default_extra_days
              ) is distinct from (
                  v_read.timezone, 'rrule', v_read.rule, v_read.first_start::date, v_read.first_start::time,
                  (v_read.first_start + v_read.length)::time, 0
              );
            get diagnostics v_more = row_count;
            v_changes := v_changes + v_more;
        end if;
    end if;
    v_changes := v_changes + ticketdb.save_event_dates(event_definition_id, p_event, v_read.timezone, v_read.length);
    result := coalesce(result, case when v_changes > 0 then 'updated' else 'unchanged' end);
end
$$;
revoke execute on function ticketdb.save_event(jsonb) from public;
comment on function ticketdb.save_event(jsonb) is 'Make an event of one of a calendar, or bring it up to date

p_event: as of import_event.';
-- <<< sql/functions/save_event.sql

-- >>> sql/functions/save_event_as_admin.sql
-- The way of import_event for an admin, who may not run the inside of selling.
-- locks, raises: as save_event; not_allowed
create or replace function ticketdb.save_event_as_admin(
    p_event jsonb,
    out result text,
    out event_definition_id int,
    out event_code text,
    out title text,
    out uid text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_saved record;
begin
    perform ticketdb.require_admin();
    v_saved := ticketdb.save_event(p_event);
    result := v_saved.result;
    event_definition_id := v_saved.event_definition_id;
    event_code := v_saved.event_code;
    title := v_saved.title;
    uid := v_saved.uid;
end
$$;
revoke execute on function ticketdb.save_event_as_admin(jsonb) from public;
comment on function ticketdb.save_event_as_admin(jsonb) is 'Make an event of one of a calendar, for an admin';
-- <<< sql/functions/save_event_as_admin.sql

-- >>> sql/functions/save_event_dates.sql
-- Makes the imported exceptions of an event those of the calendar that it comes from: takes away what that no longer has, and adds what
-- does not hold here already, by the rule, a holiday or an exception of ours. Returns how many rows that were. Called by save_event,
-- with the event locked and its rule saved.
-- locks: schedule_exceptions
-- raises: invalid_argument
create or replace function ticketdb.save_event_dates(
    p_event_definition_id int,
    p_event jsonb,
    p_timezone text,
    p_length interval
)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_date record;
    v_changes int;
begin
    delete from public.schedule_exceptions as x
    where x.event_definition_id = p_event_definition_id and x.is_imported
      and not exists (
          select from ticketdb.event_dates(p_event, p_timezone, p_length) as d
          where (d.kind, d.exception_date) = (x.kind, x.exception_date)
            and (d.start_time, d.end_time) is not distinct from (x.start_time, x.end_time)
      );
    get diagnostics v_changes = row_count;
    for v_date in
        select d.kind, d.exception_date, d.start_time, d.end_time
        from ticketdb.event_dates(p_event, p_timezone, p_length) as d
        -- what is added shows what it is added to
        order by d.kind desc, d.exception_date, d.start_time
    loop
        continue when v_date.kind = 'added' and exists (
            select from ticketdb.definition_occurrences(p_event_definition_id, v_date.exception_date, v_date.exception_date) as o
            where o.start_time = v_date.start_time
              and ticketdb.local_length(o.start_time, o.end_time)
                  = coalesce(ticketdb.local_length(v_date.start_time, v_date.end_time), p_length)
        );
        continue when v_date.kind = 'excluded' and not exists (
            select from ticketdb.definition_occurrences(p_event_definition_id, v_date.exception_date, v_date.exception_date) as o
            where v_date.start_time is null or o.start_time = v_date.start_time
        );
        insert into public.schedule_exceptions (event_definition_id, kind, exception_date, start_time, end_time, is_imported)
        values (p_event_definition_id, v_date.kind, v_date.exception_date, v_date.start_time, v_date.end_time, true)
        on conflict do nothing;
        if found then
            v_changes := v_changes + 1;
        end if;
    end loop;
    return v_changes;
end
$$;
revoke execute on function ticketdb.save_event_dates(int, jsonb, text, interval) from public;
comment on function ticketdb.save_event_dates(int, jsonb, text, interval) is
'Keep the exceptions that an event of a calendar has; returns how many rows changed';
-- <<< sql/functions/save_event_dates.sql

-- >>> sql/views/calendar_entries.sql
-- The occurrences that a calendar shows, as far as the caller may see them: those of active events; staff see the others too. A blocked slot
-- is nobody's event. It reads the names of venues and spaces with its owner's rights, for a public event must say where it is, and
-- nothing else of them. The uid is made of what never changes, moved or restored from a dump; the sequence rises with each change that
-- calendars show, but not with a sale. Read by schedules_ics.
create or replace view ticketdb.calendar_entries
with (security_barrier = true)
as
select
    s.id as schedule_id,
    s.event_definition_id,
    s.schedule_date,
    s.starts_at,
    s.ends_at,
    s.status,
    d.title,
    d.description,
    d.event_category,
    d.timezone,
    coalesce(s.space_id, d.space_id) as space_id,
    -- the application's tables: that they have these columns is likely, and not ours to demand
    to_jsonb(sp) ->> 'name' as space_name,
    ticketdb.calendar_place(to_jsonb(sp), to_jsonb(v)) as location,
    format('%s-%s@ticketdb', s.id, to_hex((extract(epoch from s.created_at) * 1000000)::bigint)) as uid,
    greatest(s.created_at, s.calendar_changed_at, d.calendar_changed_at) as changed_at,
    s.calendar_revision + d.calendar_revision as sequence
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
left join public.spaces as sp on sp.id = coalesce(s.space_id, d.space_id)
left join public.venues as v on v.id = d.venue_id
where not s.is_blocked and (d.is_active or (select ticketdb.is_staff()));
revoke all on ticketdb.calendar_entries from public;
comment on view ticketdb.calendar_entries is 'Occurrences as a calendar shows them, as far as the caller may see them';
comment on column ticketdb.calendar_entries.schedule_id is 'Occurrence';
comment on column ticketdb.calendar_entries.event_definition_id is 'Its event';
comment on column ticketdb.calendar_entries.schedule_date is 'Local date on which it starts';
comment on column ticketdb.calendar_entries.starts_at is 'Instant of the start';
comment on column ticketdb.calendar_entries.ends_at is 'Instant of the end';
comment on column ticketdb.calendar_entries.status is 'scheduled, cancelled or completed';
comment on column ticketdb.calendar_entries.title is 'Title of the event';
comment on column ticketdb.calendar_entries.description is 'Text shown to buyers';
comment on column ticketdb.calendar_entries.event_category is 'Category of the event';
comment on column ticketdb.calendar_entries.timezone is 'IANA name of the zone of the local times';
comment on column ticketdb.calendar_entries.space_id is 'Space it takes place in';
comment on column ticketdb.calendar_entries.space_name is 'Name of the space';
comment on column ticketdb.calendar_entries.location is 'Names of space and venue, and the address';
comment on column ticketdb.calendar_entries.uid is 'The same for ever, and different everywhere else';
comment on column ticketdb.calendar_entries.changed_at is 'When it was made or last changed, or its event did; a sale is no change';
comment on column ticketdb.calendar_entries.sequence is 'Number of such changes';
-- <<< sql/views/calendar_entries.sql

-- >>> sql/views/role_grants.sql
-- What each of PostgREST's roles may do with each object of ours: the one list from which rights are granted (grant_roles), documented
-- and tested. What is not here is granted to nobody. anon reads what is public; authenticated, besides, reserves for itself and gives up
-- what is its own, and row level security lets an admin manage events; service_role is the payment server.
create or replace view ticketdb.role_grants as
select
    g.kind,
    -- a schema is named with its dot
    rtrim(g.object, '.') as object,
    p.privilege,
    r.role_name,
    case
        when to_regrole(r.role_name) is null then false
        when g.kind = 'table' then has_table_privilege(r.role_name, g.object, p.privilege)
        when g.kind = 'sequence' then has_sequence_privilege(r.role_name, g.object, p.privilege)
        when g.kind = 'function' then has_function_privilege(r.role_name, g.object, p.privilege)
        else has_schema_privilege(r.role_name, rtrim(g.object, '.'), p.privilege)
    end as is_granted
from (
    values
    -- the events
    ('table', 'public.event_definitions', 'select', '{anon,authenticated,service_role}'::text[]),
    ('table', 'public.event_definitions', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.event_definitions_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.event_schedules', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.event_schedules', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.event_schedules_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.ticket_types', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.ticket_types', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.ticket_types_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.pass_types', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.pass_types', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.pass_types_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.v_event_availability', 'select', '{anon,authenticated,service_role}'),
    ('function', 'public.check_ticket_availability(int, int, int)', 'execute', '{anon,authenticated,service_role}'),
    -- the spaces
    ('table', 'public.v_space_calendar', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.v_space_conflicts', 'select', '{authenticated,service_role}'),
    ('function', 'public.get_available_time_slots(int, date, int, time, time)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'public.schedules_ics(int, int, date, date)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'public.definition_ics(int)', 'execute', '{anon,authenticated,service_role}'),
    -- orders, written by functions alone
    ('table', 'public.ticket_reservations', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_payments', 'select', '{authenticated,service_role}'),
    ('table', 'public.event_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_schedule_participants', 'select', '{authenticated,service_role}'),
    ('function', 'public.reserve_tickets(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.reserve_series(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.release_reservation(bigint)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.event_waitlist', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_waitlist', 'select', '{authenticated,service_role}'),
    ('function', 'public.join_waitlist(int, int, int, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.leave_waitlist(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_reservation(bigint, text, numeric, jsonb)', 'execute', '{service_role}'),
    ('function', 'public.cancel_reservation(bigint, text)', 'execute', '{service_role}'),
    ('function', 'public.move_reservation(bigint, int)', 'execute', '{service_role}'),
    ('function', 'public.settle_refund(text, text, numeric)', 'execute', '{service_role}'),
    ('table', 'public.event_passes', 'select', '{authenticated,service_role}'),
    ('table', 'public.pass_pauses', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_event_passes', 'select', '{authenticated,service_role}'),
    ('function', 'public.buy_pass(int, date, int, boolean, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.redeem_pass(bigint, int)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.return_visit(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_pass(bigint, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.set_pass_renewal(bigint, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_pass(bigint, text, numeric)', 'execute', '{service_role}'),
    ('function', 'public.pause_pass(bigint, date, date)', 'execute', '{service_role}'),
    ('function', 'public.extend_pass(bigint, date)', 'execute', '{service_role}'),
    -- the house
    ('table', 'public.ticket_check_ins', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_notifications', 'select, update', '{authenticated,service_role}'),
    ('function', 'public.claim_notifications(int, interval)', 'execute', '{service_role}'),
    ('function', 'public.complete_notification(bigint, uuid, text)', 'execute', '{service_role}'),
    ('function', 'public.retry_notification(bigint)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.v_attendance', 'select', '{authenticated,service_role}'),
    ('table', 'public.legacy_link_issues', 'select', '{authenticated,service_role}'),
    ('function', 'public.generate_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.preview_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.schedule_exceptions', 'select, insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.schedule_exceptions_id_seq', 'usage', '{authenticated,service_role}'),
    ('function', 'public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.move_schedule(int, date, time, time, int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_schedule(int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.import_event(jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.expand_rrule(text, timestamp, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.describe_rrule(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'public.list_moved_schedules()', 'execute', '{authenticated,service_role}'),
    ('function', 'public.move_unsold_schedules()', 'execute', '{authenticated,service_role}'),
    ('function', 'public.check_in(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'public.check_in_batch(jsonb)', 'execute', '{service_role}'),
    ('function', 'public.run_maintenance(int)', 'execute', '{service_role}'),
    ('function', 'public.verify_inventory()', 'execute', '{service_role}'),
    -- the books
    ('table', 'public.ticket_audit_log', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_ticket_sales_by_event', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_revenue_by_event_type', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_refunds_due', 'select', '{authenticated,service_role}'),
    ('function', 'public.report_sales(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_revenue(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_attendance(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_occupancy(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_no_shows(date, date)', 'execute', '{authenticated,service_role}'),
    -- the inside, as far as views, policies, defaults and the faces above read it in the caller's name
    ('schema', 'ticketdb.', 'usage', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_sales', 'select', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.calendar_entries', 'select', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.calendar_place(jsonb, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.definition_calendar_for_caller(int)', 'execute', '{anon,authenticated}'),
    ('function', 'ticketdb.ics_text(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.ics_fold(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.ics_offset(interval)', 'execute', '{anon,authenticated,service_role}'),
    (
        'function',
        'ticketdb.ics_event(text, int, timestamptz, timestamptz, timestamptz, text, boolean, text, text, text, text)',
        'execute', '{anon,authenticated,service_role}'
    ),
    ('function', 'ticketdb.ics_zone(text, timestamptz, timestamptz)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.zone_changes(text, timestamptz, timestamptz)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.zone_offset(timestamptz, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.refuse_definition(int)', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_people', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sales_ledger', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.held_schedules', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sold_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.due_refunds', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.ticket_cards', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.seat_buckets', 'select', '{service_role}'),
    ('function', 'ticketdb.caller_claims()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.caller_user_id()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.may_sell()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.is_staff()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.is_admin()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.raise_error(text, text, text, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.check_reservation_arguments(int, int, int, interval, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.describe_refusal(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.lapsed_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.seats_past_waitlist(int, int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.local_instant(timestamp, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.time_before(timestamptz, interval, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_offer(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.reserve_for_caller(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.reserve_series_for_caller(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.release_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.call_off_as_admin(int, text)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.save_event_as_admin(jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.edit_schedules_as_admin(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.buy_pass_for_caller(int, date, int, boolean, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.redeem_pass_for_caller(bigint, int)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.return_visit_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.cancel_pass_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.set_pass_renewal_for_caller(bigint, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.pass_visits_left(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.join_for_caller(int, int, int, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.leave_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.waitlist_position(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_staff()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_admin()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_schedule(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_settled(int, text, timestamptz)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_unknown_space(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.check_report_period(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.check_recurrence_arguments(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.definition_occurrences(int, date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.check_rrule(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.rrule_starts(text, timestamp, timestamp, timestamp, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.spoken_rrule(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.moved_schedules()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.move_unsold()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.schedule_instants(date, time, time, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_read_committed()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.database_time_zone()', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.space_calendar', 'select', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.check_slot_arguments(int, date, int, time, time)', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.space_overlaps', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.space_problems', 'select', '{service_role}'),
    ('function', 'ticketdb.booking_takes_space(bigint, text, text, boolean, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.occurrence_conflicts(int, date, date)', 'execute', '{authenticated,service_role}'),
    -- the inside of selling, for anybody
    ('function', 'ticketdb.hold_tickets(int, int, int, int, interval, jsonb, text, jsonb, int, numeric, bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_tickets_once(int, int, int, int, interval, jsonb, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.reservation_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_series(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.series_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.release_hold(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.confirm_payment(bigint, text, numeric, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.cancel_sale(bigint, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.sale_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.call_off_schedule(int, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.definition_calendar(int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.save_event(jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.edit_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{service_role}'),
    ('function', 'ticketdb.move_sale(bigint, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.record_refund(text, text, numeric)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_pass(int, date, int, boolean, text, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.pay_pass(bigint, text, numeric)', 'execute', '{service_role}'),
    ('function', 'ticketdb.take_visit(bigint, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.give_visit_back(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.suspend_pass(bigint, date, date)', 'execute', '{service_role}'),
    ('function', 'ticketdb.prolong_pass(bigint, date)', 'execute', '{service_role}'),
    ('function', 'ticketdb.close_pass(bigint, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.change_renewal(bigint, boolean)', 'execute', '{service_role}'),
    ('function', 'ticketdb.pass_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.visit_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.enter_waitlist(int, int, int, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.quit_waitlist(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.waitlist_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'ticketdb.lease_notifications(int, interval)', 'execute', '{service_role}'),
    ('function', 'ticketdb.read_notifications(bigint[])', 'execute', '{service_role}'),
    ('function', 'ticketdb.settle_notification(bigint, uuid, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.scan_tickets(jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.refuse_scan_id(uuid)', 'execute', '{service_role}'),
    ('function', 'ticketdb.maintain(int)', 'execute', '{service_role}')
) as g (kind, object, privileges, roles)
cross join unnest(string_to_array(g.privileges, ', ')) as p (privilege)
cross join unnest(g.roles) as r (role_name);
revoke all on ticketdb.role_grants from public;
comment on view ticketdb.role_grants is 'Rights of PostgREST''s roles on each object of ours';
comment on column ticketdb.role_grants.kind is 'table (a view too), sequence, function or schema';
comment on column ticketdb.role_grants.object is 'Object, as grant names it';
comment on column ticketdb.role_grants.privilege is 'Privilege, as grant names it';
comment on column ticketdb.role_grants.role_name is 'Role: anon, authenticated or service_role';
comment on column ticketdb.role_grants.is_granted is 'Whether the role exists and has the privilege';
-- <<< sql/views/role_grants.sql
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
