-- Triggers of ticket_payments: none of its rows goes unseen; refunds are noted, changes logged, and who has money to get back is told.
create or replace trigger refuse_truncate
before truncate on public.ticket_payments
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger note_new_refund
after insert on public.ticket_payments
for each row when (new.refund_due + new.refunded <> 0)
execute function ticketdb.note_refund();
create or replace trigger note_refund
after update on public.ticket_payments
for each row when (new.refund_due + new.refunded <> old.refund_due + old.refunded)
execute function ticketdb.note_refund();
-- a new row is a payment that arrived, and tells by itself
create or replace trigger log_change
after update or delete on public.ticket_payments
for each row execute function ticketdb.log_change();
create or replace trigger tell_of_refund_inserted
after insert on public.ticket_payments
for each row when (new.refund_due > 0)
execute function ticketdb.tell_of_refund();
create or replace trigger tell_of_refund_updated
after update on public.ticket_payments
for each row when (new.refund_due > old.refund_due)
execute function ticketdb.tell_of_refund();
