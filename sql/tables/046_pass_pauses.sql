-- Days on which a pass is not good, for which its end was moved.

create table public.pass_pauses (
    id bigint generated always as identity constraint pass_pauses_pkey primary key,
    pass_id bigint not null constraint pause_pass references public.event_passes (id),
    paused_from date not null,
    paused_until date not null,
    created_at timestamptz not null default clock_timestamp(),

    constraint pause_ends_after_start check (paused_until >= paused_from),
    -- a day that is paused twice would be added twice; ranges of one id, for plain ids take an extension here
    constraint one_pause_at_a_time exclude using gist (
        int8range(pass_id, pass_id, '[]') with &&,
        daterange(paused_from, paused_until, '[]') with &&
    )
);
create index pass_pauses_pass on public.pass_pauses (pass_id);
alter table public.pass_pauses enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy own_or_staff on public.pass_pauses for select
using (
    (select ticketdb.is_staff())
    or pass_id in (
        select p.id from public.event_passes as p where p.user_id = (select ticketdb.caller_user_id())
    )
);

comment on table public.pass_pauses is
'Pauses of passes

One row for each time that a pass was paused; its end was moved by as many days.';
comment on column public.pass_pauses.id is 'Identity';
comment on column public.pass_pauses.pass_id is 'Pass';
comment on column public.pass_pauses.paused_from is 'First local date of the pause';
comment on column public.pass_pauses.paused_until is 'Last local date of the pause';
comment on column public.pass_pauses.created_at is 'When the row was made';
