-- A sale as its buyer gets to see it. Called by confirm_reservation and cancel_reservation.
-- locks: none
-- raises: nothing
create or replace function ticketdb.sale_receipt(
    p_reservation_id bigint,
    out reservation_id bigint,
    out status text,
    out tickets_sold int,
    out ticket_codes uuid[],
    out refund_due numeric
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedule_id int;
begin
    -- row by row, as in seat_paid_reservation
    select
        r.id, r.status, r.schedule_id,
        (select coalesce(sum(p.refund_due), 0) from public.ticket_payments as p where p.reservation_id = r.id)
    into reservation_id, status, v_schedule_id, refund_due
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    select s.tickets_sold into tickets_sold
    from public.event_schedules as s
    where s.id = v_schedule_id;
    ticket_codes := ticketdb.valid_ticket_codes(p_reservation_id);
end
$$;
revoke execute on function ticketdb.sale_receipt(bigint) from public;
comment on function ticketdb.sale_receipt(bigint) is 'A sale as its buyer gets to see it';
