-- Trigger of ticket_payments: none of its rows goes unseen.
create or replace trigger refuse_truncate
before truncate on public.ticket_payments
for each statement execute function ticketdb.refuse_truncate();
