-- A payment that could not be put on record: told of before, or of another amount than is due. Of one that was told of before it
-- returns what went back, or is to go. Called by confirm_payment and pay_pass, where they write no payment.
-- locks: none
-- raises: amount_mismatch, payment_reference_reused
create or replace function ticketdb.repeated_payment(
    p_payment_reference text,
    p_reservation_id bigint,
    p_pass_id bigint,
    p_amount numeric,
    p_due numeric
)
returns numeric
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_payment record;
begin
    select p.reservation_id, p.pass_id, p.amount, p.refund_due + p.refunded as sent_back into v_payment
    from public.ticket_payments as p
    where p.payment_reference = p_payment_reference;
    if not found then
        perform ticketdb.raise_error(
            'amount_mismatch',
            format(
                '%s was paid for %s, %s is due', p_amount,
                coalesce('reservation ' || p_reservation_id, 'pass ' || p_pass_id), p_due
            ),
            'Charge what is due, or refund the payment; nothing was recorded.',
            jsonb_build_object('paid', p_amount, 'due', p_due)
        );
    end if;
    if (v_payment.reservation_id, v_payment.pass_id) is distinct from (p_reservation_id, p_pass_id)
        or v_payment.amount <> p_amount then
        perform ticketdb.refuse_payment_reference(p_payment_reference);
    end if;
    return v_payment.sent_back;
end
$$;
revoke execute on function ticketdb.repeated_payment(text, bigint, bigint, numeric, numeric) from public;
comment on function ticketdb.repeated_payment(text, bigint, bigint, numeric, numeric) is
'What went back of a payment that is told of again

p_reservation_id, p_pass_id: what it is for, the other is null; p_amount: null means what is due.';
