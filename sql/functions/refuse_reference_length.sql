-- Says that a payment has no reference, or one too long to be kept.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.refuse_reference_length(p_payment_reference text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'invalid_argument',
        format('p_payment_reference has %s characters', coalesce(length(p_payment_reference)::text, 'no')),
        'Pass the reference of the payment provider, 1 to 255 characters; for a free ticket any text of your own '
        'that is unique.'
    );
end
$$;
revoke execute on function ticketdb.refuse_reference_length(text) from public;
comment on function ticketdb.refuse_reference_length(text) is 'Raise invalid_argument for the length of a payment reference';
