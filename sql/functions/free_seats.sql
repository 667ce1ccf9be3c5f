-- One look at all buckets of an occurrence, without a lock and in one snapshot: how many seats are free in all, of a ticket type
-- too, and a bucket that has room for a party, the own one of this connection before any other; and whether every bucket has one of
-- the type. Seats that somebody is
-- just taking count as free, so that too many are never refused. Called by look_for_seats.
-- locks: none
-- raises: nothing
create or replace function ticketdb.free_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_quantity int,
    out own_bucket int,
    out bucket_with_room int,
    out free int,
    out free_of_type int,
    out are_open boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with buckets as (
        select
            b.bucket,
            b.capacity - b.held - b.sold as free,
            -- without a limit of its own a type has as many as there are
            case when p_ticket_type_id <> 0 then t.capacity - t.held - t.sold end as free_of_type,
            p_ticket_type_id = 0 or t.bucket is not null as is_open,
            (pg_backend_pid() % count(*) over ())::int as own_bucket
        from ticketdb.seat_buckets as b
        left join ticketdb.seat_buckets as t
            on t.schedule_id = b.schedule_id and t.ticket_type_id = p_ticket_type_id and t.bucket = b.bucket
        where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
    )
    select
        max(b.own_bucket),
        (
            array_agg(b.bucket order by b.bucket <> b.own_bucket, random())
            filter (where b.free >= p_quantity and coalesce(b.free_of_type, b.free) >= p_quantity)
        )[1],
        sum(b.free),
        sum(b.free_of_type),
        bool_and(b.is_open)
    from buckets as b;
$$;
revoke execute on function ticketdb.free_seats(int, int, int) from public;
comment on function ticketdb.free_seats(int, int, int) is
'Free seats of an occurrence and of a ticket type on it, and a bucket with room for a party

p_ticket_type_id: 0 means none. free_of_type is null without a limit.';
