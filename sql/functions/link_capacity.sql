-- Makes room for imported sales: an occurrence that was sold above its capacity keeps the truth, and an issue has both numbers.
-- Called by the steps of link_legacy_data just before they insert sales. The pools stay locked until then, so that nobody takes
-- the room away.
-- locks: event_schedules, then ticketdb.seat_pools, by schedule_id
-- raises: nothing
create or replace function ticketdb.link_capacity(p_schedules int[], p_quantities bigint[])
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform from public.event_schedules as s where s.id = any (p_schedules) order by s.id for no key update;
    perform from ticketdb.seat_pools as p
    where p.schedule_id = any (p_schedules) and p.ticket_type_id = 0
    order by p.schedule_id
    for no key update;

    with oversold as (
        select p.schedule_id, p.capacity, p.sold + n.quantity as sold, p.held + p.sold + n.quantity as needed
        from unnest(p_schedules, p_quantities) as n (schedule_id, quantity)
        inner join ticketdb.seat_pools as p on p.schedule_id = n.schedule_id and p.ticket_type_id = 0
        where p.held + p.sold + n.quantity > p.capacity
    ),
    raised as (
        update public.event_schedules as s
        set max_tickets = o.needed
        from oversold as o
        where s.id = o.schedule_id
        returning s.id, s.booking_id, o.capacity, o.sold
    )
    insert into public.legacy_link_issues as i (source_table, source_id, problem, detail)
    select
        -- a show is one booking, a class many occurrences
        case when b.booking_type = 'daily' then 'event_schedules' else 'bookings' end,
        case when b.booking_type = 'daily' then r.id else r.booking_id end,
        'oversold',
        jsonb_build_object('capacity', r.capacity, 'sold', r.sold, 'schedule_id', r.id)
    from raised as r
    inner join public.bookings as b on b.id = r.booking_id
    order by r.id
    -- raised before: the capacity that it had first stays
    on conflict on constraint one_issue_per_source do update
    set detail = i.detail || jsonb_build_object('sold', excluded.detail -> 'sold');
end
$$;
revoke execute on function ticketdb.link_capacity(int[], bigint[]) from public;
comment on function ticketdb.link_capacity(int[], bigint[]) is
'Raise capacities to what is sold, and note it

p_schedules, p_quantities: occurrences, each once, and the seats that are about to be sold on them.';
