-- Takes down what became of a claimed message: sent, or failed and to be tried again after a pause that doubles, or given up. A claim
-- that another has replaced changes nothing. The inside of complete_notification.
-- locks: ticket_notifications
-- raises: invalid_argument
create or replace function ticketdb.settle_notification(
    p_id bigint,
    p_lease_id uuid,
    p_error text,
    out notification_id bigint,
    out status text,
    out attempts int,
    out due_at timestamptz,
    out is_counted boolean
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := clock_timestamp();
begin
    perform ticketdb.require_read_committed();
    update public.ticket_notifications as n
    set status = case
            when p_error is null then 'sent' when n.attempts >= ticketdb.most_attempts() then 'dead' else 'pending'
        end,
        completed_at = case when p_error is null or n.attempts >= ticketdb.most_attempts() then v_now end,
        due_at = v_now + interval '1 minute' * power(2, n.attempts - 1),
        last_error = left(p_error, 2000),
        lease_id = null
    where n.id = p_id and n.lease_id = p_lease_id and n.status = 'pending';
    is_counted := found;

    select n.id, n.status, n.attempts, n.due_at into notification_id, status, attempts, due_at
    from public.ticket_notifications as n
    where n.id = p_id;
    if not found then
        perform ticketdb.raise_error(
            'invalid_argument', format('there is no notification %s', coalesce(p_id::text, 'null')),
            'Pass notification_id and lease_id as claim_notifications returned them.',
            jsonb_build_object('notification_id', p_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.settle_notification(bigint, uuid, text) from public;
comment on function ticketdb.settle_notification(bigint, uuid, text) is
'Take down what became of a claimed message

p_error: what went wrong; null means that it is sent.';
