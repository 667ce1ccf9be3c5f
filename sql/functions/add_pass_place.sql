-- Gives a pass a place on an occurrence: an ordinary sale that costs nothing more. Called by take_visit and settle_places.
-- locks: event_passes (by the caller), then as hold_tickets and seat_paid_reservation
-- raises: what hold_tickets raises
create or replace function ticketdb.add_pass_place(p_pass_id bigint, p_schedule_id int, p_user_id int, p_contact jsonb)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hold record;
    v_sale record;
begin
    v_hold := ticketdb.hold_tickets(
        p_schedule_id, 1, null, p_user_id, null, p_contact, p_total_amount => 0
    );
    update public.ticket_reservations as r
    set pass_id = p_pass_id, origin = 'pass', unit_price = 0
    where r.id = v_hold.reservation_id;
    v_sale := ticketdb.seat_paid_reservation(v_hold.reservation_id, null, null);
    if not v_sale.is_seated then
        -- called off at that moment, which this says
        perform ticketdb.find_offer(p_schedule_id, null);
    end if;
    return v_hold.reservation_id;
end
$$;
revoke execute on function ticketdb.add_pass_place(bigint, int, int, jsonb) from public;
comment on function ticketdb.add_pass_place(bigint, int, int, jsonb) is 'Give a pass a place on an occurrence';
