-- The face of ticketdb.pay_pass. The status is what became of this payment: a second one of an active pass is refund_due.
-- locks, raises: as pay_pass
create or replace function public.confirm_pass(
    p_pass_id bigint,
    p_payment_reference text,
    p_amount numeric default null
)
returns public.pass_receipt_row
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_status text;
    v_receipt public.pass_receipt_row;
begin
    v_status := ticketdb.pay_pass(p_pass_id, p_payment_reference, p_amount);
    v_receipt := ticketdb.pass_receipt(p_pass_id);
    v_receipt.status := v_status;
    return v_receipt;
end
$$;
revoke execute on function public.confirm_pass(bigint, text, numeric) from public;
comment on function public.confirm_pass(bigint, text, numeric) is
'Confirm a pass

A payment arrived: p_amount of the venue''s currency, by default what is due. status is active, or refund_due where the hold
had lapsed and a place is gone, or where the pass was paid already: the payment is on record either way, and refund_due is what the
buyer has to get back. The same p_payment_reference (the provider''s, 1 to 255 characters) with the same arguments returns the first
answer. p_pass_id: from buy_pass. Errors: invalid_argument, pass_not_found, amount_mismatch, payment_reference_reused.';
