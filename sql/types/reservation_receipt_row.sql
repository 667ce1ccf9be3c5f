-- What the faces of holds answer; as pass_receipt_row. reserve_tickets, which has to be quick, fills columns of its own.
create type public.reservation_receipt_row as (
    reservation_id bigint,
    reservation_code text,
    schedule_id int,
    ticket_type_id int,
    quantity int,
    unit_price numeric,
    total_amount numeric,
    status text,
    expires_at timestamptz
);
comment on type public.reservation_receipt_row is 'A reservation as its buyer gets to see it';
