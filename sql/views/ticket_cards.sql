-- What stands on a ticket. It reads the application's tables with its owner's rights, and shows each caller no more than he may
-- see: staff every ticket, a signed-in buyer his own. Read by v_tickets.
create or replace view ticketdb.ticket_cards
with (security_barrier = true)
as
select
    t.id as ticket_id,
    t.ticket_code,
    t.status,
    r.id as reservation_id,
    r.reservation_code,
    d.event_code,
    d.title,
    s.id as schedule_id,
    s.schedule_date,
    s.start_time,
    s.end_time,
    s.starts_at,
    s.ends_at,
    d.timezone,
    s.status as schedule_status,
    -- the application's tables: that they have a name is likely, and not ours to demand
    to_jsonb(v) ->> 'name' as venue_name,
    to_jsonb(sp) ->> 'name' as space_name,
    k.name as ticket_type,
    coalesce(pp.name, r.contact ->> 'name', nullif(concat_ws(' ', u.first_name, u.last_name), '')) as name,
    d.admission_policy,
    d.max_entries,
    t.scan_count,
    t.first_scanned_at,
    s.extra_days
from public.event_tickets as t
inner join public.ticket_reservations as r on r.id = t.reservation_id
inner join public.event_schedules as s on s.id = r.schedule_id
inner join public.event_definitions as d on d.id = s.event_definition_id
left join public.ticket_types as k on k.id = r.ticket_type_id
left join public.spaces as sp on sp.id = coalesce(s.space_id, d.space_id)
left join public.venues as v on v.id = d.venue_id
left join public.program_participants as pp on pp.id = t.participant_id
left join public.users as u on u.id = r.user_id
where (select ticketdb.is_staff()) or r.user_id = (select ticketdb.caller_user_id());
revoke all on ticketdb.ticket_cards from public;
comment on view ticketdb.ticket_cards is
'What stands on each ticket, as far as the caller may see it';
comment on column ticketdb.ticket_cards.ticket_id is 'Ticket';
comment on column ticketdb.ticket_cards.ticket_code is 'Code that the ticket carries';
comment on column ticketdb.ticket_cards.status is 'valid, or void after a cancellation';
comment on column ticketdb.ticket_cards.reservation_id is 'Reservation it was sold with';
comment on column ticketdb.ticket_cards.reservation_code is 'Code of the reservation';
comment on column ticketdb.ticket_cards.event_code is 'Code of the event';
comment on column ticketdb.ticket_cards.title is 'Title of the event';
comment on column ticketdb.ticket_cards.schedule_id is 'Occurrence';
comment on column ticketdb.ticket_cards.schedule_date is 'Local date on which it starts';
comment on column ticketdb.ticket_cards.start_time is 'Local start time';
comment on column ticketdb.ticket_cards.end_time is 'Local end time';
comment on column ticketdb.ticket_cards.starts_at is 'Instant of the start';
comment on column ticketdb.ticket_cards.ends_at is 'Instant of the end';
comment on column ticketdb.ticket_cards.timezone is 'IANA name of the zone of the local times';
comment on column ticketdb.ticket_cards.schedule_status is 'scheduled, cancelled or completed';
comment on column ticketdb.ticket_cards.venue_name is 'Venue';
comment on column ticketdb.ticket_cards.space_name is 'Space';
comment on column ticketdb.ticket_cards.ticket_type is 'Ticket type; null where it has none';
comment on column ticketdb.ticket_cards.name is 'Person it admits, else the buyer';
comment on column ticketdb.ticket_cards.admission_policy is 'How often it admits: once, n_entries, once_a_day or in_and_out';
comment on column ticketdb.ticket_cards.max_entries is 'How often where the policy is n_entries';
comment on column ticketdb.ticket_cards.scan_count is 'How often it was scanned';
comment on column ticketdb.ticket_cards.first_scanned_at is 'When its holder was admitted; null until then';
comment on column ticketdb.ticket_cards.extra_days is 'Full days that it lasts beyond what end_time says';
