-- What stands on a ticket, as ticket_cards says.
create or replace view public.v_tickets
with (security_invoker = true)
as
select
    c.ticket_id,
    c.ticket_code,
    c.status,
    c.reservation_id,
    c.reservation_code,
    c.event_code,
    c.title,
    c.schedule_id,
    c.schedule_date,
    c.start_time,
    c.end_time,
    c.starts_at,
    c.ends_at,
    c.timezone,
    c.schedule_status,
    c.venue_name,
    c.space_name,
    c.ticket_type,
    c.name,
    c.admission_policy,
    c.max_entries,
    c.scan_count,
    c.first_scanned_at,
    c.extra_days
from ticketdb.ticket_cards as c;
revoke all on public.v_tickets from public;
comment on view public.v_tickets is
'Tickets as shown

What stands on each ticket: event, time, place, name and state. Staff see every ticket, a signed-in buyer his own.';
comment on column public.v_tickets.ticket_id is 'Ticket';
comment on column public.v_tickets.ticket_code is 'Code that the ticket carries';
comment on column public.v_tickets.status is 'valid, or void after a cancellation';
comment on column public.v_tickets.reservation_id is 'Reservation it was sold with';
comment on column public.v_tickets.reservation_code is 'Code of the reservation';
comment on column public.v_tickets.event_code is 'Code of the event';
comment on column public.v_tickets.title is 'Title of the event';
comment on column public.v_tickets.schedule_id is 'Occurrence';
comment on column public.v_tickets.schedule_date is 'Local date on which it starts';
comment on column public.v_tickets.start_time is 'Local start time';
comment on column public.v_tickets.end_time is 'Local end time';
comment on column public.v_tickets.starts_at is 'Instant of the start';
comment on column public.v_tickets.ends_at is 'Instant of the end';
comment on column public.v_tickets.timezone is 'IANA name of the zone of the local times';
comment on column public.v_tickets.schedule_status is 'scheduled, cancelled or completed';
comment on column public.v_tickets.venue_name is 'Venue';
comment on column public.v_tickets.space_name is 'Space';
comment on column public.v_tickets.ticket_type is 'Ticket type; null where it has none';
comment on column public.v_tickets.name is 'Person it admits, else the buyer';
comment on column public.v_tickets.admission_policy is 'How often it admits: once, n_entries, once_a_day or in_and_out';
comment on column public.v_tickets.max_entries is 'How often where the policy is n_entries';
comment on column public.v_tickets.scan_count is 'How often it was scanned';
comment on column public.v_tickets.first_scanned_at is 'When its holder was admitted; null until then';
comment on column public.v_tickets.extra_days is 'Full days that it lasts beyond what end_time says';
