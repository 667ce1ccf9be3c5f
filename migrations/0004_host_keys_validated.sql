-- In a transaction of its own, for the scan takes time.

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/tables/105_host_keys_validated.sql
-- Foreign keys of the application's tables, checked against the rows that are there. Writers go on meanwhile.

alter table public.bookings validate constraint ticketdb_event_schedule_id;
alter table public.bookings validate constraint ticketdb_event_definition_id;
alter table public.bookings validate constraint ticketdb_ticket_type_id;
alter table public.program_participants validate constraint ticketdb_event_schedule_id;
alter table public.program_participants validate constraint ticketdb_event_definition_id;
-- <<< sql/tables/105_host_keys_validated.sql
-- <<< generated
