-- Deals a new capacity over the buckets of an occurrence, or that of a cancelled one that is put on again, or refuses it where more is
-- sold and held. Its row is locked already,
-- and every sale that ends waits for that row with its bucket locked: so this waits for no bucket, but makes do with those that it
-- can have. Where these are not enough it looks again for a moment. Called by trigger before the capacity is written, for an error
-- that says what is wrong, and after it, for what other triggers made of the row.
-- locks: event_schedules (by the write itself); ticketdb.seat_buckets, ticket_reservations (passing over locked ones)
-- raises: invalid_argument (isolation), capacity_below_sold; lock_not_available
create or replace function ticketdb.resize_schedule()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_buckets int[];
    v_seats record;
    v_expired int;
    v_setting text;
    v_patience int := 20;
begin
    if new.max_tickets = old.max_tickets and (old.status <> 'cancelled' or new.status = 'cancelled') then
        return new;
    end if;
    perform ticketdb.require_read_committed();
    loop
        select array_agg(l.bucket) into v_buckets
        from (
            select b.bucket
            from ticketdb.seat_buckets as b
            where b.schedule_id = new.id and b.ticket_type_id = 0
            order by b.bucket
            for no key update skip locked
        ) as l;
        -- only whoever has the occurrence locked changes the sum of its capacities
        select
            new.max_tickets - sum(b.capacity) as more,
            sum(b.sold) as sold,
            sum(b.held) as held,
            coalesce(sum(b.capacity) filter (where b.bucket = any (v_buckets)), 0) as capacity,
            coalesce(sum(b.capacity - b.held - b.sold) filter (where b.bucket = any (v_buckets)), 0) as free,
            count(*)::int as buckets
        into v_seats
        from ticketdb.seat_buckets as b
        where b.schedule_id = new.id and b.ticket_type_id = 0;
        -- nothing was ever sold, or it is done
        if coalesce(v_seats.more, 0) = 0 then
            return new;
        end if;
        exit when v_seats.free + v_seats.more >= 0;
        -- tells watch_waitlist to wait for no bucket
        v_setting := set_config('ticketdb.resizing', new.id::text, true);
        v_expired := ticketdb.expire_lapsed_holds(new.id, v_buckets);
        v_setting := set_config('ticketdb.resizing', '', true);
        continue when v_expired > 0;
        v_patience := v_patience - 1;
        if v_seats.sold + v_seats.held - ticketdb.lapsed_seats(new.id) > new.max_tickets
            and (v_seats.buckets = cardinality(v_buckets) or v_patience = 0)
        then
            perform ticketdb.raise_error(
                'capacity_below_sold',
                format(
                    'capacity of schedule %s cannot become %s: %s sold and %s held',
                    new.id, new.max_tickets, v_seats.sold, v_seats.held
                ),
                'Cancel reservations first, or wait until holds lapse.',
                jsonb_build_object('sold', v_seats.sold, 'held', v_seats.held, 'requested', new.max_tickets)
            );
        end if;
        if v_patience = 0 then
            raise lock_not_available using
                message = format('seats of schedule %s are just being sold', new.id),
                hint = 'Change its capacity again in a moment.';
        end if;
        perform pg_sleep(0.01);
    end loop;

    -- more seats, more buckets, and one in any case where all others are locked; those of the ticket types follow when they are
    -- needed (open_type_buckets)
    with made as (
        insert into ticketdb.seat_buckets (schedule_id, bucket, capacity)
        select new.id, n.bucket, 0
        from generate_series(
            1, greatest(ticketdb.bucket_count(new.max_tickets) - 1, case when v_buckets is null then v_seats.buckets end)
        ) as n (bucket)
        -- not "on conflict": that would wait for whoever has the row
        where not exists (
            select from ticketdb.seat_buckets as b
            where b.schedule_id = new.id and b.ticket_type_id = 0 and b.bucket = n.bucket
        )
        returning bucket
    )
    select v_buckets || array_agg(m.bucket) into v_buckets
    from made as m;
    perform ticketdb.deal_seats(new.id, 0, (v_seats.capacity + v_seats.more)::int, 0, 0, v_buckets);
    return new;
end
$$;
revoke execute on function ticketdb.resize_schedule() from public;
comment on function ticketdb.resize_schedule() is 'Trigger: deal a new capacity over the buckets of an occurrence';
