-- Triggers of ticket_types: a new limit reaches the buckets; a type with reservations stays; changes are logged.
create or replace trigger resize_ticket_type
before update of max_quantity on public.ticket_types
for each row when (new.max_quantity is distinct from old.max_quantity)
execute function ticketdb.resize_ticket_type();
create or replace trigger refuse_reserved
before delete on public.ticket_types
for each row execute function ticketdb.refuse_reserved();
create or replace trigger log_change
after insert or update or delete on public.ticket_types
for each row execute function ticketdb.log_change();
