-- Lets the application go on selling through its own table: a booking that names an occurrence is followed by a reservation.
-- Pending it is a hold, paid a sale, cancelled or deleted a return; attendees are its quantity. Every order and repetition of
-- these is right, for the reservation's state decides what is still to do. A payment is never refused: where no seat is
-- left it is recorded as due back. Called by trigger on bookings.
-- locks: bookings (by the application), ticket_reservations, then as hold_tickets, confirm_payment, cancel_sale
-- raises: invalid_argument (isolation); for an unpaid booking what hold_tickets raises; for more attendees sold_out
create or replace function ticketdb.follow_booking()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_booking record;
    v_wanted text;
    v_quantity int;
    v_amount numeric;
    v_reservation record;
    v_only_status_changed boolean := false;
    v_was_paid boolean := false;
begin
    perform ticketdb.require_read_committed();
    if tg_op = 'DELETE' then
        v_booking := old;
    else
        v_booking := new;
    end if;
    if tg_op = 'UPDATE' then
        v_only_status_changed := (new.event_schedule_id, new.ticket_type_id, new.attendees)
            is not distinct from (old.event_schedule_id, old.ticket_type_id, old.attendees);
        v_was_paid := ticketdb.booking_is_paid(old.status) and old.is_admin_booking is not true;
    end if;
    v_quantity := coalesce(nullif(v_booking.attendees, 0), 1);
    v_amount := case when v_booking.total_amount between 0 and 99999999.99 then v_booking.total_amount end;
    v_wanted := case
        when tg_op = 'DELETE' or v_booking.event_schedule_id is null or v_booking.status = 'cancelled' then 'none'
        -- a booking with which the venue announces an event buys nothing
        when v_booking.is_admin_booking then 'none'
        when ticketdb.booking_is_paid(v_booking.status) then 'sold'
        else 'held'
    end;

    select
        r.id, r.schedule_id, r.ticket_type_id, r.quantity, r.origin, r.participant_id,
        case when r.status = 'held' and r.expires_at <= clock_timestamp() then 'expired' else r.status end as status
    into v_reservation
    from public.ticket_reservations as r
    where r.booking_id = v_booking.id
    for no key update;

    if tg_op = 'UPDATE' and old.event_schedule_id is null and v_reservation.schedule_id = new.event_schedule_id
        and v_reservation.origin = 'legacy'
        and (
            v_reservation.participant_id is not null
            or v_reservation.status = case v_wanted when 'sold' then 'confirmed' when 'held' then 'expired' else 'cancelled' end
        )
    then
        -- link_legacy_data names the occurrence of a booking that it has just imported; where the application changed the
        -- booking meanwhile, the change is followed below
        return v_booking;
    end if;

    if v_wanted = 'none' then
        perform ticketdb.close_booking(v_reservation.id, v_booking.booking_reference);
    elsif v_wanted = 'held' and v_reservation.id is null then
        perform ticketdb.hold_tickets(
            v_booking.event_schedule_id, v_quantity, v_booking.ticket_type_id, v_booking.user_id,
            null, null, null, null, v_booking.id, v_amount
        );
    elsif v_wanted = 'held' and v_reservation.status in ('expired', 'released', 'cancelled') then
        perform ticketdb.hold_booking_again(
            v_reservation.id, v_booking.event_schedule_id, v_booking.ticket_type_id, v_quantity, v_amount
        );
    elsif v_wanted = 'sold' and v_reservation.status is distinct from 'confirmed' then
        -- what was refunded or cancelled stays so while the booking only goes from paid to confirmed to completed
        if v_reservation.id is null or not (v_was_paid and v_only_status_changed) then
            perform ticketdb.sell_booking(
                v_reservation.id, v_booking.id, v_booking.booking_reference, v_booking.user_id,
                v_booking.event_schedule_id, v_booking.ticket_type_id, v_quantity, v_amount
            );
        end if;
    elsif v_reservation.status in ('held', 'confirmed') and not v_only_status_changed and tg_op = 'UPDATE' then
        -- an imported sale may count its people differently, so only what the application changes is followed
        perform ticketdb.change_booking(
            v_reservation.id,
            case when new.event_schedule_id is distinct from old.event_schedule_id
                then new.event_schedule_id else v_reservation.schedule_id end,
            case when new.ticket_type_id is distinct from old.ticket_type_id
                then new.ticket_type_id else v_reservation.ticket_type_id end,
            case when new.attendees is distinct from old.attendees then v_quantity else v_reservation.quantity end,
            v_amount
        );
    end if;

    if tg_op = 'UPDATE' and new.event_schedule_id is distinct from old.event_schedule_id
        and new.is_admin_booking is not true
    then
        perform set_config('search_path', ticketdb.application_search_path(), true);
        update public.program_participants as pp
        set event_schedule_id = new.event_schedule_id, event_definition_id = new.event_definition_id
        where pp.booking_id = new.id and pp.event_schedule_id is distinct from new.event_schedule_id;
    end if;
    return v_booking;
end
$$;
revoke execute on function ticketdb.follow_booking() from public;
comment on function ticketdb.follow_booking() is
'Trigger: a booking that names an occurrence is followed by a reservation';
