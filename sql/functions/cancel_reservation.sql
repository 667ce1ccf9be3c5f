-- The face of ticketdb.cancel_sale.
-- locks, raises: as cancel_sale
create or replace function public.cancel_reservation(
    p_reservation_id bigint,
    p_reason text default null,
    out reservation_id bigint,
    out status text,
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.cancel_sale(p_reservation_id, p_reason);
    select r.reservation_id, r.status, r.refund_due into reservation_id, status, refund_due
    from ticketdb.sale_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function public.cancel_reservation(bigint, text) from public;
comment on function public.cancel_reservation(bigint, text) is
'Cancel a reservation

After payment: its tickets become void, its seats go back on sale, and refund_due is what the buyer has to get back. A
hold is released. Cancelling a sale a second time answers like the first. p_reservation_id: from
reserve_tickets; p_reason: kept with it. Errors: reservation_not_found, reservation_expired,
reservation_released.';
