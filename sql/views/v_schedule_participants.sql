-- Who comes: the seed's columns in the seed's order, then ours. Also those whom only the occurrence's own booking links to it,
-- as long as they are linked to no other occurrence.
create or replace view public.v_schedule_participants
with (security_invoker = true)
as
select
    es.id as schedule_id,
    es.schedule_date,
    ed.title as event_title,
    ed.event_type,
    pp.id as participant_id,
    pp.name,
    pp.mobile,
    pp.ticket_quantity,
    pp.amount_paid,
    pp.is_verified,
    pp.scan_count,
    pp.joined_at,
    b.booking_reference,
    b.status as booking_status,
    u.username as user_email,
    u.first_name,
    u.last_name,
    pp.booking_id,
    pp.is_active,
    es.starts_at
from public.event_schedules as es
inner join public.event_definitions as ed on ed.id = es.event_definition_id
cross join lateral (
    select
        p.id, p.user_id, p.booking_id, p.name, p.mobile, p.ticket_quantity, p.amount_paid, p.is_verified,
        p.scan_count, p.joined_at, p.is_active
    from public.program_participants as p
    where p.event_schedule_id = es.id
    union all
    select
        p.id, p.user_id, p.booking_id, p.name, p.mobile, p.ticket_quantity, p.amount_paid, p.is_verified,
        p.scan_count, p.joined_at, p.is_active
    from public.program_participants as p
    where p.booking_id = es.booking_id and p.event_schedule_id is null
) as pp
left join public.bookings as b on b.id = pp.booking_id
left join public.users as u on u.id = pp.user_id;
revoke all on public.v_schedule_participants from public;
comment on view public.v_schedule_participants is
'Schedule participants

The participants of each occurrence, linked to it or to the booking that announced it.';
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
