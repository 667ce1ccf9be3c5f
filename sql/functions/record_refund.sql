-- A refund was paid out: what was due of a payment is due no more. The same reference again answers like the first time. The inside
-- of settle_refund.
-- locks: ticket_payments
-- raises: invalid_argument, amount_mismatch
create or replace function ticketdb.record_refund(
    p_payment_reference text,
    p_refund_reference text,
    p_amount numeric,
    out payment_reference text,
    out reservation_id bigint,
    out amount numeric,
    out refunded numeric,
    out refund_due numeric,
    out refund_reference text,
    out refunded_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    perform ticketdb.require_read_committed();
    if coalesce(length(p_refund_reference), 0) not between 1 and 255 then
        perform ticketdb.raise_error(
            'invalid_argument',
            format('p_refund_reference has %s characters', coalesce(length(p_refund_reference)::text, 'no')),
            'Pass the payment provider''s reference of the refund, 1 to 255 characters.'
        );
    end if;
    select p.payment_reference, p.reservation_id, p.amount, p.refunded, p.refund_due, p.refund_reference, p.refunded_at
    into payment_reference, reservation_id, amount, refunded, refund_due, refund_reference, refunded_at
    from public.ticket_payments as p
    where p.payment_reference = p_payment_reference
    for no key update;
    if not found then
        perform ticketdb.raise_error(
            'invalid_argument', format('no payment %L is on record', p_payment_reference),
            'Pass the payment_reference that confirm_reservation was given.',
            jsonb_build_object('payment_reference', p_payment_reference)
        );
    end if;
    if refund_reference = p_refund_reference then
        return;
    end if;
    if refund_due = 0 or p_amount <> refund_due then
        perform ticketdb.raise_error(
            'amount_mismatch',
            format('%s goes back of payment %s, %s is due', coalesce(p_amount, 0), p_payment_reference, refund_due),
            'Pay back what is due, all of it; nothing was recorded.',
            jsonb_build_object('paid', p_amount, 'due', refund_due)
        );
    end if;
    update public.ticket_payments as p
    set refunded = p.refunded + p.refund_due, refund_due = 0, refund_reference = p_refund_reference,
        refunded_at = clock_timestamp()
    where p.payment_reference = p_payment_reference
    returning p.refunded, p.refund_due, p.refund_reference, p.refunded_at
    into refunded, refund_due, refund_reference, refunded_at;
end
$$;
revoke execute on function ticketdb.record_refund(text, text, numeric) from public;
comment on function ticketdb.record_refund(text, text, numeric) is
'Put on record that a refund was paid out

p_amount: null means what is due.';
