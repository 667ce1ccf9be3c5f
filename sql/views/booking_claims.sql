-- What bookings of the application's take a space when, by the rows themselves: those that are no ticket (booking_takes_space). The venue's
-- daily booking announces a class: it takes its hours on each of its dates. For what occurrences name as their announcement they
-- speak themselves, for a show or a hall wholly, for a class from the first to the last of them; so do occurrences of its event that
-- were generated at its hour. A part of space_claims; the id as the table has it, so that a few of them are found by its index.
create or replace view ticketdb.booking_claims as
select
    b.id as booking_id,
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
    from (
        select u.schedule_date
        from (
            select a.schedule_date
            from public.event_schedules as a
            where a.booking_id = b.id
            union all
            select g.schedule_date
            from public.event_schedules as g
            where b.is_class and g.event_definition_id = b.event_definition_id and g.start_time = b.starts::time
        ) as u
        order by u.schedule_date
        -- or the first and the last were sought among all dates
        offset 0
    ) as s
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
revoke all on ticketdb.booking_claims from public;
comment on view ticketdb.booking_claims is 'What bookings of the application''s take a space when';
comment on column ticketdb.booking_claims.booking_id is 'Booking';
comment on column ticketdb.booking_claims.space_id is 'Space';
comment on column ticketdb.booking_claims.starts_at is 'From when';
comment on column ticketdb.booking_claims.ends_at is 'Until when';
