-- Trigger of event_tickets: none of its rows goes unseen.
create or replace trigger refuse_truncate
before truncate on public.event_tickets
for each statement execute function ticketdb.refuse_truncate();
