-- The outbox, and what a pass and the waiting list will make reservations from.

-- The outbox: what holders of tickets have to be told, written in the transaction in which it happens. To whom is read from the
-- reservation when it is sent.

create table public.ticket_notifications (
    id bigint generated always as identity constraint ticket_notifications_pkey primary key,
    kind text not null,
    reservation_id bigint not null
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

    constraint notification_kind_known check (
        kind in (
            'ticket_confirmation', 'schedule_reminder', 'schedule_cancelled', 'schedule_moved', 'waitlist_offer', 'refund_due'
        )
    ),
    constraint notification_status_known check (status in ('pending', 'sent', 'dead')),
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
create index ticket_notifications_reservation on public.ticket_notifications (reservation_id);
alter table public.ticket_notifications enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy staff on public.ticket_notifications for select using ((select ticketdb.is_staff()));

comment on table public.ticket_notifications is
'Ticket notifications

The outbox: one row for each message to the holder of a reservation, kept until it is sent or given up.';
comment on column public.ticket_notifications.id is 'Identity';
comment on column public.ticket_notifications.kind is
'ticket_confirmation, schedule_reminder, schedule_cancelled, schedule_moved, waitlist_offer or refund_due';
comment on column public.ticket_notifications.reservation_id is 'Reservation whose buyer is told';
comment on column public.ticket_notifications.details is 'What the message says besides what the reservation says now';
comment on column public.ticket_notifications.once_key is
'What must not be said twice, such as reminder 17 of a start; null where each event is told';
comment on column public.ticket_notifications.status is 'pending, sent, or dead after too many attempts';
comment on column public.ticket_notifications.attempts is 'How often it was claimed';
comment on column public.ticket_notifications.due_at is 'Not to be claimed before; while it is claimed, when the claim lapses';
comment on column public.ticket_notifications.lease_id is 'Claim under way; null when none is';
comment on column public.ticket_notifications.last_error is 'What went wrong at the last attempt';
comment on column public.ticket_notifications.created_at is 'When it happened';
comment on column public.ticket_notifications.completed_at is 'When it was sent or given up';

alter table public.ticket_reservations drop constraint reservation_origin_known;
-- every old row meets it: the next migration validates it without keeping anybody out
alter table public.ticket_reservations add constraint reservation_origin_known
check (origin in ('api', 'booking', 'legacy', 'pass', 'waitlist')) not valid;
comment on column public.ticket_reservations.origin is
'Who made it: api (reserve_tickets), booking (the application''s booking), legacy (link_legacy_data), pass (a visit with a pass) or
waitlist (seats offered to who waited)';

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/queue_notification.sql
-- Puts a message to the buyer of a reservation into the outbox, in the transaction of what it tells. Called by whatever
-- happens to a reservation.
-- locks: ticket_notifications (new row)
-- raises: nothing
create or replace function ticketdb.queue_notification(
    p_kind text,
    p_reservation_id bigint,
    p_details jsonb default '{}',
    p_once_key text default null,
    p_due_at timestamptz default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.ticket_notifications (kind, reservation_id, details, once_key, due_at)
    values (p_kind, p_reservation_id, p_details, p_once_key, coalesce(p_due_at, clock_timestamp()))
    on conflict do nothing;
end
$$;
revoke execute on function ticketdb.queue_notification(text, bigint, jsonb, text, timestamptz) from public;
comment on function ticketdb.queue_notification(text, bigint, jsonb, text, timestamptz) is
'Put a message to the buyer of a reservation into the outbox

p_kind: see ticket_notifications; p_details: what the reservation does not say; p_once_key: said once; p_due_at: not before,
null means now.';
-- <<< sql/functions/queue_notification.sql

-- >>> sql/views/role_grants.sql
-- What each of PostgREST's roles may do with each object of ours: the one list from which rights are granted (grant_roles), documented
-- and tested. What is not here is granted to nobody. anon reads what is public; authenticated, besides, reserves for itself and gives up
-- what is its own, and row level security lets an admin manage events; service_role is the payment server.
create or replace view ticketdb.role_grants as
select
    g.kind,
    -- a schema is named with its dot
    rtrim(g.object, '.') as object,
    p.privilege,
    r.role_name,
    case
        when to_regrole(r.role_name) is null then false
        when g.kind = 'table' then has_table_privilege(r.role_name, g.object, p.privilege)
        when g.kind = 'sequence' then has_sequence_privilege(r.role_name, g.object, p.privilege)
        when g.kind = 'function' then has_function_privilege(r.role_name, g.object, p.privilege)
        else has_schema_privilege(r.role_name, rtrim(g.object, '.'), p.privilege)
    end as is_granted
from (
    values
    -- the events
    ('table', 'public.event_definitions', 'select', '{anon,authenticated,service_role}'::text[]),
    ('table', 'public.event_definitions', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.event_definitions_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.event_schedules', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.event_schedules', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.event_schedules_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.ticket_types', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.ticket_types', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.ticket_types_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.v_event_availability', 'select', '{anon,authenticated,service_role}'),
    ('function', 'public.check_ticket_availability(int, int, int)', 'execute', '{anon,authenticated,service_role}'),
    -- orders, written by functions alone
    ('table', 'public.ticket_reservations', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_payments', 'select', '{authenticated,service_role}'),
    ('table', 'public.event_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_schedule_participants', 'select', '{authenticated,service_role}'),
    ('function', 'public.reserve_tickets(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.reserve_series(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.release_reservation(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_reservation(bigint, text, numeric, jsonb)', 'execute', '{service_role}'),
    ('function', 'public.cancel_reservation(bigint, text)', 'execute', '{service_role}'),
    -- the house
    ('table', 'public.ticket_check_ins', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_notifications', 'select', '{authenticated,service_role}'),
    ('table', 'public.legacy_link_issues', 'select', '{authenticated,service_role}'),
    ('function', 'public.generate_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.preview_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.check_in(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'public.run_maintenance(int)', 'execute', '{service_role}'),
    ('function', 'public.verify_inventory()', 'execute', '{service_role}'),
    -- the inside, as far as views, policies, defaults and the faces above read it in the caller's name
    ('schema', 'ticketdb.', 'usage', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_sales', 'select', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_people', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.seat_buckets', 'select', '{service_role}'),
    ('function', 'ticketdb.caller_claims()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.caller_user_id()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.may_sell()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.is_staff()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.raise_error(text, text, text, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.check_reservation_arguments(int, int, int, interval, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.describe_refusal(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.lapsed_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.local_instant(timestamp, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.time_before(timestamptz, interval, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_offer(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.reserve_for_caller(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.reserve_series_for_caller(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.release_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.require_staff()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.check_recurrence_arguments(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.definition_occurrences(int, date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.schedule_instants(date, time, time, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_read_committed()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.database_time_zone()', 'execute', '{authenticated,service_role}'),
    -- the inside of selling, for anybody
    ('function', 'ticketdb.hold_tickets(int, int, int, int, interval, jsonb, text, jsonb, int, numeric, bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_tickets_once(int, int, int, int, interval, jsonb, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.reservation_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_series(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.series_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.release_hold(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.confirm_payment(bigint, text, numeric, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.cancel_sale(bigint, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.sale_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'ticketdb.maintain(int)', 'execute', '{service_role}')
) as g (kind, object, privileges, roles)
cross join unnest(string_to_array(g.privileges, ', ')) as p (privilege)
cross join unnest(g.roles) as r (role_name);
revoke all on ticketdb.role_grants from public;
comment on view ticketdb.role_grants is 'Rights of PostgREST''s roles on each object of ours';
comment on column ticketdb.role_grants.kind is 'table (a view too), sequence, function or schema';
comment on column ticketdb.role_grants.object is 'Object, as grant names it';
comment on column ticketdb.role_grants.privilege is 'Privilege, as grant names it';
comment on column ticketdb.role_grants.role_name is 'Role: anon, authenticated or service_role';
comment on column ticketdb.role_grants.is_granted is 'Whether the role exists and has the privilege';
-- <<< sql/views/role_grants.sql
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
