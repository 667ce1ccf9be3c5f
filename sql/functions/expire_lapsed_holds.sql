-- Expires lapsed holds of one occurrence, the oldest first and a bounded number at a time. It waits for no reservation: one that
-- somebody else has locked is being paid or given up just now. Called with the buckets locked, by reclaim_lapsed_holds and
-- resize_schedule.
-- locks: ticket_reservations (out of order, and therefore passing over locked ones); ticketdb.seat_buckets (by the caller)
-- raises: nothing
create or replace function ticketdb.expire_lapsed_holds(p_schedule_id int, p_buckets int[], p_limit int default 100)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids bigint[];
begin
    select array_agg(h.id) into v_ids
    from (
        select r.id
        from public.ticket_reservations as r
        where r.schedule_id = p_schedule_id and r.status = 'held' and r.expires_at <= clock_timestamp()
          and r.bucket = any (p_buckets)
        order by r.expires_at
        limit p_limit
        for no key update skip locked
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
revoke execute on function ticketdb.expire_lapsed_holds(int, int[], int) from public;
comment on function ticketdb.expire_lapsed_holds(int, int[], int) is
'Expire lapsed holds of some buckets; returns how many

p_limit: at most so many.';
