-- Takes the seats of lapsed holds of one occurrence back, the oldest first and a bounded number at a time. Called by whoever
-- needs the seats.
-- locks: event_schedules, ticket_reservations by id, then (by trigger) ticketdb.seat_pools
-- raises: nothing
create or replace function ticketdb.reclaim_lapsed_holds(p_schedule_id int, p_limit int default 100)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids bigint[];
begin
    perform ticketdb.lock_schedule(p_schedule_id);
    select array_agg(h.id) into v_ids
    from (
        select r.id
        from public.ticket_reservations as r
        where r.schedule_id = p_schedule_id and r.status = 'held' and r.expires_at <= clock_timestamp()
        order by r.id
        limit p_limit
        for update
    ) as h;
    if v_ids is null then
        return 0;
    end if;
    update public.ticket_reservations as r
    set status = 'expired', closed_at = clock_timestamp()
    where r.id = any (v_ids);
    return cardinality(v_ids);
end
$$;
revoke execute on function ticketdb.reclaim_lapsed_holds(int, int) from public;
comment on function ticketdb.reclaim_lapsed_holds(int, int) is
'Expire lapsed holds of an occurrence; returns how many

p_limit: at most so many.';
