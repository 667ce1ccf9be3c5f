-- Events for the measurements of generating and of availability: twenty of each type, every day of the year.

create function bench.define_events(p_definitions int)
returns void
language sql
as $$
    insert into public.event_definitions (
        event_code, title, event_category, event_type, recurrence_type, default_start_time, default_end_time, max_tickets,
        default_ticket_price
    )
    select 'event-' || n, 'Event ' || n, 'bench', 'type-' || n / 20, 'daily', '07:00', '08:00', 50, 100
    from generate_series(0, p_definitions - 1) as n;
$$;

create function bench.generate(p_from date, p_to date)
returns bigint
language sql
as $$
    select sum(public.generate_recurring_schedules(d.id, p_from, p_to)) from public.event_definitions as d;
$$;

-- the same occurrences by one statement, into the same table
create function bench.insert_schedules(p_from date, p_to date)
returns void
language sql
as $$
    insert into public.event_schedules (event_definition_id, schedule_date, start_time, end_time, max_tickets, ticket_price)
    select d.id, g.day, d.default_start_time, d.default_end_time, d.max_tickets, d.default_ticket_price
    from public.event_definitions as d
    cross join generate_series(p_from, p_to, interval '1 day') as g (day);
$$;

-- Two tickets sold and one held on each occurrence of a type in a period.
create function bench.sell_some(p_event_type text, p_from date, p_to date)
returns void
language plpgsql
as $$
declare
    v_schedule int;
    v_reservation bigint;
begin
    for v_schedule in
        select s.id
        from public.event_schedules as s
        inner join public.event_definitions as d on d.id = s.event_definition_id
        where d.event_type = p_event_type and s.schedule_date between p_from and p_to
        order by s.id
    loop
        select r.reservation_id into v_reservation from public.reserve_tickets(v_schedule, 2) as r;
        perform public.confirm_reservation(v_reservation, 'bench-' || v_reservation);
        perform public.reserve_tickets(v_schedule, p_hold_for => interval '1 day');
    end loop;
end
$$;
