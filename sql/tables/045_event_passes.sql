-- A pass: sold once, good for many occurrences of one event. Its places are ordinary reservations that name it.

create table public.event_passes (
    id bigint generated always as identity constraint event_passes_pkey primary key,
    pass_code uuid not null default gen_random_uuid() constraint pass_code_unique unique,
    event_definition_id int not null
        constraint pass_definition references public.event_definitions (id),
    pass_type_id int constraint pass_pass_type references public.pass_types (id),
    user_id int constraint pass_user references public.users (id) on delete set null,
    participant_id int
        constraint pass_participant references public.program_participants (id) on delete set null,
    contact jsonb,
    kind text not null,
    starts_on date not null,
    ends_on date not null,
    visits int not null,
    visits_used int not null default 0,
    price numeric(10,2) not null,
    status text not null default 'held',
    expires_at timestamptz not null,
    origin text not null default 'api',
    renews boolean not null default false,
    renewed_from bigint
        constraint pass_renewed_from references public.event_passes (id)
        constraint pass_renewed_once unique,
    renewal_problem text,
    idempotency_key text,
    request jsonb,
    created_at timestamptz not null default clock_timestamp(),
    confirmed_at timestamptz,
    closed_at timestamptz,
    close_reason text,

    constraint pass_kind_known check (kind in ('monthly', 'visits')),
    constraint pass_status_known check (status in ('held', 'active', 'refund_due', 'released', 'cancelled')),
    constraint pass_origin_known check (origin in ('api', 'renewal', 'legacy')),
    constraint pass_ends_after_start check (ends_on >= starts_on),
    -- no visit that was not paid for, and none is given back twice
    constraint visits_used_within_visits check (visits >= 1 and visits_used between 0 and visits),
    constraint pass_price_not_negative check (price >= 0 and price < 'NaN'),
    -- the next period costs what the type says then
    constraint renewing_pass_has_a_type check (not renews or pass_type_id is not null)
);
create unique index one_pass_per_key on public.event_passes (idempotency_key)
where idempotency_key is not null;
-- an imported participant has one pass
create unique index one_pass_of_participant on public.event_passes (participant_id)
where participant_id is not null;
create index event_passes_definition on public.event_passes (event_definition_id);
create index event_passes_pass_type on public.event_passes (pass_type_id);
create index event_passes_user on public.event_passes (user_id);
create index event_passes_renewing on public.event_passes (ends_on)
where renews and status = 'active';
alter table public.event_passes enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy own_or_staff on public.event_passes for select
using (user_id = (select ticketdb.caller_user_id()) or (select ticketdb.is_staff()));

comment on table public.event_passes is
'Passes

One row for each pass: held until paid, then active until cancelled. v_event_passes tells which are paused or over.';
comment on column public.event_passes.id is 'Identity';
comment on column public.event_passes.pass_code is 'Unguessable code that the pass carries';
comment on column public.event_passes.event_definition_id is 'Event it is for';
comment on column public.event_passes.pass_type_id is 'Type it was sold as; null for an imported one';
comment on column public.event_passes.user_id is 'Buyer, where known';
comment on column public.event_passes.participant_id is 'Application''s participant whose imported pass it is';
comment on column public.event_passes.contact is 'Buyer''s contact data: name, mobile, email';
comment on column public.event_passes.kind is 'monthly or visits';
comment on column public.event_passes.starts_on is 'First local date on which it is good';
comment on column public.event_passes.ends_on is 'Last local date on which it is good; pauses and extensions move it';
comment on column public.event_passes.visits is 'What was sold: the number of visits, or of occurrences in a monthly pass''s period';
comment on column public.event_passes.visits_used is 'Visits that have a place, kept by trigger; 0 for a monthly pass';
comment on column public.event_passes.price is 'What is to be paid for it';
comment on column public.event_passes.status is
'held, active, refund_due (paid, but its places were gone), released or cancelled';
comment on column public.event_passes.expires_at is 'When the hold lapses unless paid';
comment on column public.event_passes.origin is
'Who made it: api (buy_pass), renewal (the daily round) or legacy (link_legacy_data)';
comment on column public.event_passes.renews is 'Whether the next period is made before this one ends';
comment on column public.event_passes.renewed_from is 'Pass whose next period it is';
comment on column public.event_passes.renewal_problem is 'Why the next period could not be made; renews is false from then on';
comment on column public.event_passes.idempotency_key is 'Caller''s key; a repeat with it is answered with this row';
comment on column public.event_passes.request is 'Arguments that came with the idempotency key';
comment on column public.event_passes.created_at is 'When it was made';
comment on column public.event_passes.confirmed_at is 'When it was paid';
comment on column public.event_passes.closed_at is 'When it was released or cancelled';
comment on column public.event_passes.close_reason is 'Why it was cancelled, as the caller said it';
