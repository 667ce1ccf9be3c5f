-- Trigger of ticket_audit_log: it only grows.
create or replace trigger refuse_rewrite
before update or delete or truncate on public.ticket_audit_log
for each statement execute function ticketdb.refuse_rewrite();
