-- Hands a new limit of a ticket type to its seat pools, or refuses it where an occurrence has more sold or held. Called by
-- trigger before the limit is written.
-- locks: ticket_types (by the update itself), then for each occurrence by id event_schedules, ticketdb.seat_pools
-- raises: capacity_below_sold
create or replace function ticketdb.resize_ticket_type()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pool record;
begin
    for v_pool in
        select p.schedule_id
        from ticketdb.seat_pools as p
        where p.ticket_type_id = new.id
        order by p.schedule_id
    loop
        perform ticketdb.lock_schedule(v_pool.schedule_id);
        loop
            update ticketdb.seat_pools as p
            set capacity = new.max_quantity
            where p.schedule_id = v_pool.schedule_id and p.ticket_type_id = new.id
              and (new.max_quantity is null or p.held + p.sold <= new.max_quantity);
            exit when found;
            if ticketdb.reclaim_lapsed_holds(v_pool.schedule_id) = 0 then
                perform ticketdb.raise_error(
                    'capacity_below_sold',
                    format(
                        'limit of ticket type %s cannot become %s: schedule %s has more sold or held',
                        new.id, new.max_quantity, v_pool.schedule_id
                    ),
                    'Cancel reservations first, or wait until holds lapse.',
                    jsonb_build_object('schedule_id', v_pool.schedule_id, 'requested', new.max_quantity)
                );
            end if;
        end loop;
    end loop;
    return new;
end
$$;
revoke execute on function ticketdb.resize_ticket_type() from public;
comment on function ticketdb.resize_ticket_type() is 'Trigger: pass a new limit of a ticket type to its seat pools';
