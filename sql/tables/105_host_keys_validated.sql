-- Foreign keys of the application's tables, checked against the rows that are there. Writers go on meanwhile.

alter table public.bookings validate constraint ticketdb_event_schedule_id;
alter table public.bookings validate constraint ticketdb_event_definition_id;
alter table public.bookings validate constraint ticketdb_ticket_type_id;
alter table public.program_participants validate constraint ticketdb_event_schedule_id;
alter table public.program_participants validate constraint ticketdb_event_definition_id;
