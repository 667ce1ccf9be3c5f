-- Up to 128 buckets for an occurrence instead of 64: 128 buyers at once no longer meet in pairs. Where seats of a big house were dealt
-- already, they are dealt anew.

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/bucket_count.sql
-- Over how many buckets so many seats are dealt. More buckets let more buyers in at once; fewer let a party find its seats in
-- one. Sixteen seats a bucket, and no more than 128 buckets: docs/performance.md has the measurements.
-- locks: none
-- raises: nothing
create or replace function ticketdb.bucket_count(p_seats int)
returns int
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return least(greatest(p_seats / 16, 1), 128);
end
$$;
revoke execute on function ticketdb.bucket_count(int) from public;
comment on function ticketdb.bucket_count(int) is 'Over how many buckets so many seats are dealt';
-- <<< sql/functions/bucket_count.sql

-- >>> sql/functions/hold_tickets.sql
-- Takes tickets out of sale until they are paid or the hold lapses. The inside of reserve_tickets and of each occurrence of
-- reserve_series; the trigger on bookings calls it for the application's pending bookings. First the fast path of a hot sale:
-- one statement that takes seats from this connection's own bucket. Where that finds none, for whatever reason,
-- take_offered_seats looks closely. Every buyer of a hot sale pays for every statement and every call in here, so there are few.
-- locks: ticketdb.seat_buckets (one); where that does not serve, as take_offered_seats
-- raises: invalid_quantity, invalid_argument, and what take_offered_seats raises
create or replace function ticketdb.hold_tickets(
    p_schedule_id int,
    p_quantity int,
    p_ticket_type_id int,
    p_user_id int,
    p_hold_for interval,
    p_contact jsonb,
    p_idempotency_key text default null,
    p_request jsonb default null,
    p_booking_id int default null,
    p_total_amount numeric default null,
    p_series_id bigint default null,
    out reservation_id bigint,
    out reservation_code text,
    out unit_price numeric,
    out total_amount numeric,
    out expires_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hold_for constant interval := coalesce(p_hold_for, ticketdb.default_hold());
    v_bucket int;
    v_taken record;
begin
    -- a plain order of a guest cannot be wrong; any other is looked at
    if (
        current_setting('transaction_isolation') = 'read committed' and p_schedule_id is not null
        and p_quantity between 1 and 10000 and num_nonnulls(p_user_id, p_hold_for, p_contact) = 0
    ) is not true then
        perform ticketdb.require_read_committed();
        perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity, p_user_id, v_hold_for, p_contact);
    end if;

    if p_ticket_type_id is null then
        -- the inner transaction gives back a lock that was waited for in vain, as in try_bucket
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
              -- bucket_count, written out: the call would cost as much as finding the row. A wrong guess finds none
              and b.bucket = pg_backend_pid() % least(greatest(o.max_tickets / 16, 1), 128)
              and b.held + b.sold + p_quantity <= b.capacity
            returning b.bucket, o.ticket_price into v_bucket, unit_price;
            if not found then
                raise sqlstate 'TD001';
            end if;
        exception
            when sqlstate 'TD001' then null;
        end;
    end if;
    if v_bucket is null then
        v_taken := ticketdb.take_offered_seats(p_schedule_id, p_ticket_type_id, p_quantity, p_user_id);
        v_bucket := v_taken.bucket;
        unit_price := v_taken.price;
    end if;

    total_amount := case
        when p_total_amount is not null then p_total_amount
        when p_quantity = 1 then unit_price
        else ticketdb.total_price(unit_price, p_quantity)
    end;
    expires_at := clock_timestamp() + v_hold_for;
    insert into public.ticket_reservations as r (
        schedule_id, ticket_type_id, user_id, booking_id, quantity, unit_price, total_amount, expires_at, origin,
        idempotency_key, request, contact, bucket, series_id
    )
    values (
        p_schedule_id, p_ticket_type_id, p_user_id, p_booking_id, p_quantity, hold_tickets.unit_price,
        hold_tickets.total_amount, hold_tickets.expires_at,
        case when p_booking_id is null then 'api' else 'booking' end,
        p_idempotency_key, p_request, p_contact, v_bucket, p_series_id
    )
    returning r.id, r.reservation_code into reservation_id, reservation_code;
end
$$;
revoke execute on function ticketdb.hold_tickets(
    int, int, int, int, interval, jsonb, text, jsonb, int, numeric, bigint
) from public;
comment on function ticketdb.hold_tickets(
    int, int, int, int, interval, jsonb, text, jsonb, int, numeric, bigint
) is
'Hold tickets

p_hold_for: default 15 minutes; p_total_amount: default quantity times price; p_booking_id: the application''s booking;
p_series_id: first reservation of the series that it belongs to.';
-- <<< sql/functions/hold_tickets.sql
-- <<< generated

do $$
declare
    v_schedule record;
begin
    for v_schedule in
        select s.id, s.max_tickets
        from public.event_schedules as s
        where s.max_tickets >= 64 * 16
          and exists (select from ticketdb.seat_buckets as b where b.schedule_id = s.id and b.ticket_type_id = 0)
        order by s.id
    loop
        perform ticketdb.lock_buckets(v_schedule.id);
        insert into ticketdb.seat_buckets (schedule_id, bucket, capacity)
        select v_schedule.id, n.bucket, 0
        from generate_series(0, ticketdb.bucket_count(v_schedule.max_tickets) - 1) as n (bucket)
        on conflict on constraint seat_buckets_pkey do nothing;
        perform ticketdb.deal_seats(v_schedule.id, 0, v_schedule.max_tickets, 0, 0);
    end loop;
end
$$;
