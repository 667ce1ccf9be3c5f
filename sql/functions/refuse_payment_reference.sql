-- Says that a payment reference stands for another payment.
-- locks: none
-- raises: payment_reference_reused
create or replace function ticketdb.refuse_payment_reference(p_payment_reference text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'payment_reference_reused',
        format('payment reference %L is on record for another reservation or amount', p_payment_reference),
        'Each payment has a reference of its own; look it up in ticket_payments.',
        jsonb_build_object('payment_reference', p_payment_reference)
    );
end
$$;
revoke execute on function ticketdb.refuse_payment_reference(text) from public;
comment on function ticketdb.refuse_payment_reference(text) is 'Raise payment_reference_reused';
