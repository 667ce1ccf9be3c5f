-- When how much of a payment became due back. ticket_payments says what is due now; reports ask what was due on a day, and a day that is
-- over must not change with a refund of today's. Written by trigger note_refund alone.

create table ticketdb.refund_movements (
    id bigint generated always as identity constraint refund_movements_pkey primary key,
    payment_id bigint not null
        constraint refund_movement_payment references public.ticket_payments (id) on delete cascade,
    amount numeric(10,2) not null,
    noted_at timestamptz not null default clock_timestamp(),

    constraint refund_movement_moves_something check (amount <> 0)
);
create index refund_movements_payment on ticketdb.refund_movements (payment_id);

comment on table ticketdb.refund_movements is
'Movements of what is due back

One row for each change of a payment''s refund; the sum of a payment''s rows is what it has to give back.';
comment on column ticketdb.refund_movements.id is 'Identity';
comment on column ticketdb.refund_movements.payment_id is 'Payment of which something is to go back';
comment on column ticketdb.refund_movements.amount is
'Amount in the venue''s currency that became due back; negative where it no longer is';
comment on column ticketdb.refund_movements.noted_at is 'When it became so';
