-- One row per admission.

create table public.event_tickets (
    id bigint generated always as identity constraint event_tickets_pkey primary key,
    ticket_code uuid not null default gen_random_uuid() constraint ticket_code_unique unique,
    reservation_id bigint not null
        constraint ticket_reservation references public.ticket_reservations (id),
    participant_id int
        constraint ticket_participant references public.program_participants (id) on delete set null,
    status text not null default 'valid',
    created_at timestamptz not null default clock_timestamp(),
    voided_at timestamptz,
    scan_count int not null default 0,
    first_scanned_at timestamptz,

    constraint ticket_status_known check (status in ('valid', 'void')),
    constraint scan_count_not_negative check (scan_count >= 0)
) with (
    -- a scan changes the row in place; vacuum by number of rows, for the history grows for ever
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000
);
create index event_tickets_reservation on public.event_tickets (reservation_id);
create index event_tickets_participant on public.event_tickets (participant_id)
where participant_id is not null;
alter table public.event_tickets enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy own_or_staff on public.event_tickets for select
using (
    (select ticketdb.is_staff())
    or reservation_id in (
        select r.id from public.ticket_reservations as r where r.user_id = (select ticketdb.caller_user_id())
    )
);

comment on table public.event_tickets is
'Tickets

One row for each admission that was paid for.';
comment on column public.event_tickets.id is 'Identity';
comment on column public.event_tickets.ticket_code is 'Unguessable code that the ticket carries';
comment on column public.event_tickets.reservation_id is 'Reservation it was sold with';
comment on column public.event_tickets.participant_id is 'Person it admits, where one is named';
comment on column public.event_tickets.status is 'valid, or void after a cancellation';
comment on column public.event_tickets.created_at is 'When it was issued';
comment on column public.event_tickets.voided_at is 'When it became void';
comment on column public.event_tickets.scan_count is 'How often it was scanned for its own occurrence while valid';
comment on column public.event_tickets.first_scanned_at is 'When its holder was admitted; null until then';
