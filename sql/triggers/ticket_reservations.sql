-- Triggers of ticket_reservations: the counters follow every statement.
create or replace trigger count_seats_inserted
after insert on public.ticket_reservations
referencing new table as new_rows
for each statement execute function ticketdb.count_seats();
create or replace trigger count_seats_updated
after update on public.ticket_reservations
referencing old table as old_rows new table as new_rows
for each statement execute function ticketdb.count_seats();
create or replace trigger count_seats_deleted
after delete on public.ticket_reservations
referencing old table as old_rows
for each statement execute function ticketdb.count_seats();
