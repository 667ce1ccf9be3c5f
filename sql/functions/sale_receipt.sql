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
begin
    select
        r.id, r.status, s.tickets_sold,
        (select coalesce(sum(p.refund_due), 0) from public.ticket_payments as p where p.reservation_id = r.id)
    into reservation_id, status, tickets_sold, refund_due
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.id = p_reservation_id;
    ticket_codes := ticketdb.valid_ticket_codes(p_reservation_id);
end
$$;
revoke execute on function ticketdb.sale_receipt(bigint) from public;
comment on function ticketdb.sale_receipt(bigint) is 'A sale as its buyer gets to see it';
