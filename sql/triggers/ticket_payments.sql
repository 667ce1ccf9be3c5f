-- Triggers of ticket_payments: none of its rows goes unseen; refunds are noted, changes logged, and who has money to get back is told. The
-- functions look at what changed: a condition would cost a sale more than the call (see ticket_reservations).
create or replace trigger refuse_truncate
before truncate on public.ticket_payments
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger note_refund
after insert or update on public.ticket_payments
for each row execute function ticketdb.note_refund();
-- a new row is a payment that arrived, and tells by itself
create or replace trigger log_change
after update or delete on public.ticket_payments
for each row execute function ticketdb.log_change();
create or replace trigger tell_of_refund
after insert or update on public.ticket_payments
for each row when (new.refund_due > 0)
execute function ticketdb.tell_of_refund();
