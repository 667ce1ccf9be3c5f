-- Takes out 0008.

alter table public.program_participants alter constraint ticketdb_event_schedule_id not deferrable;
alter table public.program_participants alter constraint ticketdb_event_definition_id not deferrable;
