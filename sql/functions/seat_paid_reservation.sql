-- Seats a reservation that a payment on record pays for, tickets, participants and all. A hold keeps its seats, lapsed or not, as
-- long as nobody took them; a closed one takes new seats if the occurrence still sells. Without seats it becomes refund_due.
-- Whatever was paid besides stays due back. The occurrence's own row, which all sales share, is written last; only with it
-- locked is it certain that nobody called the occurrence off meanwhile. Called by confirm_payment, and by the trigger on bookings
-- when a cancelled booking is paid after all.
-- locks: ticket_reservations (by the caller), program_participants, then (by trigger) as find_bucket and count_seats
-- raises: nothing about seats
create or replace function ticketdb.seat_paid_reservation(
    p_reservation_id bigint,
    p_payment_reference text,
    p_participants jsonb,
    out is_seated boolean,
    out ticket_codes uuid[],
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reservation record;
begin
    select r.status, r.schedule_id, r.ticket_type_id, r.quantity into v_reservation
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    begin
        if v_reservation.status <> 'held' then
            perform ticketdb.find_offer(v_reservation.schedule_id, v_reservation.ticket_type_id);
        end if;
        perform ticketdb.add_participants(p_reservation_id, p_participants);
        perform ticketdb.issue_tickets(p_reservation_id, v_reservation.quantity);
        update public.ticket_payments as p
        set refund_due = 0
        where p.payment_reference = p_payment_reference and p.refund_due <> 0;
        -- read now, so that nothing but the number of sold tickets is left to be read afterwards
        select r.ticket_codes, r.refund_due into ticket_codes, refund_due
        from ticketdb.sale_receipt(p_reservation_id) as r;
        -- seats that it no longer has it gets by trigger, where there are any
        update public.ticket_reservations as r
        set status = 'confirmed', confirmed_at = clock_timestamp(), closed_at = null, close_reason = null,
            bucket = case when r.status = 'held' then r.bucket end
        where r.id = p_reservation_id;
        if exists (
            select from public.event_schedules as s
            where s.id = v_reservation.schedule_id and (s.status = 'cancelled' or s.is_blocked)
        ) then
            raise sqlstate 'TD001';
        end if;
        is_seated := true;
        return;
    exception
        when sqlstate 'PT409' or sqlstate 'PT404' or sqlstate 'TD001' then null;
    end;

    update public.ticket_reservations as r
    set status = 'refund_due', closed_at = clock_timestamp()
    where r.id = p_reservation_id;
    update public.ticket_payments as p
    set refund_due = p.amount
    where p.payment_reference = p_payment_reference and p.refund_due <> p.amount;
    is_seated := false;
end
$$;
revoke execute on function ticketdb.seat_paid_reservation(bigint, text, jsonb) from public;
comment on function ticketdb.seat_paid_reservation(bigint, text, jsonb) is
'Seat a reservation that is paid for; is_seated is false where no seat was left and a refund is due

p_payment_reference: the payment on record that pays for it; p_participants: who comes, as add_participants has it.';
