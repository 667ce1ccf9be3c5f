-- The face of ticketdb.confirm_payment.
-- locks, raises: as confirm_payment
create or replace function public.confirm_reservation(
    p_reservation_id bigint,
    p_payment_reference text,
    p_amount numeric default null,
    p_participants jsonb default null,
    out reservation_id bigint,
    out status text,
    out tickets_sold int,
    out ticket_codes uuid[],
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sale record;
begin
    v_sale := ticketdb.confirm_payment(p_reservation_id, p_payment_reference, p_amount, p_participants);
    reservation_id := p_reservation_id;
    status := v_sale.status;
    tickets_sold := v_sale.tickets_sold;
    ticket_codes := v_sale.ticket_codes;
    refund_due := v_sale.refund_due;
end
$$;
revoke execute on function public.confirm_reservation(bigint, text, numeric, jsonb) from public;
comment on function public.confirm_reservation(bigint, text, numeric, jsonb) is
'Confirm a reservation

A payment arrived: p_amount of the venue''s currency, by default what is due. status is confirmed, or refund_due where
the hold had lapsed and the seats are gone; the payment is on record either way. tickets_sold is the schedule''s number
of tickets sold after it, ticket_codes are the valid tickets, refund_due is what the buyer has to get back.
p_participants names who comes: [{"name", "mobile", "quantity"}]; those of a booking of the application''s are left
to it. The same p_payment_reference (the provider''s, 1 to 255 characters) with the same arguments
returns the first answer. p_reservation_id: from reserve_tickets. Errors: invalid_argument,
reservation_not_found, amount_mismatch, payment_reference_reused.';
