-- Who comes: those linked to an occurrence, and those whom only the occurrence's own booking links to it, as long as they are linked to
-- no other occurrence. It reads the application's tables with its owner's rights, and shows each caller no more than he may see:
-- staff everybody, a signed-in buyer himself. Read by v_schedule_participants.
create or replace view ticketdb.schedule_people
with (security_barrier = true)
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
left join public.users as u on u.id = pp.user_id
where (select ticketdb.is_staff()) or pp.user_id = (select ticketdb.caller_user_id());
revoke all on ticketdb.schedule_people from public;
comment on view ticketdb.schedule_people is
'The participants of each occurrence, as far as the caller may see them';
comment on column ticketdb.schedule_people.schedule_id is 'Occurrence';
comment on column ticketdb.schedule_people.schedule_date is 'Local date of the occurrence';
comment on column ticketdb.schedule_people.event_title is 'Title of the event';
comment on column ticketdb.schedule_people.event_type is 'Type of the event';
comment on column ticketdb.schedule_people.participant_id is 'Participant';
comment on column ticketdb.schedule_people.name is 'Name';
comment on column ticketdb.schedule_people.mobile is 'Mobile number';
comment on column ticketdb.schedule_people.ticket_quantity is 'Tickets of this participant';
comment on column ticketdb.schedule_people.amount_paid is 'What this participant paid';
comment on column ticketdb.schedule_people.is_verified is 'Whether the participant was let in';
comment on column ticketdb.schedule_people.scan_count is 'How often the ticket was scanned';
comment on column ticketdb.schedule_people.joined_at is 'When the participant was entered';
comment on column ticketdb.schedule_people.booking_reference is 'Reference of the booking';
comment on column ticketdb.schedule_people.booking_status is 'Status of the booking';
comment on column ticketdb.schedule_people.user_email is 'Buyer''s user name';
comment on column ticketdb.schedule_people.first_name is 'Buyer''s first name';
comment on column ticketdb.schedule_people.last_name is 'Buyer''s last name';
comment on column ticketdb.schedule_people.booking_id is 'Booking';
comment on column ticketdb.schedule_people.is_active is 'Inactive participants have given up their place';
comment on column ticketdb.schedule_people.starts_at is 'Instant of the start';
