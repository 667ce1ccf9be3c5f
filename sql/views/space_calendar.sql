-- What a caller may know of who occupies a space when: that it is occupied, everybody; which public event it is, everybody; which
-- booking, and events that are not public, staff alone. It reads the application's tables with its owner's rights. Read by
-- v_space_calendar and get_available_time_slots.
create or replace view ticketdb.space_calendar as
select
    o.space_id,
    o.space_name,
    o.source,
    case when w.may_know or o.is_public then o.schedule_id end as schedule_id,
    case when w.may_know then o.booking_id end as booking_id,
    case when w.may_know or o.is_public then o.event_definition_id end as event_definition_id,
    case when w.may_know or o.is_public then o.title end as title,
    case when w.may_know or o.is_public then o.reference end as reference,
    case
        when w.may_know then coalesce(o.reference, o.source)
        when o.is_public then o.title
        else o.source
    end as name,
    case when w.may_know or o.is_public then o.status end as status,
    o.starts_at,
    o.ends_at,
    o.start_datetime,
    o.end_datetime,
    o.timezone,
    o.event_starts_at,
    o.event_ends_at,
    o.holds
from ticketdb.occupied_spaces as o
cross join (select (select ticketdb.is_staff()) as may_know) as w;
revoke all on ticketdb.space_calendar from public;
comment on view ticketdb.space_calendar is 'Who occupies a space when, as far as the caller may know';
comment on column ticketdb.space_calendar.space_id is 'Space';
comment on column ticketdb.space_calendar.space_name is 'Its name';
comment on column ticketdb.space_calendar.source is 'schedule or booking';
comment on column ticketdb.space_calendar.schedule_id is 'Occurrence';
comment on column ticketdb.space_calendar.booking_id is 'Booking; for staff alone';
comment on column ticketdb.space_calendar.event_definition_id is 'Event';
comment on column ticketdb.space_calendar.title is 'Title of the event, or what the booking is for';
comment on column ticketdb.space_calendar.reference is 'Code of the event, or reference of the booking';
comment on column ticketdb.space_calendar.name is 'The best name for it that the caller may know';
comment on column ticketdb.space_calendar.status is 'Status of the occurrence or booking';
comment on column ticketdb.space_calendar.starts_at is 'From when, set-up included';
comment on column ticketdb.space_calendar.ends_at is 'Until when, tear-down included';
comment on column ticketdb.space_calendar.start_datetime is 'starts_at on the local clock';
comment on column ticketdb.space_calendar.end_datetime is 'ends_at on the local clock';
comment on column ticketdb.space_calendar.timezone is 'IANA name of the zone of the local times';
comment on column ticketdb.space_calendar.event_starts_at is 'Start without set-up';
comment on column ticketdb.space_calendar.event_ends_at is 'End without tear-down';
comment on column ticketdb.space_calendar.holds is 'What of this time it has for itself';
