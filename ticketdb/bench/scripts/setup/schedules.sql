-- Schema bench of a scratch database: occurrences for the functions of ticketdb to sell, and how they are counted.
-- Comes first, after `ticketdb migrate`; the other files of this folder add what other ways of selling need.

create schema bench;

-- Occurrences of an event of their own, from next week on, a day each; returns the lowest id, the others follow it.
-- The first reservation of an occurrence deals its seats over buckets, so each gets one.
create function bench.open_schedules(p_schedules int, p_capacity int)
returns int
language plpgsql
as $$
declare
    v_definition int;
    v_first int;
begin
    insert into public.event_definitions (event_code, title, event_category, event_type, max_tickets, default_ticket_price)
    values ('bench-' || gen_random_uuid(), 'Bench', 'bench', 'bench', p_capacity, 100)
    returning id into v_definition;
    insert into public.event_schedules (event_definition_id, schedule_date, start_time, end_time, max_tickets)
    select v_definition, current_date + 6 + n, '19:00', '21:00', p_capacity
    from generate_series(1, p_schedules) as n
    order by n;
    select min(s.id) into v_first
    from public.event_schedules as s
    where s.event_definition_id = v_definition;
    -- held for longer than any run lasts
    for v_schedule in v_first .. v_first + p_schedules - 1 loop
        perform public.reserve_tickets(v_schedule, p_hold_for => interval '1 day');
    end loop;
    return v_first;
end
$$;

create function bench.open_schedule(p_capacity int)
returns int
language sql
as $$
    select bench.open_schedules(1, p_capacity);
$$;

-- Seats of one occurrence: how many there are, how many its reservations take, and how many the counters say.
create function bench.count_schedule(p_schedule_id int, out capacity bigint, out sold bigint, out counted bigint)
language sql
as $$
    select s.max_tickets, r.sold, a.max_tickets - a.tickets_available
    from public.event_schedules as s
    inner join public.v_event_availability as a on a.schedule_id = s.id
    cross join lateral (
        select coalesce(sum(r.quantity), 0) as sold
        from public.ticket_reservations as r
        where r.schedule_id = s.id
          and (r.status = 'confirmed' or (r.status = 'held' and r.expires_at > statement_timestamp()))
    ) as r
    where s.id = p_schedule_id;
$$;

-- The same, of the occurrence among all that was sold most nearly, or beyond, its capacity.
create function bench.count_spread(p_first int, out capacity bigint, out sold bigint, out counted bigint)
language sql
as $$
    select s.max_tickets, r.sold, a.max_tickets - a.tickets_available
    from public.event_schedules as s
    inner join public.v_event_availability as a on a.schedule_id = s.id
    inner join (
        select r.schedule_id, sum(r.quantity) as sold
        from public.ticket_reservations as r
        where r.status = 'confirmed' or (r.status = 'held' and r.expires_at > statement_timestamp())
        group by r.schedule_id
    ) as r on r.schedule_id = s.id
    where s.id >= p_first
    order by s.max_tickets - r.sold, s.id
    limit 1;
$$;

-- How a way of selling that has no function of its own tells a buyer that nothing is left.
create function bench.refuse_sold_out()
returns void
language plpgsql
as $$
begin
    raise exception 'sold out' using errcode = 'PT409', detail = '{"reason": "sold_out"}';
end
$$;
