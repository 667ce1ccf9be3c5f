-- Deals the seats of an occurrence, or of a ticket type on it, over its buckets anew: each keeps what is held and sold there,
-- one gets what a party needs, and the rest is spread evenly over as many buckets as so few seats deserve, that one first.
-- The writer of capacity, which move_seats alone lowers besides, of what was called off. Called when buckets are made, capacity or
-- limit changes, or a party's seats are scattered.
-- locks: ticketdb.seat_buckets (by the caller)
-- raises: nothing
create or replace function ticketdb.deal_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_capacity int,
    p_bucket int,
    p_quantity int,
    p_buckets int[] default null
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with buckets as (
        select
            b.bucket,
            b.held + b.sold as taken,
            row_number() over (order by b.bucket < p_bucket, b.bucket) - 1 as turn,
            (p_capacity - p_quantity - sum(b.held + b.sold) over ())::int as spare
        from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id
          and (p_buckets is null or b.bucket = any (p_buckets))
    ),
    dealt as (
        select
            d.bucket,
            case when p_capacity is not null then
                d.taken
                + case when d.turn = 0 then p_quantity else 0 end
                + case when d.turn < d.shares then d.spare / d.shares else 0 end
                + case when d.turn < d.spare % d.shares then 1 else 0 end
            end as capacity
        from (
            select b.*, least(ticketdb.bucket_count(b.spare), count(*) over ()) as shares
            from buckets as b
        ) as d
    )
    update ticketdb.seat_buckets as b
    set capacity = d.capacity
    from dealt as d
    where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id and b.bucket = d.bucket
      and b.capacity is distinct from d.capacity;
$$;
revoke execute on function ticketdb.deal_seats(int, int, int, int, int, int[]) from public;
comment on function ticketdb.deal_seats(int, int, int, int, int, int[]) is
'Deal seats over the buckets anew

p_ticket_type_id: 0 means the whole occurrence; p_capacity: seats in all, null for no limit; p_bucket, p_quantity: the bucket
that must have so many free; p_buckets: only among these, p_capacity being theirs.';
