-- The outbox: what holders of tickets have to be told, written in the transaction in which it happens. To whom is read from the
-- reservation when it is sent.

create table public.ticket_notifications (
    id bigint generated always as identity constraint ticket_notifications_pkey primary key,
    kind text not null,
    reservation_id bigint
        constraint notification_reservation references public.ticket_reservations (id) on delete cascade,
    details jsonb not null default '{}',
    once_key text,
    status text not null default 'pending',
    attempts int not null default 0,
    due_at timestamptz not null default clock_timestamp(),
    lease_id uuid,
    last_error text,
    created_at timestamptz not null default clock_timestamp(),
    completed_at timestamptz,
    pass_id bigint constraint notification_pass references public.event_passes (id) on delete cascade,

    constraint notification_of_one_sale check (num_nonnulls(reservation_id, pass_id) = 1),
    constraint notification_kind_known check (
        kind in (
            'ticket_confirmation', 'schedule_reminder', 'schedule_cancelled', 'schedule_moved', 'waitlist_offer', 'refund_due',
            'pass_renewal'
        )
    ),
    constraint notification_status_known check (status in ('pending', 'sent', 'skipped', 'dead')),
    constraint notification_attempts_not_negative check (attempts >= 0)
) with (
    -- a claim changes the row in place; vacuum by number of rows, for the history grows for ever
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000
);
-- what is to be said once is said once
create unique index notification_said_once on public.ticket_notifications (once_key)
where once_key is not null;
create index ticket_notifications_due on public.ticket_notifications (due_at)
where status = 'pending';
-- what run_maintenance deletes after a while; a sale does not pay for it
create index ticket_notifications_completed on public.ticket_notifications (completed_at)
where completed_at is not null;
create index ticket_notifications_reservation on public.ticket_notifications (reservation_id);
create index ticket_notifications_pass on public.ticket_notifications (pass_id)
where pass_id is not null;
alter table public.ticket_notifications enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy staff on public.ticket_notifications for select using ((select ticketdb.is_staff()));
create policy staff_update on public.ticket_notifications for update
using ((select ticketdb.is_staff())) with check ((select ticketdb.is_staff()));

comment on table public.ticket_notifications is
'Ticket notifications

The outbox: one row for each message to the holder of a reservation or a pass, kept until it is sent or given up.';
comment on column public.ticket_notifications.id is 'Identity';
comment on column public.ticket_notifications.kind is
'ticket_confirmation, schedule_reminder, schedule_cancelled, schedule_moved, waitlist_offer, refund_due or pass_renewal (the next
period of a pass, to be paid)';
comment on column public.ticket_notifications.reservation_id is 'Reservation whose buyer is told; null for a pass as a whole';
comment on column public.ticket_notifications.details is 'What the message says besides what the reservation says now';
comment on column public.ticket_notifications.once_key is
'What must not be said twice, such as reminder 17 of a start; null where each event is told';
comment on column public.ticket_notifications.status is 'pending, sent, skipped (no longer true when it was due), or dead after too many attempts';
comment on column public.ticket_notifications.attempts is 'How often it was claimed';
comment on column public.ticket_notifications.due_at is 'Not to be claimed before; while it is claimed, when the claim lapses';
comment on column public.ticket_notifications.lease_id is 'Claim under way; null when none is';
comment on column public.ticket_notifications.last_error is 'What went wrong at the last attempt';
comment on column public.ticket_notifications.created_at is 'When it happened';
comment on column public.ticket_notifications.completed_at is 'When it was sent, skipped or given up';
comment on column public.ticket_notifications.pass_id is 'Pass whose buyer is told; null for a reservation';
