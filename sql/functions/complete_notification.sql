-- The face of completing a message, for whoever has claimed it.
-- locks, raises: as settle_notification
create or replace function public.complete_notification(p_id bigint, p_lease_id uuid, p_error text default null)
returns table (notification_id bigint, status text, attempts int, due_at timestamptz, is_counted boolean)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select s.notification_id, s.status, s.attempts, s.due_at, s.is_counted
    from ticketdb.settle_notification(p_id, p_lease_id, p_error) as s;
end
$$;
revoke execute on function public.complete_notification(bigint, uuid, text) from public;
comment on function public.complete_notification(bigint, uuid, text) is
'Complete a notification

Says what became of message p_id that was claimed as p_lease_id: sent, or failed if p_error says why. After a failure it is due again
in a minute, then in two, and so on; after the tenth it is dead. Returns its status, and in is_counted whether this call changed
it: a claim that has run out and been replaced changes nothing, nor does a repetition. Errors: invalid_argument.';
