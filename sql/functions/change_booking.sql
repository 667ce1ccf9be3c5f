-- The application changed what a booking with seats asks for: occurrence, ticket type or number. Called by follow_booking.
-- locks: ticket_reservations (by the caller), then as check_limits, lock_moving_seats and (by
--        trigger) count_seats and find_bucket
-- raises: invalid_quantity, ticket_type_not_found, sold_out, ticket_type_sold_out, and what find_offer raises
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
    v_offer record;
    v_price numeric;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    select r.schedule_id, r.quantity, r.status, r.user_id into v_before
    from public.ticket_reservations as r
    where r.id = p_reservation_id;

    if p_schedule_id <> v_before.schedule_id or p_quantity > v_before.quantity then
        v_offer := ticketdb.find_offer(p_schedule_id, p_ticket_type_id);
        v_price := v_offer.price;
        if v_before.status = 'held' then
            perform ticketdb.check_limits(
                p_schedule_id, p_quantity, v_before.user_id, v_offer.max_per_order, v_offer.limit_per_user, p_reservation_id
            );
        end if;
    else
        v_price := ticketdb.ticket_price(p_schedule_id, p_ticket_type_id);
        if v_price is null then
            perform ticketdb.refuse_ticket_type(p_schedule_id, p_ticket_type_id);
        end if;
    end if;

    perform ticketdb.lock_moving_seats(p_reservation_id, p_schedule_id);
    update public.ticket_reservations as r
    set schedule_id = p_schedule_id, ticket_type_id = p_ticket_type_id, quantity = p_quantity,
        unit_price = v_price, total_amount = coalesce(p_total_amount, v_price * p_quantity),
        bucket = case when p_schedule_id = v_before.schedule_id then r.bucket end
    where r.id = p_reservation_id;
    if v_before.status = 'confirmed' then
        perform ticketdb.issue_tickets(p_reservation_id, p_quantity);
    end if;
end
$$;
revoke execute on function ticketdb.change_booking(bigint, int, int, int, numeric) from public;
comment on function ticketdb.change_booking(bigint, int, int, int, numeric) is
'Follow a change of occurrence, ticket type or attendees of a booking with seats';
