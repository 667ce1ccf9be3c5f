-- The face of ticketdb.move_sale.
-- locks, raises: as move_sale
create or replace function public.move_reservation(
    p_reservation_id bigint,
    p_schedule_id int,
    out reservation_id bigint,
    out status text,
    out tickets_sold int,
    out ticket_codes uuid[],
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.move_sale(p_reservation_id, p_schedule_id);
    select r.reservation_id, r.status, r.tickets_sold, r.ticket_codes, r.refund_due
    into reservation_id, status, tickets_sold, ticket_codes, refund_due
    from ticketdb.sale_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function public.move_reservation(bigint, int) from public;
comment on function public.move_reservation(bigint, int) is
'Move a reservation

A paid reservation gets a place in another occurrence, in one transaction or not at all. It keeps its price and its ticket
codes, which are valid there from now on, and its buyer is told (schedule_moved). One that was cancelled, by cancel_schedule for
example, gets the place instead of its refund as long as that was not paid out. tickets_sold: of the new occurrence. Moving it there
again answers like the first time. p_reservation_id: from reserve_tickets; p_schedule_id: where it moves to.
Errors: invalid_argument, reservation_not_found, reservation_expired, reservation_released, reservation_cancelled, schedule_not_found,
schedule_cancelled, schedule_completed, schedule_blocked, not_on_sale, ticket_type_not_found, pass_not_valid (a place of a pass goes
where the pass is good), limit_per_user, sold_out, ticket_type_sold_out.';
