-- Guards the two numbers of an occurrence. tickets_sold may only be what its seat pool says, so that a write by hand is
-- refused whoever tries it; a new capacity is handed to the pool, or refused. Called by trigger twice: before the write, for an
-- error that says what is wrong, and after it, for what other triggers made of the row.
-- locks: event_schedules (by the write itself), then as reclaim_lapsed_holds
-- raises: tickets_sold_is_derived, capacity_below_sold
create or replace function ticketdb.guard_schedule()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sold int := 0;
    v_held int := 0;
    v_capacity int := new.max_tickets;
begin
    if tg_op = 'UPDATE' then
        select p.capacity, p.sold into v_capacity, v_sold
        from ticketdb.seat_pools as p
        where p.schedule_id = new.id and p.ticket_type_id = 0;
    end if;
    if new.tickets_sold is distinct from v_sold and (tg_op = 'INSERT' or new.tickets_sold is distinct from old.tickets_sold)
    then
        perform ticketdb.raise_error(
            'tickets_sold_is_derived', format('tickets_sold cannot be set to %s by hand', new.tickets_sold),
            'Leave it out; reserve_tickets and confirm_reservation move it.',
            jsonb_build_object('schedule_id', new.id, 'tickets_sold', v_sold)
        );
    end if;

    while v_capacity <> new.max_tickets loop
        update ticketdb.seat_pools as p
        set capacity = new.max_tickets
        where p.schedule_id = new.id and p.ticket_type_id = 0 and p.held + p.sold <= new.max_tickets;
        exit when found;
        if ticketdb.reclaim_lapsed_holds(new.id) = 0 then
            select p.sold, p.held into v_sold, v_held
            from ticketdb.seat_pools as p
            where p.schedule_id = new.id and p.ticket_type_id = 0;
            perform ticketdb.raise_error(
                'capacity_below_sold',
                format(
                    'capacity of schedule %s cannot become %s: %s sold and %s held',
                    new.id, new.max_tickets, v_sold, v_held
                ),
                'Cancel reservations first, or wait until holds lapse.',
                jsonb_build_object('sold', v_sold, 'held', v_held, 'requested', new.max_tickets)
            );
        end if;
    end loop;
    return new;
end
$$;
revoke execute on function ticketdb.guard_schedule() from public;
comment on function ticketdb.guard_schedule() is
'Trigger: refuse tickets_sold written by hand, pass a new capacity to the seat pool';
