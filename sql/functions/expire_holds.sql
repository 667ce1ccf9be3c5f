-- Expires lapsed holds, a bounded number of each of a bounded number of occurrences, and offers what is free to those who wait: each
-- occurrence once, in order, for its buckets stay locked until the round is over. A step of the daily round.
-- locks: as reclaim_lapsed_holds and offer_seats, by schedule_id
-- raises: lock_not_available
create or replace function ticketdb.expire_holds(p_limit int, out holds_expired bigint, out waitlist_offers bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select coalesce(sum(e.expired), 0), coalesce(sum(o.offered), 0) into holds_expired, waitlist_offers
    from (
        select r.schedule_id
        from (
            select l.schedule_id
            from public.ticket_reservations as l
            where l.status = 'held' and l.expires_at <= clock_timestamp()
            limit p_limit
        ) as r
        union
        select w.schedule_id from ticketdb.servable_waitlists(p_limit) as w
        order by 1
    ) as h
    cross join lateral (select ticketdb.reclaim_lapsed_holds(h.schedule_id) as expired) as e
    -- named, so that it comes second
    cross join lateral (select ticketdb.offer_seats(h.schedule_id) as offered where e.expired is not null) as o;
end
$$;
revoke execute on function ticketdb.expire_holds(int) from public;
comment on function ticketdb.expire_holds(int) is
'Expire lapsed holds and offer what is free to those who wait; returns how many of each

p_limit: of so many at most it looks of which occurrence they are.';
