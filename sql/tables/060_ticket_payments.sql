-- Every payment that arrived, whatever became of the seats.

create table public.ticket_payments (
    id bigint generated always as identity constraint ticket_payments_pkey primary key,
    reservation_id bigint constraint payment_reservation references public.ticket_reservations (id),
    payment_reference text not null constraint payment_reference_unique unique,
    amount numeric(10,2) not null,
    refund_due numeric(10,2) not null default 0,
    received_at timestamptz not null default clock_timestamp(),
    refunded numeric(10,2) not null default 0,
    refund_reference text,
    refunded_at timestamptz,
    pass_id bigint constraint payment_pass references public.event_passes (id),

    constraint payment_of_one_sale check (num_nonnulls(reservation_id, pass_id) = 1),
    constraint payment_reference_not_empty check (payment_reference <> ''),
    constraint payment_amount_not_negative check (amount >= 0 and amount < 'NaN'),
    -- no more goes back than came in
    constraint refund_within_payment check (
        refund_due >= 0 and refunded >= 0 and refund_due + refunded <= amount
    )
) with (
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000
);
create index ticket_payments_reservation on public.ticket_payments (reservation_id);
create index ticket_payments_pass on public.ticket_payments (pass_id)
where pass_id is not null;
create index ticket_payments_refunds_due on public.ticket_payments (id) where refund_due > 0;
alter table public.ticket_payments enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy own_or_staff on public.ticket_payments for select
using (
    (select ticketdb.is_staff())
    or reservation_id in (
        select r.id from public.ticket_reservations as r where r.user_id = (select ticketdb.caller_user_id())
    )
    or pass_id in (
        select p.id from public.event_passes as p where p.user_id = (select ticketdb.caller_user_id())
    )
);

comment on table public.ticket_payments is
'Ticket payments

One row for each payment that arrived for a reservation or a pass, kept also where no seat was left.';
comment on column public.ticket_payments.id is 'Identity';
comment on column public.ticket_payments.reservation_id is 'Reservation it was made for; null for a pass';
comment on column public.ticket_payments.payment_reference is 'Payment provider''s reference, unique';
comment on column public.ticket_payments.amount is 'Amount received in the venue''s currency';
comment on column public.ticket_payments.refund_due is 'Part of the amount that the buyer has yet to get back';
comment on column public.ticket_payments.received_at is 'When it was put on record';
comment on column public.ticket_payments.refunded is 'Part of the amount that the buyer got back, as settle_refund was told';
comment on column public.ticket_payments.refund_reference is 'Payment provider''s reference of the last refund';
comment on column public.ticket_payments.refunded_at is 'When the last refund was put on record';
comment on column public.ticket_payments.pass_id is 'Pass it was made for; null for a reservation';
