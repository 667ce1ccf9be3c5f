-- Takes out 0026_waiting_list. No cascade: what somebody built on it must make this fail.

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/check_limits.sql
-- Refuses an order that is bigger than one order, or one user's orders together, may be. The user stays locked until his
-- order is written, so that two of his orders at once are counted one after the other. Called wherever seats are taken for an order.
-- locks: users, where a limit per user stands
-- raises: invalid_quantity, limit_per_user
create or replace function ticketdb.check_limits(
    p_schedule_id int,
    p_quantity int,
    p_user_id int,
    p_max_per_order int,
    p_limit_per_user int,
    p_but bigint default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_has int;
begin
    if p_quantity > p_max_per_order then
        perform ticketdb.raise_error(
            'invalid_quantity',
            format('%s tickets are more than the %s of one order', p_quantity, p_max_per_order),
            'Ask for fewer tickets.',
            jsonb_build_object('requested', p_quantity, 'max_per_order', p_max_per_order)
        );
    end if;
    if p_limit_per_user is null or p_user_id is null then
        return;
    end if;
    perform from public.users as u where u.id = p_user_id for no key update;
    select coalesce(sum(r.quantity), 0)::int into v_has
    from public.ticket_reservations as r
    where r.user_id = p_user_id and r.schedule_id = p_schedule_id and r.id is distinct from p_but
      and (r.status = 'confirmed' or r.status = 'held' and r.expires_at > clock_timestamp());
    if v_has + p_quantity > p_limit_per_user then
        perform ticketdb.raise_error(
            'limit_per_user',
            format(
                'user %s has %s tickets of schedule %s and cannot have %s more: the limit is %s',
                p_user_id, v_has, p_schedule_id, p_quantity, p_limit_per_user
            ),
            'Ask for fewer tickets, or release a hold.',
            jsonb_build_object(
                'requested', p_quantity, 'has', v_has, 'limit_per_user', p_limit_per_user,
                'available', greatest(p_limit_per_user - v_has, 0)
            )
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_limits(int, int, int, int, int, bigint) from public;
comment on function ticketdb.check_limits(int, int, int, int, int, bigint) is
'Refuse an order above a limit

p_max_per_order, p_limit_per_user: null means no limit; a guest has no limit of his own. p_but: a reservation that does not
count, for it is the one that changes.';
-- <<< sql/functions/check_limits.sql

-- >>> sql/functions/count_seats.sql
-- Keeps the seat counters: adds up what a statement changed in ticket_reservations and moves it, occurrence by occurrence and
-- bucket by bucket in ascending order. Called by trigger after every update and delete, so that the counters follow
-- whoever writes. A row without a bucket has no seats yet: assign_bucket finds it some.
-- locks: for each occurrence ticketdb.seat_buckets; where a bucket has no room, as open_type_buckets and gather_seats; then
--        event_schedules, where sold seats move
-- raises: invalid_argument (isolation), sold_out, ticket_type_sold_out
create or replace function ticketdb.count_seats()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedules int[];
    v_types int[];
    v_buckets int[];
    v_held int[];
    v_sold int[];
    v_move record;
    -- a function in an expression costs less than a query for it
    v_done boolean;
begin
    select
        array_agg(o.schedule_id), array_agg(o.ticket_type_id), array_agg(o.bucket),
        array_agg(case when o.status = 'held' then -o.quantity else 0 end),
        array_agg(case when o.status = 'confirmed' then -o.quantity else 0 end)
    into v_schedules, v_types, v_buckets, v_held, v_sold
    from old_rows as o
    where o.bucket is not null;
    if tg_op = 'UPDATE' then
        select
            v_schedules || array_agg(n.schedule_id), v_types || array_agg(n.ticket_type_id),
            v_buckets || array_agg(n.bucket),
            v_held || array_agg(case when n.status = 'held' then n.quantity else 0 end),
            v_sold || array_agg(case when n.status = 'confirmed' then n.quantity else 0 end)
        into v_schedules, v_types, v_buckets, v_held, v_sold
        from new_rows as n
        where n.bucket is not null;
    end if;

    for v_move in
        select
            d.schedule_id,
            case when grouping(d.ticket_type_id) = 1 then 0 else d.ticket_type_id end as ticket_type_id,
            d.bucket,
            sum(d.held)::int as held,
            sum(d.sold)::int as sold,
            case when lead(d.schedule_id) over w is distinct from d.schedule_id then
                sum(case when grouping(d.ticket_type_id) = 1 then sum(d.sold) end) over (partition by d.schedule_id)
            end::int as sold_on_schedule
        from unnest(v_schedules, v_types, v_buckets, v_held, v_sold) as d (schedule_id, ticket_type_id, bucket, held, sold)
        group by grouping sets ((d.schedule_id, d.bucket), (d.schedule_id, d.ticket_type_id, d.bucket))
        having (grouping(d.ticket_type_id) = 1 or d.ticket_type_id is not null)
           and (sum(d.held) <> 0 or sum(d.sold) <> 0)
        window w as (order by d.schedule_id, grouping(d.ticket_type_id) desc, d.ticket_type_id, d.bucket)
        order by d.schedule_id, grouping(d.ticket_type_id) desc, d.ticket_type_id, d.bucket
    loop
        -- here, for a statement that moves no seat may run at any level: a user who is deleted leaves his reservations
        v_done := ticketdb.require_read_committed();
        if not ticketdb.move_seats(
            v_move.schedule_id, v_move.ticket_type_id, v_move.bucket, v_move.held, v_move.sold
        ) then
            perform ticketdb.open_buckets(v_move.schedule_id);
            if v_move.ticket_type_id <> 0 then
                perform ticketdb.open_type_buckets(v_move.schedule_id, v_move.ticket_type_id);
            end if;
            if not ticketdb.gather_seats(
                v_move.schedule_id, v_move.ticket_type_id, v_move.bucket, v_move.held + v_move.sold
            ) or not ticketdb.move_seats(
                v_move.schedule_id, v_move.ticket_type_id, v_move.bucket, v_move.held, v_move.sold
            ) then
                perform ticketdb.refuse_sold_out(
                    v_move.schedule_id, v_move.ticket_type_id, sum(b.capacity - b.held - b.sold)::int,
                    v_move.held + v_move.sold
                )
                from ticketdb.seat_buckets as b
                where b.schedule_id = v_move.schedule_id and b.ticket_type_id = v_move.ticket_type_id;
            end if;
        end if;
        -- last, for all sales of the occurrence share this row
        if v_move.sold_on_schedule <> 0 then
            v_done := ticketdb.count_sold_tickets(v_move.schedule_id, v_move.sold_on_schedule);
        end if;
    end loop;
    return null;
end
$$;
revoke execute on function ticketdb.count_seats() from public;
comment on function ticketdb.count_seats() is
'Trigger: keep seat_buckets and event_schedules.tickets_sold equal to ticket_reservations';
-- <<< sql/functions/count_seats.sql

-- >>> sql/functions/find_bucket.sql
-- Finds a bucket with room for a party and locks it: the own one of this connection if it can, so that buyers at the same time
-- meet in different ones, then any other, and where their seats are scattered or in lapsed holds it gathers them. Called before
-- seats are taken.
-- locks: as open_buckets, open_type_buckets; then as try_bucket or gather_seats
-- raises: what look_for_seats raises
create or replace function ticketdb.find_bucket(p_schedule_id int, p_ticket_type_id int, p_quantity int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_type constant int := coalesce(p_ticket_type_id, 0);
    v_seats record;
    v_patience int := 20;
begin
    loop
        v_seats := ticketdb.look_for_seats(p_schedule_id, v_type, p_quantity);
        if v_seats.own_bucket is null then
            perform ticketdb.open_buckets(p_schedule_id);
            continue;
        end if;
        if not v_seats.are_open then
            perform ticketdb.open_type_buckets(p_schedule_id, v_type);
            continue;
        end if;
        if v_seats.bucket_with_room is not null then
            if ticketdb.try_bucket(p_schedule_id, v_type, v_seats.bucket_with_room, p_quantity) then
                return v_seats.bucket_with_room;
            end if;
            continue;
        end if;

        -- as in try_bucket, no lock may stay behind where this does not come to an end
        begin
            if ticketdb.gather_seats(p_schedule_id, 0, v_seats.own_bucket, p_quantity)
                and (v_type = 0 or ticketdb.gather_seats(p_schedule_id, v_type, v_seats.own_bucket, p_quantity))
            then
                return v_seats.own_bucket;
            end if;
            raise sqlstate 'TD001';
        exception
            when sqlstate 'TD001' then null;
        end;
        -- a lapsed hold is just being paid: mostly that has ended in a moment. Who pays may wait for this very transaction, so
        -- there is no lock to wait for
        v_patience := v_patience - 1;
        if v_patience = 0 then
            if v_seats.free < p_quantity then
                perform ticketdb.refuse_sold_out(p_schedule_id, 0, v_seats.free, p_quantity);
            else
                perform ticketdb.refuse_sold_out(p_schedule_id, v_type, v_seats.free_of_type, p_quantity);
            end if;
        end if;
        perform pg_sleep(0.01);
    end loop;
end
$$;
revoke execute on function ticketdb.find_bucket(int, int, int) from public;
comment on function ticketdb.find_bucket(int, int, int) is
'Lock a bucket that has room for a party, and return its number

p_ticket_type_id may be null.';
-- <<< sql/functions/find_bucket.sql

-- >>> sql/functions/gather_seats.sql
-- Brings the seats for a party together in one bucket, taking back the seats of lapsed holds where they are needed. False means
-- that all buckets together, locked in order, do not have enough. Called when
-- no bucket has room for a party that would fit into all of them together.
-- locks: as lock_buckets, expire_lapsed_holds
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
    end loop;
    perform ticketdb.deal_seats(p_schedule_id, p_ticket_type_id, v_capacity, p_bucket, p_quantity, v_buckets);
    return true;
end
$$;
revoke execute on function ticketdb.gather_seats(int, int, int, int) from public;
comment on function ticketdb.gather_seats(int, int, int, int) is
'Bring the seats for a party together in one bucket; false where there are not enough

p_ticket_type_id: 0 means the whole occurrence.';
-- <<< sql/functions/gather_seats.sql

-- >>> sql/functions/look_for_seats.sql
-- Looks for seats for a party: a bucket that has room, or all of them together with what lapsed holds give back; what does not fit
-- into that is refused. Stable, so that all is counted in one snapshot, in which seats that somebody is just taking are still free:
-- nobody is refused while there is room, and whoever is refused has locked nothing, written nothing and waited for nobody.
-- Called by find_bucket, and ahead of any lock by take_offered_seats.
-- locks: none
-- raises: schedule_not_found, ticket_type_not_found, sold_out, ticket_type_sold_out
create or replace function ticketdb.look_for_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_quantity int,
    out own_bucket int,
    out bucket_with_room int,
    out free int,
    out free_of_type int,
    out are_open boolean
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_left int;
    v_left_of_type int;
begin
    select s.own_bucket, s.bucket_with_room, s.free, s.free_of_type, s.are_open
    into own_bucket, bucket_with_room, free, free_of_type, are_open
    from ticketdb.free_seats(p_schedule_id, p_ticket_type_id, p_quantity) as s;
    if bucket_with_room is not null and are_open then
        return;
    end if;

    if own_bucket is null then
        select s.max_tickets into free
        from public.event_schedules as s
        where s.id = p_schedule_id;
        if not found then
            perform ticketdb.refuse_schedule(p_schedule_id);
        end if;
    end if;
    v_left := free;
    if v_left < p_quantity then
        v_left := v_left + ticketdb.lapsed_seats(p_schedule_id);
    end if;
    if v_left < p_quantity then
        perform ticketdb.refuse_sold_out(p_schedule_id, 0, v_left, p_quantity);
    end if;
    if p_ticket_type_id <> 0 then
        v_left_of_type := ticketdb.type_seats(p_schedule_id, p_ticket_type_id);
        if v_left_of_type < p_quantity then
            perform ticketdb.refuse_sold_out(p_schedule_id, p_ticket_type_id, v_left_of_type, p_quantity);
        end if;
    end if;
end
$$;
revoke execute on function ticketdb.look_for_seats(int, int, int) from public;
comment on function ticketdb.look_for_seats(int, int, int) is
'Look for seats for a party

p_ticket_type_id: 0 means none. own_bucket is null where no bucket was made yet; are_open is false where the ticket type lacks one.';
-- <<< sql/functions/look_for_seats.sql

-- >>> sql/functions/maintain.sql
-- The daily round: whatever is late is done here, nothing waits for it. Seats come late, for their buckets stay locked until the
-- round is over. The inside of run_maintenance.
-- locks: event_schedules (new rows); ticket_reservations (passing over locked ones); as reclaim_lapsed_holds by schedule_id; then
--        event_schedules (passing over locked ones); then as renew_passes
-- raises: invalid_argument
create or replace function ticketdb.maintain(p_horizon_days int)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- of each kind of work, so that a round is short
    v_at_most constant int := 1000;
    v_generated bigint;
    v_completed bigint;
    v_deleted bigint;
    v_expired bigint;
    v_renewed int;
begin
    perform ticketdb.require_read_committed();
    if p_horizon_days is null or p_horizon_days not between 0 and 3650 then
        perform ticketdb.raise_error(
            'invalid_argument', format('a horizon of %s days', coalesce(p_horizon_days::text, 'null')),
            'Pass 0 to 3650 days.', jsonb_build_object('horizon_days', p_horizon_days)
        );
    end if;

    select coalesce(sum(public.generate_recurring_schedules(d.id, t.today, t.today + p_horizon_days)), 0) into v_generated
    from (
        select e.id, e.timezone
        from public.event_definitions as e
        where e.is_active and e.recurrence_type <> 'none'
        order by e.id
    ) as d
    cross join lateral (select (now() at time zone d.timezone)::date as today) as t;

    -- nothing was paid for them, no booking follows them, and no series begins with them
    delete from public.ticket_reservations as r
    where r.id in (
        select c.id
        from public.ticket_reservations as c
        where c.status in ('released', 'expired') and c.closed_at < now() - interval '90 days'
          and c.booking_id is null and c.participant_id is null
          and (c.series_id is null or c.series_id <> c.id)
          and not exists (select from public.ticket_payments as p where p.reservation_id = c.id)
          and not exists (select from public.event_tickets as t where t.reservation_id = c.id)
        order by c.closed_at
        limit v_at_most
        for update skip locked
    );
    get diagnostics v_deleted = row_count;

    select coalesce(sum(ticketdb.reclaim_lapsed_holds(h.schedule_id)), 0) into v_expired
    from (
        select distinct r.schedule_id
        from (
            select l.schedule_id
            from public.ticket_reservations as l
            where l.status = 'held' and l.expires_at <= clock_timestamp()
            limit v_at_most
        ) as r
        order by r.schedule_id
    ) as h;

    update public.event_schedules as s
    set status = 'completed'
    where s.id in (
        select o.id
        from public.event_schedules as o
        where o.status = 'scheduled' and o.ends_at <= now() and o.schedule_date <= current_date + 1
        order by o.id
        limit v_at_most
        for no key update skip locked
    );
    get diagnostics v_completed = row_count;

    -- each with a month of places, which stay locked
    v_renewed := ticketdb.renew_passes(50);

    return jsonb_build_object(
        'schedules_generated', v_generated, 'schedules_completed', v_completed, 'holds_deleted', v_deleted,
        'holds_expired', v_expired, 'passes_renewed', v_renewed
    );
end
$$;
revoke execute on function ticketdb.maintain(int) from public;
comment on function ticketdb.maintain(int) is 'Do what is late, a bounded number of each kind';
-- <<< sql/functions/maintain.sql

-- >>> sql/functions/resize_schedule.sql
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
    v_patience int := 20;
begin
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
        continue when ticketdb.expire_lapsed_holds(new.id, v_buckets) > 0;
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
-- <<< sql/functions/resize_schedule.sql

-- >>> sql/functions/verify_inventory.sql
-- Recomputes every counter from the rows it stands for. No row means all is well. Reads only, in one snapshot.
-- locks: none
-- raises: nothing
create or replace function public.verify_inventory()
returns table (schedule_id int, problem text, expected bigint, actual bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with seats as (
        -- one row for each bucket that reservations lie in: of the occurrence (0) and of each ticket type on it
        select
            r.schedule_id,
            r.bucket,
            case when grouping(r.ticket_type_id) = 1 then 0 else r.ticket_type_id end as ticket_type_id,
            coalesce(sum(r.quantity) filter (where r.status = 'held'), 0) as held,
            coalesce(sum(r.quantity) filter (where r.status = 'confirmed'), 0) as sold
        from public.ticket_reservations as r
        group by grouping sets ((r.schedule_id, r.bucket), (r.schedule_id, r.bucket, r.ticket_type_id))
        having grouping(r.ticket_type_id) = 1 or r.ticket_type_id is not null
    ),
    capacities as (
        select b.schedule_id, b.ticket_type_id, sum(b.capacity) as capacity
        from ticketdb.seat_buckets as b
        group by b.schedule_id, b.ticket_type_id
    ),
    schedules as (
        select s.id, s.status, s.max_tickets, s.tickets_sold, coalesce(c.capacity, s.max_tickets) as capacity, coalesce(n.sold, 0) as sold
        from public.event_schedules as s
        -- no bucket is made before the first reservation
        left join capacities as c on c.schedule_id = s.id and c.ticket_type_id = 0
        left join (
            select n.schedule_id, sum(n.sold) as sold from seats as n where n.ticket_type_id = 0 group by n.schedule_id
        ) as n on n.schedule_id = s.id
    ),
    buckets as (
        select
            coalesce(b.schedule_id, n.schedule_id) as schedule_id,
            case
                when coalesce(b.ticket_type_id, n.ticket_type_id) = 0 then ''
                else ' of ticket type ' || coalesce(b.ticket_type_id, n.ticket_type_id)
            end || coalesce(' in bucket ' || coalesce(b.bucket, n.bucket), ' without a bucket') as whose,
            b.held, b.sold, coalesce(n.held, 0) as held_now, coalesce(n.sold, 0) as sold_now
        from ticketdb.seat_buckets as b
        full join seats as n
            on n.schedule_id = b.schedule_id and n.ticket_type_id = b.ticket_type_id and n.bucket = b.bucket
    ),
    tickets as (
        select
            r.id, r.schedule_id,
            case when r.status = 'confirmed' then r.quantity else 0 end as due,
            count(t.id) filter (where t.status = 'valid') as valid
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        left join public.event_tickets as t on t.reservation_id = r.id
        group by r.id, s.ends_at
        -- an imported sale of an occurrence that was over needs no tickets
        having r.origin <> 'legacy' or s.ends_at > now() or count(t.id) > 0
    )
    select s.id, 'tickets_sold', s.sold, s.tickets_sold
    from schedules as s
    where s.tickets_sold <> s.sold
    union all
    select s.id, 'capacity', s.max_tickets, s.capacity
    from schedules as s
    -- one that cancel_schedule called off has no seat left
    where s.capacity is distinct from s.max_tickets and (s.status <> 'cancelled' or s.capacity > s.max_tickets)
    union all
    select s.id, 'oversold', s.max_tickets, s.sold
    from schedules as s
    where s.sold > s.max_tickets
    union all
    select b.schedule_id, 'seats held' || b.whose, b.held_now, b.held
    from buckets as b
    where coalesce(b.held, 0) <> b.held_now
    union all
    select b.schedule_id, 'seats sold' || b.whose, b.sold_now, b.sold
    from buckets as b
    where coalesce(b.sold, 0) <> b.sold_now
    union all
    select c.schedule_id, 'limit of ticket type ' || t.id, t.max_quantity, c.capacity
    from capacities as c
    inner join public.ticket_types as t on t.id = c.ticket_type_id
    where c.capacity is distinct from t.max_quantity
    union all
    select t.schedule_id, 'valid tickets of reservation ' || t.id, t.due, t.valid
    from tickets as t
    where t.valid <> t.due
    union all
    -- a pass as a whole is on no one occurrence
    select null, 'visits of pass ' || e.id, count(r.id), e.visits_used
    from public.event_passes as e
    left join public.ticket_reservations as r on r.pass_id = e.id and r.status in ('held', 'confirmed')
    where e.kind = 'visits'
    group by e.id
    having count(r.id) <> e.visits_used
    union all
    select r.schedule_id, 'place ' || r.id || ' of pass ' || e.id || ', which is ' || e.status, 0, r.quantity
    from public.ticket_reservations as r
    inner join public.event_passes as e on e.id = r.pass_id
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.status = 'confirmed' and e.status <> 'active'
      -- what had begun when it was cancelled stays used
      and (e.status <> 'cancelled' or s.starts_at > now())
    union all
    select p.schedule_id, p.problem, p.expected, p.actual
    from ticketdb.space_problems as p
    order by 1, 2;
$$;
revoke execute on function public.verify_inventory() from public;
comment on function public.verify_inventory() is
'Verify the inventory

Recomputes every counter from its rows and returns those that differ, schedule_id null where a booking has a space wrongly; no
row means all is well.';
-- <<< sql/functions/verify_inventory.sql

-- >>> sql/views/role_grants.sql
-- What each of PostgREST's roles may do with each object of ours: the one list from which rights are granted (grant_roles), documented
-- and tested. What is not here is granted to nobody. anon reads what is public; authenticated, besides, reserves for itself and gives up
-- what is its own, and row level security lets an admin manage events; service_role is the payment server.
create or replace view ticketdb.role_grants as
select
    g.kind,
    -- a schema is named with its dot
    rtrim(g.object, '.') as object,
    p.privilege,
    r.role_name,
    case
        when to_regrole(r.role_name) is null then false
        when g.kind = 'table' then has_table_privilege(r.role_name, g.object, p.privilege)
        when g.kind = 'sequence' then has_sequence_privilege(r.role_name, g.object, p.privilege)
        when g.kind = 'function' then has_function_privilege(r.role_name, g.object, p.privilege)
        else has_schema_privilege(r.role_name, rtrim(g.object, '.'), p.privilege)
    end as is_granted
from (
    values
    -- the events
    ('table', 'public.event_definitions', 'select', '{anon,authenticated,service_role}'::text[]),
    ('table', 'public.event_definitions', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.event_definitions_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.event_schedules', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.event_schedules', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.event_schedules_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.ticket_types', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.ticket_types', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.ticket_types_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.pass_types', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.pass_types', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.pass_types_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.v_event_availability', 'select', '{anon,authenticated,service_role}'),
    ('function', 'public.check_ticket_availability(int, int, int)', 'execute', '{anon,authenticated,service_role}'),
    -- the spaces
    ('table', 'public.v_space_calendar', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.v_space_conflicts', 'select', '{authenticated,service_role}'),
    ('function', 'public.get_available_time_slots(int, date, int, time, time)', 'execute', '{anon,authenticated,service_role}'),
    -- orders, written by functions alone
    ('table', 'public.ticket_reservations', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_payments', 'select', '{authenticated,service_role}'),
    ('table', 'public.event_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_schedule_participants', 'select', '{authenticated,service_role}'),
    ('function', 'public.reserve_tickets(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.reserve_series(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.release_reservation(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_reservation(bigint, text, numeric, jsonb)', 'execute', '{service_role}'),
    ('function', 'public.cancel_reservation(bigint, text)', 'execute', '{service_role}'),
    ('function', 'public.move_reservation(bigint, int)', 'execute', '{service_role}'),
    ('function', 'public.settle_refund(text, text, numeric)', 'execute', '{service_role}'),
    ('table', 'public.event_passes', 'select', '{authenticated,service_role}'),
    ('table', 'public.pass_pauses', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_event_passes', 'select', '{authenticated,service_role}'),
    ('function', 'public.buy_pass(int, date, int, boolean, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.redeem_pass(bigint, int)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.return_visit(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_pass(bigint, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.set_pass_renewal(bigint, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_pass(bigint, text, numeric)', 'execute', '{service_role}'),
    ('function', 'public.pause_pass(bigint, date, date)', 'execute', '{service_role}'),
    ('function', 'public.extend_pass(bigint, date)', 'execute', '{service_role}'),
    -- the house
    ('table', 'public.ticket_check_ins', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_notifications', 'select', '{authenticated,service_role}'),
    ('table', 'public.legacy_link_issues', 'select', '{authenticated,service_role}'),
    ('function', 'public.generate_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.preview_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.schedule_exceptions', 'select, insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.schedule_exceptions_id_seq', 'usage', '{authenticated,service_role}'),
    ('function', 'public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.move_schedule(int, date, time, time, int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_schedule(int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.check_in(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'public.run_maintenance(int)', 'execute', '{service_role}'),
    ('function', 'public.verify_inventory()', 'execute', '{service_role}'),
    -- the books
    ('table', 'public.ticket_audit_log', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_ticket_sales_by_event', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_revenue_by_event_type', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_refunds_due', 'select', '{authenticated,service_role}'),
    ('function', 'public.report_sales(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_revenue(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_attendance(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_occupancy(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_no_shows(date, date)', 'execute', '{authenticated,service_role}'),
    -- the inside, as far as views, policies, defaults and the faces above read it in the caller's name
    ('schema', 'ticketdb.', 'usage', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_sales', 'select', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_people', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sales_ledger', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.held_schedules', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sold_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.due_refunds', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.seat_buckets', 'select', '{service_role}'),
    ('function', 'ticketdb.caller_claims()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.caller_user_id()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.may_sell()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.is_staff()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.is_admin()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.raise_error(text, text, text, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.check_reservation_arguments(int, int, int, interval, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.describe_refusal(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.lapsed_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.local_instant(timestamp, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.time_before(timestamptz, interval, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_offer(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.reserve_for_caller(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.reserve_series_for_caller(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.release_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.call_off_as_admin(int, text)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.edit_schedules_as_admin(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.buy_pass_for_caller(int, date, int, boolean, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.redeem_pass_for_caller(bigint, int)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.return_visit_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.cancel_pass_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.set_pass_renewal_for_caller(bigint, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.pass_visits_left(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_staff()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_admin()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_schedule(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_settled(int, text, timestamptz)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_unknown_space(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.check_report_period(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.check_recurrence_arguments(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.definition_occurrences(int, date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.schedule_instants(date, time, time, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_read_committed()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.database_time_zone()', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.space_calendar', 'select', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.check_slot_arguments(int, date, int, time, time)', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.space_overlaps', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.space_problems', 'select', '{service_role}'),
    ('function', 'ticketdb.booking_takes_space(bigint, text, text, boolean, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.occurrence_conflicts(int, date, date)', 'execute', '{authenticated,service_role}'),
    -- the inside of selling, for anybody
    ('function', 'ticketdb.hold_tickets(int, int, int, int, interval, jsonb, text, jsonb, int, numeric, bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_tickets_once(int, int, int, int, interval, jsonb, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.reservation_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_series(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.series_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.release_hold(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.confirm_payment(bigint, text, numeric, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.cancel_sale(bigint, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.sale_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.call_off_schedule(int, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.edit_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{service_role}'),
    ('function', 'ticketdb.move_sale(bigint, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.record_refund(text, text, numeric)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_pass(int, date, int, boolean, text, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.pay_pass(bigint, text, numeric)', 'execute', '{service_role}'),
    ('function', 'ticketdb.take_visit(bigint, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.give_visit_back(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.suspend_pass(bigint, date, date)', 'execute', '{service_role}'),
    ('function', 'ticketdb.prolong_pass(bigint, date)', 'execute', '{service_role}'),
    ('function', 'ticketdb.close_pass(bigint, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.change_renewal(bigint, boolean)', 'execute', '{service_role}'),
    ('function', 'ticketdb.pass_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.visit_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'ticketdb.maintain(int)', 'execute', '{service_role}')
) as g (kind, object, privileges, roles)
cross join unnest(string_to_array(g.privileges, ', ')) as p (privilege)
cross join unnest(g.roles) as r (role_name);
revoke all on ticketdb.role_grants from public;
comment on view ticketdb.role_grants is 'Rights of PostgREST''s roles on each object of ours';
comment on column ticketdb.role_grants.kind is 'table (a view too), sequence, function or schema';
comment on column ticketdb.role_grants.object is 'Object, as grant names it';
comment on column ticketdb.role_grants.privilege is 'Privilege, as grant names it';
comment on column ticketdb.role_grants.role_name is 'Role: anon, authenticated or service_role';
comment on column ticketdb.role_grants.is_granted is 'Whether the role exists and has the privilege';
-- <<< sql/views/role_grants.sql

-- >>> sql/views/schedule_sales.sql
-- What schedule_offers says of an occurrence, and how many seats are left. It runs with its owner's rights, so that everybody
-- counts everybody's holds; it gives numbers only. Read by the availability view and wherever seats are counted for people.
create or replace view ticketdb.schedule_sales as
select
    o.schedule_id,
    o.event_definition_id,
    o.ticket_price,
    o.refusal,
    b.held - l.lapsed as seats_held,
    o.max_tickets - o.tickets_sold - b.held + l.lapsed as seats_left,
    o.opens_at,
    o.closes_at,
    o.max_per_order,
    o.limit_per_user
from ticketdb.schedule_offers as o
cross join lateral (
    select coalesce(sum(sb.held), 0)::int as held
    from ticketdb.seat_buckets as sb
    where sb.schedule_id = o.schedule_id and sb.ticket_type_id = 0
) as b
cross join lateral (
    select case when b.held > 0 then ticketdb.lapsed_seats(o.schedule_id) else 0 end as lapsed
) as l;
revoke all on ticketdb.schedule_sales from public;
comment on view ticketdb.schedule_sales is
'Whether an occurrence is on sale, at what price, and how many seats are left';
comment on column ticketdb.schedule_sales.schedule_id is 'Occurrence';
comment on column ticketdb.schedule_sales.event_definition_id is 'Its event';
comment on column ticketdb.schedule_sales.ticket_price is 'Price of one ticket without a ticket type';
comment on column ticketdb.schedule_sales.refusal is 'Reason for which nothing is sold; null while on sale';
comment on column ticketdb.schedule_sales.seats_held is 'Seats of live holds';
comment on column ticketdb.schedule_sales.seats_left is 'Seats neither sold nor in a live hold';
comment on column ticketdb.schedule_sales.opens_at is 'When the sale opens; null means it always was open';
comment on column ticketdb.schedule_sales.closes_at is 'When the sale closes; null means when the occurrence ends';
comment on column ticketdb.schedule_sales.max_per_order is 'Most tickets in one order; null means no limit';
comment on column ticketdb.schedule_sales.limit_per_user is 'Most tickets of one user; null means no limit';
-- <<< sql/views/schedule_sales.sql

drop trigger close_waitlist on public.event_schedules;
drop trigger offer_more_seats on public.event_schedules;
drop trigger offer_deleted_seats on public.ticket_reservations;
drop trigger offer_freed_seats on public.ticket_reservations;
drop trigger follow_deleted_offer on public.ticket_reservations;
drop trigger follow_offer on public.ticket_reservations;
drop view public.v_waitlist;
drop function ticketdb.watch_waitlist;
drop function ticketdb.waitlist_receipt;
drop function ticketdb.waitlist_position;
drop function ticketdb.servable_waitlists;
drop function ticketdb.seats_past_waitlist;
drop function ticketdb.refuse_waitlist_entry;
drop function ticketdb.quit_waitlist;
drop function ticketdb.offer_seats;
drop function ticketdb.offer_freed_seats;
drop function ticketdb.make_offer;
drop function ticketdb.lock_occurrence;
drop function public.leave_waitlist;
drop function ticketdb.leave_for_caller;
drop function public.join_waitlist;
drop function ticketdb.join_for_caller;
drop function ticketdb.follow_offer;
drop function ticketdb.enter_waitlist;
drop function ticketdb.default_offer_time;
drop function ticketdb.close_waitlists;
drop function ticketdb.close_waitlist;
drop function ticketdb.change_waitlist_entry;
-- <<< generated

drop table public.event_waitlist;
alter table public.event_definitions drop column waitlist_offer_time;
