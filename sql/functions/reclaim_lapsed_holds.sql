-- Takes the seats of lapsed holds of one occurrence back, the oldest first and a bounded number at a time. Called by whoever
-- needs the seats. With p_wait it waits for holds that somebody else has locked, so that a sweep that is under way cannot make
-- a buyer miss a seat; a caller that holds a later lock already must not wait.
-- locks: ticket_reservations by id, then ticketdb.seat_pools (by trigger)
-- raises: nothing
create or replace function ticketdb.reclaim_lapsed_holds(
    p_schedule_id int,
    p_limit int default 100,
    p_wait boolean default true
)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids bigint[];
begin
    if p_wait then
        select array_agg(h.id) into v_ids
        from (
            select r.id
            from public.ticket_reservations as r
            where r.schedule_id = p_schedule_id and r.status = 'held' and r.expires_at <= clock_timestamp()
            order by r.id
            limit p_limit
            for update
        ) as h;
    else
        select array_agg(h.id) into v_ids
        from (
            select r.id
            from public.ticket_reservations as r
            where r.schedule_id = p_schedule_id and r.status = 'held' and r.expires_at <= clock_timestamp()
            order by r.id
            limit p_limit
            for update skip locked
        ) as h;
    end if;
    if v_ids is null then
        return 0;
    end if;
    update public.ticket_reservations as r
    set status = 'expired', closed_at = clock_timestamp()
    where r.id = any (v_ids);
    return cardinality(v_ids);
end
$$;
revoke execute on function ticketdb.reclaim_lapsed_holds(int, int, boolean) from public;
comment on function ticketdb.reclaim_lapsed_holds(int, int, boolean) is
'Expire lapsed holds of an occurrence; returns how many

p_limit: at most so many; p_wait: wait for locked ones rather than pass over them.';
