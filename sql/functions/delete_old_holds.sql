-- Deletes holds that came to nothing 90 days ago: nothing was paid for them, no booking follows them, and no series begins with them.
-- A step of the daily round.
-- locks: ticket_reservations (passing over locked ones)
-- raises: nothing
create or replace function ticketdb.delete_old_holds(p_limit int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids constant bigint[] := array(
        select c.id
        from public.ticket_reservations as c
        where c.status in ('released', 'expired') and c.closed_at < now() - interval '90 days'
          and c.booking_id is null and c.participant_id is null
          and (c.series_id is null or c.series_id <> c.id)
          and not exists (select from public.ticket_payments as p where p.reservation_id = c.id)
          and not exists (select from public.event_tickets as t where t.reservation_id = c.id)
        order by c.closed_at
        limit p_limit
        for update skip locked
    );
begin
    delete from public.ticket_reservations as r
    where r.id = any (v_ids);
    return cardinality(v_ids);
end
$$;
revoke execute on function ticketdb.delete_old_holds(int) from public;
comment on function ticketdb.delete_old_holds(int) is
'Delete holds that came to nothing 90 days ago; returns how many

p_limit: at most so many.';
