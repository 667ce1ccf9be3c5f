-- Gives a paid reservation a place in another occurrence: its seats are taken there and given back here in one statement, or nothing
-- changes. It keeps what was paid, its tickets and their codes; participants follow. One that was cancelled, as cancel_schedule
-- does, gets a place instead of the refund as long as the money is still here. The inside of move_reservation.
-- locks: as lock_pass (for a place of one), lock_reservation and check_limits, lock_moving_seats; then (by trigger) as count_seats;
--        then event_tickets, program_participants
-- raises: invalid_argument, reservation_not_found, reservation_expired, reservation_released, reservation_cancelled, what
--         find_offer, check_visit and check_limits raise, sold_out, ticket_type_sold_out
create or replace function ticketdb.move_sale(p_reservation_id bigint, p_schedule_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lock record;
    v_sale record;
    v_offer record;
begin
    perform ticketdb.require_read_committed();
    -- an imported one too, or two of its places could move to one occurrence
    perform ticketdb.lock_pass(r.pass_id)
    from public.ticket_reservations as r
    where r.id = p_reservation_id and r.pass_id is not null;
    v_lock := ticketdb.lock_reservation(p_reservation_id);
    select
        r.schedule_id, r.ticket_type_id, r.user_id, r.booking_id, r.pass_id, r.quantity, r.total_amount, r.status
    into v_sale
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    perform ticketdb.refuse_closed(p_reservation_id, v_lock.status, v_lock.expires_at, 'cancelled');
    if v_sale.status = 'held' or v_sale.booking_id is not null then
        perform ticketdb.raise_error(
            'invalid_argument',
            format(
                'reservation %s %s', p_reservation_id,
                case when v_sale.status = 'held' then 'is not paid' else 'follows a booking' end
            ),
            case when v_sale.status = 'held' then 'Release it, and reserve tickets of the other schedule.'
                else 'Change event_schedule_id of the booking; its tickets follow.' end,
            jsonb_build_object('reservation_id', p_reservation_id, 'status', v_sale.status)
        );
    end if;
    if v_sale.status = 'confirmed' and v_sale.schedule_id = p_schedule_id then
        return;
    end if;

    v_offer := ticketdb.find_offer(p_schedule_id, v_sale.ticket_type_id);
    if v_sale.pass_id is not null then
        perform ticketdb.check_visit(v_sale.pass_id, p_schedule_id, p_reservation_id);
    end if;
    if v_sale.status <> 'confirmed' then
        perform ticketdb.keep_refund(p_reservation_id, v_sale.total_amount);
    end if;
    perform ticketdb.check_limits(
        p_schedule_id, v_sale.quantity, v_sale.user_id, null, v_offer.limit_per_user, p_reservation_id
    );
    perform ticketdb.lock_moving_seats(p_reservation_id, p_schedule_id);
    begin
        update public.ticket_reservations as r
        set schedule_id = p_schedule_id, bucket = null, status = 'confirmed',
            confirmed_at = coalesce(r.confirmed_at, clock_timestamp()), closed_at = null, close_reason = null
        where r.id = p_reservation_id;
    exception
        when unique_violation then
            perform ticketdb.refuse_second_place(p_reservation_id, p_schedule_id);
            raise;
    end;
    -- once more, for now its row is locked: nobody called it off meanwhile
    v_offer := ticketdb.find_offer(p_schedule_id, v_sale.ticket_type_id);
    -- codes that became void with the sale open the other door; a sale that never had a seat has none yet
    update public.event_tickets as t
    set status = 'valid', voided_at = null
    where v_sale.status = 'cancelled' and t.id in (
        select v.id
        from public.event_tickets as v
        where v.reservation_id = p_reservation_id and v.status = 'void'
        order by v.voided_at desc, v.id
        limit v_sale.quantity
    );
    perform ticketdb.issue_tickets(p_reservation_id, v_sale.quantity);
    perform ticketdb.move_participants(p_reservation_id, p_schedule_id);
    perform ticketdb.queue_notification(
        'schedule_moved', p_reservation_id,
        jsonb_build_object(
            'old', ticketdb.describe_place(o.id, o.starts_at, o.ends_at, o.space_id),
            'new', ticketdb.describe_place(n.id, n.starts_at, n.ends_at, n.space_id)
        )
    )
    from public.event_schedules as o
    cross join public.event_schedules as n
    where o.id = v_sale.schedule_id and n.id = p_schedule_id;
end
$$;
revoke execute on function ticketdb.move_sale(bigint, int) from public;
comment on function ticketdb.move_sale(bigint, int) is 'Give a paid reservation a place in another occurrence';
