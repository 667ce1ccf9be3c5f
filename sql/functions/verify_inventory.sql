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
        -- one row for each pool that the reservations ask for: the occurrence (0) and each ticket type on it
        select
            r.schedule_id,
            case when grouping(r.ticket_type_id) = 1 then 0 else r.ticket_type_id end as ticket_type_id,
            coalesce(sum(r.quantity) filter (where r.status = 'held'), 0) as held,
            coalesce(sum(r.quantity) filter (where r.status = 'confirmed'), 0) as sold
        from public.ticket_reservations as r
        group by grouping sets ((r.schedule_id), (r.schedule_id, r.ticket_type_id))
        having grouping(r.ticket_type_id) = 1 or r.ticket_type_id is not null
    ),
    schedules as (
        select s.id, s.max_tickets, s.tickets_sold, p.capacity, coalesce(n.sold, 0) as sold
        from public.event_schedules as s
        left join ticketdb.seat_pools as p on p.schedule_id = s.id and p.ticket_type_id = 0
        left join seats as n on n.schedule_id = s.id and n.ticket_type_id = 0
    ),
    pools as (
        select
            coalesce(p.schedule_id, n.schedule_id) as schedule_id,
            case
                when coalesce(p.ticket_type_id, n.ticket_type_id) = 0 then ''
                else ' of ticket type ' || coalesce(p.ticket_type_id, n.ticket_type_id)
            end as whose,
            p.capacity, p.held, p.sold, coalesce(n.held, 0) as held_now, coalesce(n.sold, 0) as sold_now
        from ticketdb.seat_pools as p
        full join seats as n on n.schedule_id = p.schedule_id and n.ticket_type_id = p.ticket_type_id
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
    where s.capacity is distinct from s.max_tickets
    union all
    select s.id, 'oversold', s.max_tickets, s.sold
    from schedules as s
    where s.sold > s.max_tickets
    union all
    select p.schedule_id, 'seats held' || p.whose, p.held_now, p.held
    from pools as p
    where coalesce(p.held, 0) <> p.held_now
    union all
    select p.schedule_id, 'seats sold' || p.whose, p.sold_now, p.sold
    from pools as p
    where coalesce(p.sold, 0) <> p.sold_now
    union all
    select p.schedule_id, 'limit of ticket type ' || t.id, t.max_quantity, p.capacity
    from ticketdb.seat_pools as p
    inner join public.ticket_types as t on t.id = p.ticket_type_id
    where p.capacity is distinct from t.max_quantity
    union all
    select t.schedule_id, 'valid tickets of reservation ' || t.id, t.due, t.valid
    from tickets as t
    where t.valid <> t.due
    order by 1, 2;
$$;
revoke execute on function public.verify_inventory() from public;
comment on function public.verify_inventory() is
'Verify the inventory

Recomputes every counter from its rows and returns those that differ; no row means all is well.';
