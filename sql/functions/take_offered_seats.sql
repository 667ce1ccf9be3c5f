-- Takes seats for an order at the price of the moment, or says why it cannot have them. First the fast path of a hot sale: one
-- statement that takes them from this connection's own bucket. Where that finds nothing, for whatever reason, it looks closely.
-- The inner transaction gives back a lock that was waited for in vain, as in try_bucket. Called by hold_tickets and hold_series.
-- locks: ticketdb.seat_buckets (one); where that does not serve, as check_limits and take_seats
-- raises: what find_offer, check_limits and take_seats raise
create or replace function ticketdb.take_offered_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_quantity int,
    p_user_id int,
    out bucket int,
    out price numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_offer record;
    v_seats record;
begin
    if p_ticket_type_id is null then
        begin
            update ticketdb.seat_buckets as b
            set held = b.held + p_quantity
            from ticketdb.schedule_offers as o
            where o.schedule_id = p_schedule_id
              and o.refusal is null
              and (o.max_per_order is null or o.max_per_order >= p_quantity)
              and (o.limit_per_user is null or p_user_id is null)
              and b.schedule_id = p_schedule_id
              and b.ticket_type_id = 0
              and b.bucket = pg_backend_pid() % ticketdb.bucket_count(o.max_tickets)
              and b.held + b.sold + p_quantity <= b.capacity
            returning b.bucket, o.ticket_price into bucket, price;
            if found then
                return;
            end if;
            raise sqlstate 'TD001';
        exception
            when sqlstate 'TD001' then null;
        end;
    end if;
    v_offer := ticketdb.find_offer(p_schedule_id, p_ticket_type_id);
    if v_offer.limit_per_user is not null and p_user_id is not null or p_quantity > v_offer.max_per_order then
        -- ahead of what check_limits locks or refuses: who comes too late waits for nobody, not even for another order of his own.
        -- Any other order is looked at once, by find_bucket
        v_seats := ticketdb.look_for_seats(p_schedule_id, coalesce(p_ticket_type_id, 0), p_quantity);
    end if;
    perform ticketdb.check_limits(
        p_schedule_id, p_quantity, p_user_id, v_offer.max_per_order, v_offer.limit_per_user
    );
    bucket := ticketdb.take_seats(p_schedule_id, p_ticket_type_id, p_quantity);
    price := v_offer.price;
end
$$;
revoke execute on function ticketdb.take_offered_seats(int, int, int, int) from public;
comment on function ticketdb.take_offered_seats(int, int, int, int) is
'Take seats for an order; returns their bucket and the price of one

p_ticket_type_id, p_user_id may be null.';
