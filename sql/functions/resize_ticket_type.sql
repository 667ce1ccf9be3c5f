-- Deals a new limit of a ticket type over its buckets on each occurrence, or refuses it where one has more sold and held. Called by
-- trigger before the limit is written.
-- locks: ticket_types (by the update itself), then for each occurrence by id as lock_buckets and reclaim_lapsed_holds
-- raises: invalid_argument (isolation), capacity_below_sold; lock_not_available
create or replace function ticketdb.resize_ticket_type()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedule_id int;
    v_taken int;
begin
    perform ticketdb.require_read_committed();
    for v_schedule_id in
        select b.schedule_id
        from ticketdb.seat_buckets as b
        where b.ticket_type_id = new.id and b.bucket = 0
        order by b.schedule_id
    loop
        perform ticketdb.lock_buckets(v_schedule_id);
        loop
            select sum(b.held + b.sold)::int into v_taken
            from ticketdb.seat_buckets as b
            where b.schedule_id = v_schedule_id and b.ticket_type_id = new.id;
            exit when v_taken <= new.max_quantity or new.max_quantity is null;
            continue when ticketdb.reclaim_lapsed_holds(v_schedule_id) > 0;
            if v_taken - ticketdb.lapsed_seats(v_schedule_id, new.id) > new.max_quantity then
                perform ticketdb.raise_error(
                    'capacity_below_sold',
                    format(
                        'limit of ticket type %s cannot become %s: schedule %s has %s sold and held',
                        new.id, new.max_quantity, v_schedule_id, v_taken
                    ),
                    'Cancel reservations first, or wait until holds lapse.',
                    jsonb_build_object('schedule_id', v_schedule_id, 'requested', new.max_quantity)
                );
            end if;
            raise lock_not_available using
                message = format('a lapsed hold of ticket type %s is just being paid', new.id),
                hint = 'Change its limit again in a moment.';
        end loop;
        perform ticketdb.deal_seats(v_schedule_id, new.id, new.max_quantity, 0, 0);
    end loop;
    return new;
end
$$;
revoke execute on function ticketdb.resize_ticket_type() from public;
comment on function ticketdb.resize_ticket_type() is
'Trigger: deal a new limit of a ticket type over its buckets';
