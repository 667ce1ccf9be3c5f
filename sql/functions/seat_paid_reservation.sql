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
    out tickets_sold int,
    out ticket_codes uuid[],
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reservation record;
    v_before record;
    v_was_seated boolean;
begin
    -- row by row: a plan that joins may read all occurrences up to this one, where statistics know an older one alone
    select r.status, r.schedule_id, r.ticket_type_id, r.quantity into v_reservation
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    select
        s.status = 'cancelled' or s.is_blocked as is_called_off,
        (
            select coalesce(sum(p.refund_due), 0)
            from public.ticket_payments as p
            where p.reservation_id = p_reservation_id
        ) as refund_due
    into v_before
    from public.event_schedules as s
    where s.id = v_reservation.schedule_id;
    if v_before.is_called_off then
        is_seated := false;
    elsif v_reservation.status = 'held' then
        ticket_codes := ticketdb.sell_seats(p_reservation_id, v_reservation.quantity, p_participants);
        is_seated := true;
    else
        begin
            perform ticketdb.find_offer(v_reservation.schedule_id, v_reservation.ticket_type_id);
            ticket_codes := ticketdb.sell_seats(p_reservation_id, v_reservation.quantity, p_participants);
            is_seated := true;
        exception
            when sqlstate 'PT409' or sqlstate 'PT404' then is_seated := false;
        end;
    end if;
    v_was_seated := is_seated;
    if is_seated then
        -- once more, for now its row is locked. All other sales of it wait: nothing else is left to be done
        select s.status <> 'cancelled' and not s.is_blocked, s.tickets_sold into is_seated, tickets_sold
        from public.event_schedules as s
        where s.id = v_reservation.schedule_id;
    end if;
    if is_seated then
        refund_due := v_before.refund_due;
        return;
    end if;

    update public.ticket_reservations as r
    set status = 'refund_due', closed_at = clock_timestamp()
    where r.id = p_reservation_id;
    update public.ticket_payments as p
    set refund_due = p.amount - p.refunded
    where p.payment_reference = p_payment_reference and p.refund_due <> p.amount - p.refunded;
    if v_was_seated then
        perform ticketdb.issue_tickets(p_reservation_id, 0);
        perform ticketdb.deactivate_participants(array[p_reservation_id]);
    end if;
end
$$;
revoke execute on function ticketdb.seat_paid_reservation(bigint, text, jsonb) from public;
comment on function ticketdb.seat_paid_reservation(bigint, text, jsonb) is
'Seat a reservation that is paid for; is_seated is false where no seat was left and a refund is due

tickets_sold: of its occurrence, after it; refund_due: of other payments. p_payment_reference: the payment on record that pays for it; p_participants: who comes, as add_participants has it.';
