-- The money of a cancelled reservation pays for a place after all: the oldest payment of which so much is still due back is kept. Called by
-- move_sale.
-- locks: ticket_reservations (by the caller), ticket_payments
-- raises: reservation_cancelled
create or replace function ticketdb.keep_refund(p_reservation_id bigint, p_amount numeric)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.ticket_payments as p
    set refund_due = p.refund_due - p_amount
    where p.id = (
        select d.id
        from public.ticket_payments as d
        where d.reservation_id = p_reservation_id and d.refund_due >= p_amount
        order by d.id
        limit 1
        for no key update
    );
    if not found and p_amount > 0 then
        perform ticketdb.raise_error(
            'reservation_cancelled', format('reservation %s is cancelled, and its payment went back', p_reservation_id),
            'Reserve again.', jsonb_build_object('reservation_id', p_reservation_id, 'status', 'cancelled')
        );
    end if;
end
$$;
revoke execute on function ticketdb.keep_refund(bigint, numeric) from public;
comment on function ticketdb.keep_refund(bigint, numeric) is 'Keep a payment of a cancelled reservation that was due back';
