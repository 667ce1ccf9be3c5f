-- Brings the seats for a party together in one bucket, taking back the seats of lapsed holds where they are needed. False means
-- that all buckets together, locked in order, do not have enough. Called when
-- no bucket has room for a party that would fit into all of them together.
-- locks: as lock_buckets, expire_lapsed_holds, offer_seats
-- raises: nothing
create or replace function ticketdb.gather_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_bucket int,
    p_quantity int
)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- one that is added meanwhile is somebody else's to lock
    v_buckets constant int[] := ticketdb.lock_buckets(p_schedule_id);
    v_capacity int;
    v_free int;
begin
    loop
        select sum(b.capacity)::int, sum(b.capacity - b.held - b.sold)::int into v_capacity, v_free
        from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id and b.bucket = any (v_buckets);
        -- no limit has no sum
        exit when v_free >= p_quantity or v_free is null;
        if ticketdb.expire_lapsed_holds(p_schedule_id, v_buckets) = 0 then
            return false;
        end if;
        -- those who wait for them come first
        perform ticketdb.offer_seats(p_schedule_id);
    end loop;
    perform ticketdb.deal_seats(p_schedule_id, p_ticket_type_id, v_capacity, p_bucket, p_quantity, v_buckets);
    return true;
end
$$;
revoke execute on function ticketdb.gather_seats(int, int, int, int) from public;
comment on function ticketdb.gather_seats(int, int, int, int) is
'Bring the seats for a party together in one bucket; false where there are not enough

p_ticket_type_id: 0 means the whole occurrence.';
