-- What occupies which space when, as space_calendar says: bookings of the application's and occurrences together.
create or replace view public.v_space_calendar
with (security_invoker = true)
as
select
    c.space_id,
    c.space_name,
    c.starts_at,
    c.ends_at,
    c.start_datetime,
    c.end_datetime,
    c.timezone,
    c.source,
    c.title,
    c.reference,
    c.status,
    c.schedule_id,
    c.booking_id,
    c.event_definition_id,
    c.event_starts_at,
    c.event_ends_at
from ticketdb.space_calendar as c;
revoke all on public.v_space_calendar from public;
comment on view public.v_space_calendar is
'Space calendar

What occupies which space when: schedules, with the set-up and tear-down of their event, and bookings. Filter by space_id and starts_at.
Everybody sees that a space is taken and by which event, if it is active; staff see all names.';
comment on column public.v_space_calendar.space_id is 'Space';
comment on column public.v_space_calendar.space_name is 'Its name';
comment on column public.v_space_calendar.starts_at is 'From when it is taken, set-up included';
comment on column public.v_space_calendar.ends_at is 'Until when, tear-down included';
comment on column public.v_space_calendar.start_datetime is 'starts_at on the local clock';
comment on column public.v_space_calendar.end_datetime is 'ends_at on the local clock';
comment on column public.v_space_calendar.timezone is 'IANA name of the zone of the local times: the event''s, for bookings the database''s';
comment on column public.v_space_calendar.source is 'schedule or booking';
comment on column public.v_space_calendar.title is 'Title of the event, or what the booking is for; null where the caller may not know';
comment on column public.v_space_calendar.reference is 'Code of the event, or reference of the booking; null likewise';
comment on column public.v_space_calendar.status is 'Status of the schedule or booking; null likewise';
comment on column public.v_space_calendar.schedule_id is 'Schedule; null for a booking';
comment on column public.v_space_calendar.booking_id is 'Booking, for staff; null for a schedule';
comment on column public.v_space_calendar.event_definition_id is 'Event of the schedule';
comment on column public.v_space_calendar.event_starts_at is 'Start without set-up';
comment on column public.v_space_calendar.event_ends_at is 'End without tear-down';
