-- Occupations with the names of who occupies. For the inside alone: what of it a caller may see is decided by space_calendar and
-- refuse_slot.
create or replace view ticketdb.occupied_spaces as
select
    o.source,
    o.source_id,
    o.space_id,
    p.name as space_name,
    o.starts_at,
    o.ends_at,
    o.holds,
    s.id as schedule_id,
    b.id as booking_id,
    d.id as event_definition_id,
    coalesce(d.title, nullif(btrim(b.event_type), '')) as title,
    coalesce(d.event_code, b.booking_reference) as reference,
    coalesce(s.status, b.status) as status,
    coalesce(d.is_active, false) as is_public,
    t.timezone,
    o.starts_at at time zone t.timezone as start_datetime,
    o.ends_at at time zone t.timezone as end_datetime,
    to_char(o.starts_at at time zone t.timezone, 'YYYY-MM-DD HH24:MI') || ' to '
        || to_char(
            o.ends_at at time zone t.timezone,
            case
                when (o.ends_at at time zone t.timezone)::date = (o.starts_at at time zone t.timezone)::date then 'HH24:MI'
                else 'YYYY-MM-DD HH24:MI'
            end
        ) as period,
    coalesce(s.starts_at, o.starts_at) as event_starts_at,
    coalesce(s.ends_at, o.ends_at) as event_ends_at
from ticketdb.space_occupations as o
left join public.spaces as p on p.id = o.space_id
left join public.event_schedules as s on o.source = 'schedule' and s.id = o.source_id
left join public.event_definitions as d on d.id = s.event_definition_id
left join public.bookings as b on o.source = 'booking' and b.id = o.source_id
cross join lateral (select coalesce(d.timezone, (select ticketdb.database_time_zone())) as timezone) as t;
revoke all on ticketdb.occupied_spaces from public;
comment on view ticketdb.occupied_spaces is 'Who occupies a space when, with names';
comment on column ticketdb.occupied_spaces.source is 'schedule or booking';
comment on column ticketdb.occupied_spaces.source_id is 'Its id in event_schedules or bookings';
comment on column ticketdb.occupied_spaces.space_id is 'Space';
comment on column ticketdb.occupied_spaces.space_name is 'Its name';
comment on column ticketdb.occupied_spaces.starts_at is 'From when, set-up included';
comment on column ticketdb.occupied_spaces.ends_at is 'Until when, tear-down included';
comment on column ticketdb.occupied_spaces.holds is 'What of this time it has for itself';
comment on column ticketdb.occupied_spaces.schedule_id is 'Occurrence; null for a booking';
comment on column ticketdb.occupied_spaces.booking_id is 'Booking; null for an occurrence';
comment on column ticketdb.occupied_spaces.event_definition_id is 'Event of the occurrence';
comment on column ticketdb.occupied_spaces.title is 'Title of the event, or what the booking is for';
comment on column ticketdb.occupied_spaces.reference is 'Code of the event, or reference of the booking';
comment on column ticketdb.occupied_spaces.status is 'Status of the occurrence or booking';
comment on column ticketdb.occupied_spaces.is_public is 'Whether it is an occurrence of an event that everybody sees';
comment on column ticketdb.occupied_spaces.timezone is 'IANA name of the zone of the local times: the event''s, else the database''s';
comment on column ticketdb.occupied_spaces.start_datetime is 'starts_at on the local clock';
comment on column ticketdb.occupied_spaces.end_datetime is 'ends_at on the local clock';
comment on column ticketdb.occupied_spaces.period is 'Both, for people';
comment on column ticketdb.occupied_spaces.event_starts_at is 'Start without set-up';
comment on column ticketdb.occupied_spaces.event_ends_at is 'End without tear-down';
