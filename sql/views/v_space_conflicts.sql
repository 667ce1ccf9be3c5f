-- Spaces that two have at once, as space_overlaps says.
create or replace view public.v_space_conflicts
with (security_invoker = true)
as
select
    o.space_id,
    o.space_name,
    o.starts_at,
    o.ends_at,
    o.start_datetime,
    o.end_datetime,
    o.source,
    o.schedule_id,
    o.booking_id,
    o.title,
    o.reference,
    o.other_source,
    o.other_schedule_id,
    o.other_booking_id,
    o.other_title,
    o.other_reference
from ticketdb.space_overlaps as o;
revoke all on public.v_space_conflicts from public;
comment on view public.v_space_conflicts is
'Space conflicts

Each pair of schedules or bookings that has a space at the same time. They were there before any was refused, or came with link_legacy_data:
a new one is refused. Cancel or move one of a pair, and the pair is gone. For staff.';
comment on column public.v_space_conflicts.space_id is 'Space';
comment on column public.v_space_conflicts.space_name is 'Its name';
comment on column public.v_space_conflicts.starts_at is 'From when both have it';
comment on column public.v_space_conflicts.ends_at is 'Until when both have it';
comment on column public.v_space_conflicts.start_datetime is 'starts_at on the local clock';
comment on column public.v_space_conflicts.end_datetime is 'ends_at on the local clock';
comment on column public.v_space_conflicts.source is 'schedule or booking';
comment on column public.v_space_conflicts.schedule_id is 'Schedule; null for a booking';
comment on column public.v_space_conflicts.booking_id is 'Booking; null for a schedule';
comment on column public.v_space_conflicts.title is 'Title of the event, or what the booking is for';
comment on column public.v_space_conflicts.reference is 'Code of the event, or reference of the booking';
comment on column public.v_space_conflicts.other_source is 'The other one: schedule or booking';
comment on column public.v_space_conflicts.other_schedule_id is 'Schedule; null for a booking';
comment on column public.v_space_conflicts.other_booking_id is 'Booking; null for a schedule';
comment on column public.v_space_conflicts.other_title is 'Title of the event, or what the booking is for';
comment on column public.v_space_conflicts.other_reference is 'Code of the event, or reference of the booking';
