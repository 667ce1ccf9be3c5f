-- Locks all buckets of an occurrence, in order, until the end of the transaction, and returns their numbers: nobody else moves
-- one of its seats meanwhile, for whoever moves seats of a ticket type holds a bucket of the occurrence. Called by whoever
-- must know all of them.
-- locks: ticketdb.seat_buckets
-- raises: nothing
create or replace function ticketdb.lock_buckets(p_schedule_id int)
returns int[]
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(l.bucket)
    from (
        select b.bucket
        from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
        order by b.bucket
        for no key update
    ) as l;
$$;
revoke execute on function ticketdb.lock_buckets(int) from public;
comment on function ticketdb.lock_buckets(int) is
'Lock all buckets of an occurrence until the end of the transaction; returns their numbers';
