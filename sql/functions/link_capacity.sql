-- Makes room for imported sales: an occurrence that was sold above its capacity keeps the truth, and an issue has both numbers.
-- Called by the steps of link_legacy_data just before they write sales. The buckets stay locked until then, so that nobody takes
-- the room away.
-- locks: for each occurrence by id as open_buckets and lock_buckets; then event_schedules
-- raises: nothing
create or replace function ticketdb.link_capacity(p_schedules int[], p_quantities bigint[])
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.open_buckets(n.schedule_id), ticketdb.lock_buckets(n.schedule_id)
    from (select unnest(p_schedules) as schedule_id order by 1) as n;

    with oversold as (
        select
            n.schedule_id, sum(b.capacity) as capacity, sum(b.sold) + n.quantity as sold,
            sum(b.held + b.sold) + n.quantity as needed
        from unnest(p_schedules, p_quantities) as n (schedule_id, quantity)
        inner join ticketdb.seat_buckets as b on b.schedule_id = n.schedule_id and b.ticket_type_id = 0
        group by n.schedule_id, n.quantity
        having sum(b.held + b.sold) + n.quantity > sum(b.capacity)
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
