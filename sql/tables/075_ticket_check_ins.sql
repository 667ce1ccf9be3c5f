-- Every scan of a ticket at the door.

create table public.ticket_check_ins (
    id bigint generated always as identity constraint ticket_check_ins_pkey primary key,
    ticket_id bigint not null constraint check_in_ticket references public.event_tickets (id),
    scan_id uuid,
    result text not null,
    gate text,
    scanned_at timestamptz not null,
    created_at timestamptz not null default clock_timestamp(),

    constraint check_in_result_known check (
        result in ('admitted', 'exited', 'already_used', 'void', 'wrong_schedule')
    )
) with (
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000
);
-- a scan that is sent twice is one scan
create unique index scan_id_unique on public.ticket_check_ins (scan_id)
where scan_id is not null;
create index ticket_check_ins_ticket on public.ticket_check_ins (ticket_id);
alter table public.ticket_check_ins enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy staff on public.ticket_check_ins for select using ((select ticketdb.is_staff()));

comment on table public.ticket_check_ins is
'Check-ins

One row for each scan of a ticket at the door, with what the door was told.';
comment on column public.ticket_check_ins.id is 'Identity';
comment on column public.ticket_check_ins.ticket_id is 'Ticket that was scanned';
comment on column public.ticket_check_ins.scan_id is 'Scanner''s own number of the scan, so that it can be sent again';
comment on column public.ticket_check_ins.result is 'admitted, exited, already_used, void or wrong_schedule';
comment on column public.ticket_check_ins.gate is 'Door or gate';
comment on column public.ticket_check_ins.scanned_at is 'When it was scanned, by the scanner''s word';
comment on column public.ticket_check_ins.created_at is 'When the row was made';
