-- Triggers of ticket_reservations: the counters follow every statement; none passes them by. Changes of sales are logged. Who bought
-- is told, unless the sale was imported as it stood; of a place of a pass, its buyer is told by whatever takes it.
create or replace trigger refuse_truncate
before truncate on public.ticket_reservations
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger assign_bucket_inserted
after insert on public.ticket_reservations
for each row when (new.bucket is null)
execute function ticketdb.assign_bucket();
create or replace trigger assign_bucket_updated
after update on public.ticket_reservations
for each row when (
    new.status in ('held', 'confirmed') and new.bucket is null
    or new.status not in ('held', 'confirmed')
    and (new.schedule_id, new.ticket_type_id) is distinct from (old.schedule_id, old.ticket_type_id)
)
execute function ticketdb.assign_bucket();
create or replace trigger count_visits_inserted
after insert on public.ticket_reservations
for each row when (new.pass_id is not null)
execute function ticketdb.count_visits();
create or replace trigger count_visits_updated
after update on public.ticket_reservations
for each row when (
    new.pass_id is not null and new.origin = 'pass'
    and (new.status <> old.status or old.pass_id is null)
)
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
for each row when (
    old.status = 'confirmed'
    and (new.status, new.schedule_id, new.ticket_type_id, new.user_id, new.quantity, new.total_amount)
    is distinct from (old.status, old.schedule_id, old.ticket_type_id, old.user_id, old.quantity, old.total_amount)
)
execute function ticketdb.log_change('contact', 'request', 'bucket');
create or replace trigger tell_of_sale_inserted
after insert on public.ticket_reservations
for each row when (new.status = 'confirmed' and new.origin not in ('legacy', 'pass'))
execute function ticketdb.tell_of_sale();
create or replace trigger tell_of_sale_updated
after update on public.ticket_reservations
for each row when (
    new.status = 'confirmed' and old.status <> 'confirmed' and new.origin <> 'pass'
    and (new.origin <> 'legacy' or new.confirmed_at is distinct from old.confirmed_at)
)
execute function ticketdb.tell_of_sale();
