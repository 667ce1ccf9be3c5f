-- Puts a message back into the outbox: one that was given up, or one that is to be sent once more. For staff, whose right to the
-- row is that of the table.
-- locks: ticket_notifications
-- raises: not_allowed, invalid_argument
create or replace function public.retry_notification(p_id bigint)
returns table (notification_id bigint, status text, attempts int, due_at timestamptz)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_staff();
    perform ticketdb.require_read_committed();
    -- one that is claimed is under way
    update public.ticket_notifications as n
    set status = 'pending', attempts = 0, due_at = clock_timestamp(), completed_at = null
    where n.id = p_id and n.lease_id is null;
    return query
    select n.id, n.status, n.attempts, n.due_at
    from public.ticket_notifications as n
    where n.id = p_id;
    if not found then
        perform ticketdb.raise_error(
            'invalid_argument', format('there is no notification %s', coalesce(p_id::text, 'null')),
            'Look it up in ticket_notifications.', jsonb_build_object('notification_id', p_id)
        );
    end if;
end
$$;
revoke execute on function public.retry_notification(bigint) from public;
comment on function public.retry_notification(bigint) is
'Retry a notification

Puts message p_id back into the outbox with all its attempts before it: a dead one, or a sent one that is to be sent again. One that
is claimed just now is left alone. Errors: not_allowed, invalid_argument.';
