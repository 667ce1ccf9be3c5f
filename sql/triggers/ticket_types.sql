-- Trigger of ticket_types: a new limit reaches the seat pools.
create or replace trigger resize_ticket_type
before update of max_quantity on public.ticket_types
for each row when (new.max_quantity is distinct from old.max_quantity)
execute function ticketdb.resize_ticket_type();
