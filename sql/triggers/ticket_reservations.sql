-- Triggers of ticket_reservations: the counters follow every statement; none passes them by. Changes of sales are logged. Who bought
-- is told, unless the sale was imported as it stood; of a place of a pass, its buyer is told by whatever takes it. A condition is
-- prepared anew for every statement, at 2 us a comparison, ten times what a row costs: these say as little as keeps a function out of
-- the way of a sale, and the function looks at the rest.
create or replace trigger refuse_truncate
before truncate on public.ticket_reservations
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger assign_bucket_inserted
after insert on public.ticket_reservations
for each row when (new.bucket is null)
execute function ticketdb.assign_bucket();
create or replace trigger assign_bucket_updated
after update on public.ticket_reservations
for each row when (new.bucket is null or new.status <> 'confirmed')
execute function ticketdb.assign_bucket();
create or replace trigger count_visits
after insert or update on public.ticket_reservations
for each row when (new.pass_id is not null)
execute function ticketdb.count_visits();
create or replace trigger count_visits_deleted
after delete on public.ticket_reservations
for each row when (old.pass_id is not null)
execute function ticketdb.count_visits();
create or replace trigger count_seats_updated
after update on public.ticket_reservations
referencing old table as old_rows new table as new_rows
for each statement execute function ticketdb.count_seats();
create or replace trigger count_seats_deleted
after delete on public.ticket_reservations
referencing old table as old_rows
for each statement execute function ticketdb.count_seats();
-- only what becomes of a sale: holds and payments are many, and their rows tell by themselves
create or replace trigger log_change
after update on public.ticket_reservations
for each row when (old.status = 'confirmed')
execute function ticketdb.log_change(
    'contact', 'request', 'bucket', 'booking_id', 'participant_id', 'pass_id', 'participants_problem'
);
create or replace trigger tell_of_sale
after insert or update on public.ticket_reservations
for each row when (new.status = 'confirmed')
execute function ticketdb.tell_of_sale();
