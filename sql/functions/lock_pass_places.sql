-- Locks the places of a pass that may change, before any seat moves. Called with the pass locked, so that no place comes besides.
-- locks: event_passes (by the caller), ticket_reservations
-- raises: nothing
create or replace function ticketdb.lock_pass_places(p_pass_id bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform
    from public.ticket_reservations as r
    where r.pass_id = p_pass_id
    order by r.id
    for no key update;
end
$$;
revoke execute on function ticketdb.lock_pass_places(bigint) from public;
comment on function ticketdb.lock_pass_places(bigint) is 'Lock the places of a pass';
