-- Takes out 0002.

-- >>> generated: `make freeze` writes what stands between these lines
drop table public.legacy_link_issues;
drop table ticketdb.seat_pools;
drop table public.event_tickets;
drop table public.ticket_payments;
drop table public.ticket_reservations;
drop table public.ticket_types;
drop table public.event_schedules;
drop table public.event_definitions;
drop function ticketdb.new_reservation_code;
drop function ticketdb.database_time_zone;
-- <<< generated
