-- Trigger of pass_types: log changes.
create or replace trigger log_change
after insert or update or delete on public.pass_types
for each row execute function ticketdb.log_change();
