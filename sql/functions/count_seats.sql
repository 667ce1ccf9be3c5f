-- The only writer of the seat counters: adds up what a statement changed in ticket_reservations and moves it, occurrence by
-- occurrence in ascending order. Called by trigger after every statement, so that the counters follow whoever writes.
-- locks: for each occurrence event_schedules, then ticketdb.seat_pools
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
    v_held int[];
    v_sold int[];
    v_move record;
    v_tickets_sold int;
begin
    if tg_op in ('INSERT', 'UPDATE') then
        select
            array_agg(n.schedule_id), array_agg(n.ticket_type_id),
            array_agg(case when n.status = 'held' then n.quantity else 0 end),
            array_agg(case when n.status = 'confirmed' then n.quantity else 0 end)
        into v_schedules, v_types, v_held, v_sold
        from new_rows as n;
    end if;
    if tg_op in ('UPDATE', 'DELETE') then
        select
            v_schedules || array_agg(o.schedule_id), v_types || array_agg(o.ticket_type_id),
            v_held || array_agg(case when o.status = 'held' then -o.quantity else 0 end),
            v_sold || array_agg(case when o.status = 'confirmed' then -o.quantity else 0 end)
        into v_schedules, v_types, v_held, v_sold
        from old_rows as o;
    end if;

    for v_move in
        select
            d.schedule_id,
            case when grouping(d.ticket_type_id) = 1 then 0 else d.ticket_type_id end as ticket_type_id,
            sum(d.held)::int as held,
            sum(d.sold)::int as sold
        from unnest(v_schedules, v_types, v_held, v_sold) as d (schedule_id, ticket_type_id, held, sold)
        group by grouping sets ((d.schedule_id), (d.schedule_id, d.ticket_type_id))
        having (grouping(d.ticket_type_id) = 1 or d.ticket_type_id is not null)
           and (sum(d.held) <> 0 or sum(d.sold) <> 0)
        order by 1, 2
    loop
        -- here, for a statement that moves no seat may run at any level: a user who is deleted leaves his reservations
        perform ticketdb.require_read_committed();
        if v_move.ticket_type_id <> 0 then
            perform ticketdb.open_type_pool(v_move.schedule_id, v_move.ticket_type_id);
            perform ticketdb.move_seats(v_move.schedule_id, v_move.ticket_type_id, v_move.held, v_move.sold);
            continue;
        end if;
        -- the row of the occurrence itself comes before those of its ticket types
        perform ticketdb.lock_schedule(v_move.schedule_id);
        v_tickets_sold := ticketdb.move_seats(v_move.schedule_id, 0, v_move.held, v_move.sold);
        if v_move.sold <> 0 then
            update public.event_schedules as s
            set tickets_sold = v_tickets_sold
            where s.id = v_move.schedule_id;
        end if;
    end loop;
    return null;
end
$$;
revoke execute on function ticketdb.count_seats() from public;
comment on function ticketdb.count_seats() is
'Trigger: keep seat_pools and event_schedules.tickets_sold equal to ticket_reservations';
