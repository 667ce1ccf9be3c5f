-- What was paid for a pass: its own payments, and for an imported one those of its places. Called by pass_receipt and close_pass.
-- locks: none
-- raises: nothing
create or replace function ticketdb.pass_payments(p_pass_id bigint)
returns table (payment_id bigint, refund_due numeric, kept numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select p.id, p.refund_due, p.amount - p.refund_due - p.refunded
    from public.ticket_payments as p
    where p.pass_id = p_pass_id
    union all
    select p.id, p.refund_due, p.amount - p.refund_due - p.refunded
    from public.ticket_payments as p
    inner join public.ticket_reservations as r on r.id = p.reservation_id
    where r.pass_id = p_pass_id;
$$;
revoke execute on function ticketdb.pass_payments(bigint) from public;
comment on function ticketdb.pass_payments(bigint) is 'Payments of a pass and of its places: what of each is due back, and what is kept';
