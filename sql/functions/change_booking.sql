-- The application changed what a booking with seats asks for: occurrence, ticket type or number. Called by follow_booking.
-- locks: ticket_reservations (by the caller), then as quote_tickets, event_schedules, ticketdb.seat_pools
-- raises: invalid_quantity, ticket_type_not_found, and what quote_tickets raises
create or replace function ticketdb.change_booking(
    p_reservation_id bigint,
    p_schedule_id int,
    p_ticket_type_id int,
    p_quantity int,
    p_total_amount numeric
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before record;
    v_price numeric;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    select r.schedule_id, r.quantity into v_before
    from public.ticket_reservations as r
    where r.id = p_reservation_id;

    if p_schedule_id <> v_before.schedule_id then
        v_price := ticketdb.quote_tickets(p_schedule_id, p_quantity, p_ticket_type_id);
    else
        -- on the same occurrence only the tickets that come on top need room
        if p_quantity > v_before.quantity then
            perform ticketdb.quote_tickets(p_schedule_id, p_quantity - v_before.quantity, null);
        end if;
        -- the limit of the ticket type may need the seats of lapsed holds
        while p_ticket_type_id is not null and ticketdb.reclaim_lapsed_holds(p_schedule_id) > 0 loop
            null;
        end loop;
        v_price := ticketdb.ticket_price(p_schedule_id, p_ticket_type_id);
        if v_price is null then
            perform ticketdb.refuse_ticket_type(p_schedule_id, p_ticket_type_id);
        end if;
    end if;
    update public.ticket_reservations as r
    set schedule_id = p_schedule_id, ticket_type_id = p_ticket_type_id, quantity = p_quantity,
        unit_price = v_price, total_amount = coalesce(p_total_amount, v_price * p_quantity)
    where r.id = p_reservation_id;
    perform ticketdb.issue_tickets(p_reservation_id);
end
$$;
revoke execute on function ticketdb.change_booking(bigint, int, int, int, numeric) from public;
comment on function ticketdb.change_booking(bigint, int, int, int, numeric) is
'Follow a change of occurrence, ticket type or attendees of a booking with seats';
