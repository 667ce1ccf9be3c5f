-- Seats a reservation that a payment on record pays for. A hold keeps its seats, lapsed or not, as long as nobody took them; a closed one takes
-- new seats if the occurrence still sells. Without seats it becomes refund_due. Whatever
-- was paid besides stays due back. Called by
-- confirm_payment and by the trigger on bookings when a cancelled booking is paid after all.
-- locks: ticket_reservations (by the caller), then as quote_tickets, event_schedules, ticketdb.seat_pools. The caller's own
--        reservation is no open hold when quote_tickets waits for others, so nobody waits for it in turn.
-- raises: nothing about seats
create or replace function ticketdb.seat_paid_reservation(p_reservation_id bigint, p_payment_reference text)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reservation record;
    v_seated boolean;
begin
    select r.status, r.schedule_id, r.ticket_type_id, r.quantity, s.refusal into v_reservation
    from public.ticket_reservations as r
    inner join ticketdb.schedule_sales as s on s.schedule_id = r.schedule_id
    where r.id = p_reservation_id;

    if v_reservation.status = 'held' then
        v_seated := v_reservation.refusal is null
            or v_reservation.refusal not in ('schedule_cancelled', 'schedule_blocked');
    else
        begin
            perform ticketdb.quote_tickets(
                v_reservation.schedule_id, v_reservation.quantity, v_reservation.ticket_type_id
            );
            v_seated := true;
        exception
            when sqlstate 'PT409' or sqlstate 'PT404' then v_seated := false;
        end;
    end if;

    if v_seated then
        begin
            update public.ticket_reservations as r
            set status = 'confirmed', confirmed_at = clock_timestamp(), closed_at = null, close_reason = null
            where r.id = p_reservation_id;
        exception
            -- the last seats went between the look and the update
            when sqlstate 'PT409' then v_seated := false;
        end;
    end if;
    if not v_seated then
        update public.ticket_reservations as r
        set status = 'refund_due', closed_at = clock_timestamp()
        where r.id = p_reservation_id;
    end if;
    update public.ticket_payments as p
    set refund_due = case when v_seated then 0 else p.amount end
    where p.payment_reference = p_payment_reference
      and p.refund_due <> case when v_seated then 0 else p.amount end;
    perform ticketdb.issue_tickets(p_reservation_id);
    return v_seated;
end
$$;
revoke execute on function ticketdb.seat_paid_reservation(bigint, text) from public;
comment on function ticketdb.seat_paid_reservation(bigint, text) is
'Seat a reservation that is paid for; false where no seat was left and a refund is due

p_payment_reference: the payment on record that pays for it.';
