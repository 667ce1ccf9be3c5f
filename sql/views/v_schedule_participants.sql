-- Who comes, as schedule_people says: the seed's columns in the seed's order, then ours.
create or replace view public.v_schedule_participants
with (security_invoker = true)
as
select
    p.schedule_id,
    p.schedule_date,
    p.event_title,
    p.event_type,
    p.participant_id,
    p.name,
    p.mobile,
    p.ticket_quantity,
    p.amount_paid,
    p.is_verified,
    p.scan_count,
    p.joined_at,
    p.booking_reference,
    p.booking_status,
    p.user_email,
    p.first_name,
    p.last_name,
    p.booking_id,
    p.is_active,
    p.starts_at
from ticketdb.schedule_people as p;
revoke all on public.v_schedule_participants from public;
comment on view public.v_schedule_participants is
'Schedule participants

The participants of each occurrence, linked to it or to the booking that announced it. Staff see everybody, a signed-in
buyer himself.';
comment on column public.v_schedule_participants.schedule_id is 'Occurrence';
comment on column public.v_schedule_participants.schedule_date is 'Local date of the occurrence';
comment on column public.v_schedule_participants.event_title is 'Title of the event';
comment on column public.v_schedule_participants.event_type is 'Type of the event';
comment on column public.v_schedule_participants.participant_id is 'Participant';
comment on column public.v_schedule_participants.name is 'Name';
comment on column public.v_schedule_participants.mobile is 'Mobile number';
comment on column public.v_schedule_participants.ticket_quantity is 'Tickets of this participant';
comment on column public.v_schedule_participants.amount_paid is 'What this participant paid';
comment on column public.v_schedule_participants.is_verified is 'Whether the participant was let in';
comment on column public.v_schedule_participants.scan_count is 'How often the ticket was scanned';
comment on column public.v_schedule_participants.joined_at is 'When the participant was entered';
comment on column public.v_schedule_participants.booking_reference is 'Reference of the booking';
comment on column public.v_schedule_participants.booking_status is 'Status of the booking';
comment on column public.v_schedule_participants.user_email is 'Buyer''s user name';
comment on column public.v_schedule_participants.first_name is 'Buyer''s first name';
comment on column public.v_schedule_participants.last_name is 'Buyer''s last name';
comment on column public.v_schedule_participants.booking_id is 'Booking';
comment on column public.v_schedule_participants.is_active is 'Inactive participants have given up their place';
comment on column public.v_schedule_participants.starts_at is 'Instant of the start';
