-- Whoever confirms a sale writes its participants before the occurrence's own row, which all sales share. Checked at once, the
-- foreign keys would lock that row earlier, and with every other sale: they are checked at the end of the transaction.

alter table public.program_participants alter constraint ticketdb_event_schedule_id deferrable initially deferred;
alter table public.program_participants alter constraint ticketdb_event_definition_id deferrable initially deferred;
