-- Deletes messages that were sent, skipped or given up 90 days ago. A step of the daily round.
-- locks: ticket_notifications (passing over locked ones)
-- raises: nothing
create or replace function ticketdb.purge_notifications(p_limit int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids constant bigint[] := array(
        select n.id
        from public.ticket_notifications as n
        where n.completed_at < now() - interval '90 days'
        order by n.completed_at
        limit p_limit
        for update skip locked
    );
begin
    delete from public.ticket_notifications as n
    where n.id = any (v_ids);
    return cardinality(v_ids);
end
$$;
revoke execute on function ticketdb.purge_notifications(int) from public;
comment on function ticketdb.purge_notifications(int) is
'Delete messages that were sent, skipped or given up 90 days ago; returns how many

p_limit: at most so many.';
