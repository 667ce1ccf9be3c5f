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
    out end_time time,
    out extra_days int
)
returns setof record
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with overrides as materialized (
        select
            -- a date is that day at the event's own time
            ticketdb.calendar_moment(o.span ->> 'recurrence_id', p_timezone)
                + case
                    when length(o.span ->> 'recurrence_id') = 10
                        then ticketdb.calendar_moment(p_event ->> 'starts_at', p_timezone)::time - time '00:00'
                    else interval '0'
                end as was,
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
    select 'excluded', x.start::date, case when not x.is_whole_day then x.start::time end, null::time, 0
    from excluded as x
    union
    (
        select distinct on (a.start)
            'added', a.start::date, a.start::time,
            case when a.length <> p_length then (a.start + a.length)::time end,
            case when a.length <> p_length then ticketdb.extra_days_of(a.length) else 0 end
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
