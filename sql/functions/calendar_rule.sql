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
            ticketdb.local_length(d.default_start_time, d.default_end_time, d.default_extra_days),
            make_interval(days => d.default_extra_days, mins => d.default_duration_minutes)
        ) as length
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
