-- A hold that becomes a sale. The only rows from which every counter is derived.

create table public.ticket_reservations (
    id bigint generated always as identity constraint ticket_reservations_pkey primary key,
    -- twelve of base64's characters, made from the random part of a uuid, those that look alike replaced: some 57 bits
    reservation_code text not null default 'R-' || translate(
        upper(substr(encode(uuid_send(gen_random_uuid()), 'base64'), 10, 12)), '01IO+/', '23JP89'
    ) constraint reservation_code_unique unique,
    -- triggers stand for foreign keys, whose lock on the one row of a hot sale would make every buyer wait
    schedule_id int not null,
    ticket_type_id int,
    user_id int constraint reservation_user references public.users (id) on delete set null,
    booking_id int constraint reservation_booking references public.bookings (id) on delete set null,
    participant_id int
        constraint reservation_participant references public.program_participants (id) on delete set null,
    quantity int not null,
    unit_price numeric(10,2) not null,
    total_amount numeric(10,2) not null,
    status text not null default 'held',
    expires_at timestamptz not null,
    origin text not null default 'api',
    idempotency_key text,
    request jsonb,
    contact jsonb,
    created_at timestamptz not null default clock_timestamp(),
    confirmed_at timestamptz,
    closed_at timestamptz,
    close_reason text,
    participants_problem text,
    bucket int,
    series_id bigint constraint reservation_series references public.ticket_reservations (id),
    pass_id bigint constraint reservation_pass references public.event_passes (id),

    constraint reservation_quantity_in_range check (quantity between 1 and 10000),
    constraint reservation_amounts_not_negative check (
        unit_price >= 0 and unit_price < 'NaN' and total_amount >= 0 and total_amount < 'NaN'
    ),
    constraint reservation_status_known check (
        status in ('held', 'confirmed', 'refund_due', 'released', 'expired', 'cancelled')
    ),
    constraint reservation_origin_known check (origin in ('api', 'booking', 'legacy', 'pass', 'waitlist'))
) with (
    -- a hold becomes a sale in place where it can; vacuum by number of rows, for the history grows for ever
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000
);
-- Every index is paid for by every reservation, so those on columns that are mostly null leave the nulls out.
create unique index one_order_per_key on public.ticket_reservations (idempotency_key)
where idempotency_key is not null;
-- a booking is one order; an imported participant has one place on an occurrence
create unique index one_order_per_booking on public.ticket_reservations (booking_id)
where booking_id is not null;
create unique index one_place_of_participant on public.ticket_reservations (participant_id, schedule_id)
where participant_id is not null;
-- holds that may have lapsed, found without reading the history
create index ticket_reservations_holds on public.ticket_reservations (schedule_id, expires_at)
where status = 'held';
-- holds that came to nothing, which run_maintenance deletes after a while
create index ticket_reservations_closed on public.ticket_reservations (closed_at)
where status in ('released', 'expired');
create index ticket_reservations_schedule on public.ticket_reservations (schedule_id, ticket_type_id);
create index ticket_reservations_ticket_type on public.ticket_reservations (ticket_type_id)
where ticket_type_id is not null;
create index ticket_reservations_user on public.ticket_reservations (user_id, schedule_id)
where user_id is not null;
create index ticket_reservations_series on public.ticket_reservations (series_id)
where series_id is not null;
create index ticket_reservations_pass on public.ticket_reservations (pass_id)
where pass_id is not null;
-- a pass admits one person: one place on an occurrence
create unique index one_place_of_pass on public.ticket_reservations (pass_id, schedule_id)
where pass_id is not null and status in ('held', 'confirmed');
alter table public.ticket_reservations enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy own_or_staff on public.ticket_reservations for select
using (user_id = (select ticketdb.caller_user_id()) or (select ticketdb.is_staff()));

comment on table public.ticket_reservations is
'Ticket reservations

One row for each order of tickets of one occurrence: held until paid or lapsed, then a sale until cancelled.';
comment on column public.ticket_reservations.id is 'Identity';
comment on column public.ticket_reservations.reservation_code is 'Unique code for people, such as R-7K3F9Q2M4T';
comment on column public.ticket_reservations.schedule_id is 'Occurrence';
comment on column public.ticket_reservations.ticket_type_id is 'Ticket type; null means general admission';
comment on column public.ticket_reservations.user_id is 'Buyer, where known';
comment on column public.ticket_reservations.booking_id is 'Application''s booking that it follows';
comment on column public.ticket_reservations.participant_id is 'Application''s participant whose imported place it is';
comment on column public.ticket_reservations.quantity is 'Number of tickets';
comment on column public.ticket_reservations.unit_price is 'Price of one ticket when it was held';
comment on column public.ticket_reservations.total_amount is 'What is to be paid for all of it';
comment on column public.ticket_reservations.status is
'held, confirmed, refund_due (paid, but no seat was left), released, expired or cancelled';
comment on column public.ticket_reservations.expires_at is 'When the hold lapses unless paid';
comment on column public.ticket_reservations.origin is
'Who made it: api (reserve_tickets), booking (the application''s booking), legacy (link_legacy_data), pass (a visit with a pass) or
waitlist (seats offered to who waited)';
comment on column public.ticket_reservations.idempotency_key is 'Caller''s key; a repeat with it is answered with this row';
comment on column public.ticket_reservations.request is 'Arguments that came with the idempotency key';
comment on column public.ticket_reservations.contact is 'Buyer''s contact data: name, mobile, email';
comment on column public.ticket_reservations.created_at is 'When it was made';
comment on column public.ticket_reservations.confirmed_at is 'When it was paid';
comment on column public.ticket_reservations.closed_at is 'When it was released, expired or cancelled';
comment on column public.ticket_reservations.close_reason is 'Why it was cancelled, as the caller said it';
comment on column public.ticket_reservations.participants_problem is
'Error met when its participants were written to program_participants; the sale stands regardless';
comment on column public.ticket_reservations.bucket is
'Part of the occurrence''s seats that its own lie in; null until it first had seats';
comment on column public.ticket_reservations.series_id is
'First reservation of the series that it was made with; null for one of its own';
comment on column public.ticket_reservations.pass_id is 'Pass whose place it is; null for one of its own';
