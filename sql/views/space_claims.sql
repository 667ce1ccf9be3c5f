-- What takes a space when, by the rows themselves: the one reading of event_schedules and bookings. Made into space_occupations by
-- occupy_spaces, and compared with them by verify_inventory. An occurrence takes its space, blocked or over, unless it is cancelled;
-- so does a booking that is no ticket (booking_takes_space). The venue's daily booking announces a class: it takes its hours on each
-- of its dates. For what occurrences name as their announcement they speak themselves, for a show or a hall wholly, for a class from
-- the first to the last of them; so do occurrences of its event that were generated at its hour.
create or replace view ticketdb.space_claims as
select
    'schedule' as source,
    s.id::bigint as source_id,
    coalesce(s.space_id, d.space_id) as space_id,
    s.starts_at - make_interval(mins => d.setup_minutes) as starts_at,
    s.ends_at + make_interval(mins => d.teardown_minutes) as ends_at
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
where s.status <> 'cancelled' and coalesce(s.space_id, d.space_id) is not null
union all
select
    'booking',
    b.id::bigint,
    b.space_id,
    t.starts_at,
    t.ends_at
from (
    select
        o.id, o.space_id, o.event_definition_id, o.start_datetime::timestamp as starts, o.end_datetime::timestamp as ends,
        coalesce(o.is_admin_booking and o.booking_type = 'daily', false) as is_class
    from public.bookings as o
    where ticketdb.booking_takes_space(
        o.space_id, o.status::text, o.booking_type::text, o.is_admin_booking, o.event_schedule_id
    )
) as b
cross join lateral (
    select min(s.schedule_date) as first_date, max(s.schedule_date) as last_date
    from public.event_schedules as s
    where s.booking_id = b.id
       or (b.is_class and s.event_definition_id = b.event_definition_id and s.start_time = b.starts::time)
) as told
cross join lateral (
    -- the days of a class; one for all else, and none where the times make no sense
    select
        case
            when b.starts not between timestamp '1900-01-01' and timestamp '9999-01-01'
                or b.ends not between timestamp '1900-01-01' and timestamp '9999-01-01' then -1
            when not b.is_class then case when b.ends > b.starts and told.first_date is null then 0 else -1 end
            when b.ends > b.starts + interval '10 years' then -1
            else b.ends::date - b.starts::date
        end as last_day,
        -- in which the times of bookings are meant; asked once
        (select ticketdb.database_time_zone()) as timezone
    from (values (0)) as one (row_number)
    order by one.row_number
    offset 0
) as n
cross join lateral generate_series(0, n.last_day) as g (day)
cross join lateral (
    select i.starts_at, i.ends_at
    from ticketdb.schedule_times(
        b.starts::date + g.day, b.starts::time,
        -- as legacy_announcements reads it
        case when b.ends::time = b.starts::time then (b.starts + interval '1 hour')::time else b.ends::time end,
        0, n.timezone
    ) as i
    where b.is_class and (b.starts::date + g.day between told.first_date and told.last_date) is not true
    union all
    select ticketdb.local_instant(b.starts, n.timezone), ticketdb.local_instant(b.ends, n.timezone)
    where not b.is_class
) as t
where t.ends_at > t.starts_at;
revoke all on ticketdb.space_claims from public;
comment on view ticketdb.space_claims is 'What takes a space when, by the rows of event_schedules and bookings';
comment on column ticketdb.space_claims.source is 'schedule or booking';
comment on column ticketdb.space_claims.source_id is 'Its id in event_schedules or bookings';
comment on column ticketdb.space_claims.space_id is 'Space';
comment on column ticketdb.space_claims.starts_at is 'From when, set-up included';
comment on column ticketdb.space_claims.ends_at is 'Until when, tear-down included';
