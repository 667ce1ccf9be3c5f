-- The face of ticketdb.record_refund.
-- locks, raises: as record_refund
create or replace function public.settle_refund(
    p_payment_reference text,
    p_refund_reference text,
    p_amount numeric default null,
    out payment_reference text,
    out reservation_id bigint,
    out amount numeric,
    out refunded numeric,
    out refund_due numeric,
    out refund_reference text,
    out refunded_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    select r.payment_reference, r.reservation_id, r.amount, r.refunded, r.refund_due, r.refund_reference, r.refunded_at
    into payment_reference, reservation_id, amount, refunded, refund_due, refund_reference, refunded_at
    from ticketdb.record_refund(p_payment_reference, p_refund_reference, p_amount) as r;
end
$$;
revoke execute on function public.settle_refund(text, text, numeric) from public;
comment on function public.settle_refund(text, text, numeric) is
'Settle a refund

A refund was paid out: what was due of the payment becomes refunded, and refund_due 0. p_payment_reference: as confirm_reservation was
given it; p_refund_reference: the provider''s, 1 to 255 characters, the same again answers like the first time; p_amount: in the
venue''s currency, null means what is due, and nothing else is taken. For the payment server. Errors: invalid_argument, amount_mismatch.';
