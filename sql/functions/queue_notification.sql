-- Puts a message to the buyer of a reservation into the outbox, in the transaction of what it tells. Called by whatever
-- happens to a reservation.
-- locks: ticket_notifications (new row)
-- raises: nothing
create or replace function ticketdb.queue_notification(
    p_kind text,
    p_reservation_id bigint,
    p_details jsonb default '{}',
    p_once_key text default null,
    p_due_at timestamptz default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.ticket_notifications (kind, reservation_id, details, once_key, due_at)
    values (p_kind, p_reservation_id, p_details, p_once_key, coalesce(p_due_at, clock_timestamp()))
    on conflict do nothing;
end
$$;
revoke execute on function ticketdb.queue_notification(text, bigint, jsonb, text, timestamptz) from public;
comment on function ticketdb.queue_notification(text, bigint, jsonb, text, timestamptz) is
'Put a message to the buyer of a reservation into the outbox

p_kind: see ticket_notifications; p_details: what the reservation does not say; p_once_key: said once; p_due_at: not before,
null means now.';
