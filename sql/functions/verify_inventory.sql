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
    -- a place in a waiting list says what its hold says
    select e.schedule_id, 'tickets offered to waiting list ' || e.id, e.quantity, coalesce(r.quantity, 0)
    from public.event_waitlist as e
    left join public.ticket_reservations as r on r.id = e.reservation_id and r.status = 'held'
    where case when e.status = 'offered' then e.quantity else 0 end <> coalesce(r.quantity, 0)
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
