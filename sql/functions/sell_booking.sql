-- A booking is paid: its reservation becomes a sale, made on the spot where the booking never was a hold, and taking new seats
-- where its hold has ended or asks for others now. Never refused: without seats the payment is recorded as due back. Called by
-- follow_booking.
-- locks: ticket_reservations, then as confirm_payment
-- raises: invalid_quantity
create or replace function ticketdb.sell_booking(
    p_reservation_id bigint,
    p_booking_id int,
    p_booking_reference text,
    p_user_id int,
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
    v_reference constant text := 'booking ' || p_booking_reference;
    v_price constant numeric := coalesce(ticketdb.ticket_price(p_schedule_id, p_ticket_type_id), 0);
    v_amount constant numeric := coalesce(p_total_amount, v_price * p_quantity);
    v_id bigint := p_reservation_id;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    if v_id is null then
        insert into public.ticket_reservations (
            schedule_id, ticket_type_id, user_id, booking_id, quantity, unit_price, total_amount, status,
            expires_at, origin
        )
        values (
            p_schedule_id, p_ticket_type_id, p_user_id, p_booking_id, p_quantity, v_price, v_amount, 'expired',
            clock_timestamp(), 'booking'
        )
        returning id into v_id;
    else
        if not exists (
            select from public.ticket_reservations as r
            where r.id = v_id and r.status = 'held'
              and (r.schedule_id, r.ticket_type_id, r.quantity)
                  is not distinct from (p_schedule_id, p_ticket_type_id, p_quantity)
        ) then
            perform ticketdb.lock_moving_seats(v_id, p_schedule_id);
        end if;
        update public.ticket_reservations as r
        set schedule_id = p_schedule_id, ticket_type_id = p_ticket_type_id, quantity = p_quantity,
            unit_price = v_price, total_amount = v_amount,
            -- a hold keeps its seats only as it was made
            status = case
                when r.status <> 'held' then 'released'
                when (r.schedule_id, r.ticket_type_id, r.quantity)
                    is not distinct from (p_schedule_id, p_ticket_type_id, p_quantity) then 'held'
                else 'expired'
            end
        where r.id = v_id;
    end if;

    if exists (select from public.ticket_payments as p where p.payment_reference = v_reference) then
        -- paid before, cancelled, and paid after all
        update public.ticket_payments as p
        set refund_due = 0, refunded = 0
        where p.payment_reference = v_reference;
        perform ticketdb.seat_paid_reservation(v_id, v_reference, null);
    else
        perform ticketdb.confirm_payment(v_id, v_reference, null, null);
    end if;
end
$$;
revoke execute on function ticketdb.sell_booking(bigint, int, text, int, int, int, int, numeric) from public;
comment on function ticketdb.sell_booking(bigint, int, text, int, int, int, int, numeric) is
'Turn the reservation of a paid booking into a sale

p_reservation_id: null where the booking has none yet; p_total_amount: null means quantity times price.';
