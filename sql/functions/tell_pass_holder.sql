-- Puts a message to the buyer of a pass as a whole into the outbox, in the transaction of what it tells; of one place of it,
-- queue_notification does. Called by whatever happens to a pass.
-- locks: ticket_notifications (new row)
-- raises: nothing
create or replace function ticketdb.tell_pass_holder(p_kind text, p_pass_id bigint, p_details jsonb default '{}')
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.ticket_notifications (kind, pass_id, details)
    values (p_kind, p_pass_id, p_details);
end
$$;
revoke execute on function ticketdb.tell_pass_holder(text, bigint, jsonb) from public;
comment on function ticketdb.tell_pass_holder(text, bigint, jsonb) is
'Put a message to the buyer of a pass into the outbox

p_kind: see ticket_notifications; p_details: what the pass does not say.';
