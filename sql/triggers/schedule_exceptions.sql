-- Trigger of schedule_exceptions: log changes.
create or replace trigger log_change
after insert or update or delete on public.schedule_exceptions
for each row execute function ticketdb.log_change();
