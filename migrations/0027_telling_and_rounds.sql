-- Telling people: confirmations, reminders and refunds reach the outbox, and senders claim from it. The daily round: its steps are
-- functions of their own, and pg_cron can run it.

alter table public.event_definitions
    add column reminder_before interval default '1 day',
    add column reminder_time time;
-- every row has the default, which meets it: the next migration validates it without keeping anybody out
alter table public.event_definitions add constraint reminder_within_a_month
check (reminder_before between interval '0' and interval '30 days') not valid;
comment on column public.event_definitions.reminder_before is
'Holders of tickets are reminded so long before the start, days being days of the venue''s calendar; null means not at all';
comment on column public.event_definitions.reminder_time is
'Local time of day of the reminder, such as 18:00 with a reminder_before of 1 day; null means that of the start';

alter table public.ticket_notifications drop constraint notification_status_known;
-- every old row meets it
alter table public.ticket_notifications add constraint notification_status_known
check (status in ('pending', 'sent', 'skipped', 'dead')) not valid;
comment on column public.ticket_notifications.status is
'pending, sent, skipped (no longer true when it was due), or dead after too many attempts';
comment on column public.ticket_notifications.completed_at is 'When it was sent, skipped or given up';
-- no row was ever completed before
create index ticket_notifications_completed on public.ticket_notifications (completed_at)
where completed_at is not null;
-- a pass as a whole has no reservation
alter table public.ticket_notifications
    alter column reservation_id drop not null,
    add column pass_id bigint constraint notification_pass references public.event_passes (id) on delete cascade,
    add constraint notification_of_one_sale check (num_nonnulls(reservation_id, pass_id) = 1) not valid,
    drop constraint notification_kind_known,
    add constraint notification_kind_known check (
        kind in (
            'ticket_confirmation', 'schedule_reminder', 'schedule_cancelled', 'schedule_moved', 'waitlist_offer', 'refund_due',
            'pass_renewal'
        )
    ) not valid;
create index ticket_notifications_pass on public.ticket_notifications (pass_id)
where pass_id is not null;
comment on table public.ticket_notifications is
'Ticket notifications

The outbox: one row for each message to the holder of a reservation or a pass, kept until it is sent or given up.';
comment on column public.ticket_notifications.kind is
'ticket_confirmation, schedule_reminder, schedule_cancelled, schedule_moved, waitlist_offer, refund_due or pass_renewal (the next
period of a pass, to be paid)';
comment on column public.ticket_notifications.reservation_id is 'Reservation whose buyer is told; null for a pass as a whole';
comment on column public.ticket_notifications.pass_id is 'Pass whose buyer is told; null for a reservation';
create policy staff_update on public.ticket_notifications for update
using ((select ticketdb.is_staff())) with check ((select ticketdb.is_staff()));

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/claim_notifications.sql
-- The face of claiming messages, for whoever sends them.
-- locks, raises: as lease_notifications
create or replace function public.claim_notifications(p_limit int default 10, p_lease interval default '60 seconds')
returns table (
    notification_id bigint,
    lease_id uuid,
    kind text,
    attempts int,
    created_at timestamptz,
    details jsonb,
    reservation_id bigint,
    reservation_code text,
    reservation_status text,
    quantity int,
    total_amount numeric,
    refund_due numeric,
    expires_at timestamptz,
    contact_name text,
    contact_mobile text,
    contact_email text,
    schedule_id int,
    event_code text,
    event_title text,
    schedule_status text,
    starts_at timestamptz,
    ends_at timestamptz,
    start_datetime timestamp,
    end_datetime timestamp,
    timezone text,
    venue_name text,
    space_name text,
    ticket_type text,
    ticket_codes uuid[],
    pass_id bigint,
    pass_code uuid,
    pass_status text,
    pass_starts_on date,
    pass_ends_on date
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids constant bigint[] := ticketdb.lease_notifications(p_limit, p_lease);
begin
    return query
    select
        m.notification_id, m.lease_id, m.kind, m.attempts, m.created_at, m.details, m.reservation_id,
        m.reservation_code, m.reservation_status, m.quantity, m.total_amount, m.refund_due, m.expires_at,
        m.contact_name, m.contact_mobile, m.contact_email, m.schedule_id, m.event_code, m.event_title,
        m.schedule_status, m.starts_at, m.ends_at, m.start_datetime, m.end_datetime, m.timezone, m.venue_name,
        m.space_name, m.ticket_type, m.ticket_codes, m.pass_id, m.pass_code, m.pass_status, m.pass_starts_on,
        m.pass_ends_on
    from ticketdb.read_notifications(v_ids) as m;
end
$$;
revoke execute on function public.claim_notifications(int, interval) from public;
comment on function public.claim_notifications(int, interval) is
'Claim notifications

Hands out up to p_limit messages that are due (10 by default, at most 1000), with what is known of each at this moment. For the time
of p_lease (a minute by default) nobody else gets them; send each, then call complete_notification with its lease_id. One that is not
completed by then is handed out again. What is no longer true, such as the reminder of a cancelled reservation, is passed over.
Errors: invalid_argument.';
-- <<< sql/functions/claim_notifications.sql

-- >>> sql/functions/complete_notification.sql
-- The face of completing a message, for whoever has claimed it.
-- locks, raises: as settle_notification
create or replace function public.complete_notification(p_id bigint, p_lease_id uuid, p_error text default null)
returns table (notification_id bigint, status text, attempts int, due_at timestamptz, is_counted boolean)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select s.notification_id, s.status, s.attempts, s.due_at, s.is_counted
    from ticketdb.settle_notification(p_id, p_lease_id, p_error) as s;
end
$$;
revoke execute on function public.complete_notification(bigint, uuid, text) from public;
comment on function public.complete_notification(bigint, uuid, text) is
'Complete a notification

Says what became of message p_id that was claimed as p_lease_id: sent, or failed if p_error says why. After a failure it is due again
in a minute, then in two, and so on; after the tenth it is dead. Returns its status, and in is_counted whether this call changed
it: a claim that has run out and been replaced changes nothing, nor does a repetition. Errors: invalid_argument.';
-- <<< sql/functions/complete_notification.sql

-- >>> sql/functions/complete_schedules.sql
-- Completes occurrences that are over. A step of the daily round.
-- locks: event_schedules (passing over locked ones)
-- raises: nothing
create or replace function ticketdb.complete_schedules(p_limit int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids constant int[] := array(
        select o.id
        from public.event_schedules as o
        where o.status = 'scheduled' and o.ends_at <= now() and o.schedule_date <= current_date + 1
        order by o.id
        limit p_limit
        for no key update skip locked
    );
begin
    update public.event_schedules as s
    set status = 'completed'
    where s.id = any (v_ids);
    return cardinality(v_ids);
end
$$;
revoke execute on function ticketdb.complete_schedules(int) from public;
comment on function ticketdb.complete_schedules(int) is
'Complete occurrences that are over; returns how many

p_limit: at most so many.';
-- <<< sql/functions/complete_schedules.sql

-- >>> sql/functions/delete_cancelled_schedules.sql
-- Deletes cancelled occurrences that would have been over 90 days ago, if nobody ever ordered, booked or came: they tell nothing.
-- A step of the daily round.
-- locks: event_schedules (passing over locked ones), then ticketdb.seat_buckets: against the order, where nothing has been sold for long
-- raises: nothing
create or replace function ticketdb.delete_cancelled_schedules(p_limit int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids constant int[] := array(
        select o.id
        from public.event_schedules as o
        where o.status = 'cancelled' and o.ends_at < now() - interval '90 days' and o.schedule_date < current_date - 88
          and o.booking_id is null
          and not exists (select from public.ticket_reservations as r where r.schedule_id = o.id)
          and not exists (select from public.bookings as b where b.event_schedule_id = o.id)
          and not exists (select from public.program_participants as pp where pp.event_schedule_id = o.id)
        order by o.id
        limit p_limit
        for update skip locked
    );
begin
    delete from public.event_schedules as s
    where s.id = any (v_ids);
    return cardinality(v_ids);
end
$$;
revoke execute on function ticketdb.delete_cancelled_schedules(int) from public;
comment on function ticketdb.delete_cancelled_schedules(int) is
'Delete cancelled occurrences of 90 days ago that nobody ever had to do with; returns how many

p_limit: at most so many.';
-- <<< sql/functions/delete_cancelled_schedules.sql

-- >>> sql/functions/delete_old_holds.sql
-- Deletes holds that came to nothing 90 days ago: nothing was paid for them, no booking follows them, and no series begins with them.
-- A step of the daily round.
-- locks: ticket_reservations (passing over locked ones)
-- raises: nothing
create or replace function ticketdb.delete_old_holds(p_limit int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids constant bigint[] := array(
        select c.id
        from public.ticket_reservations as c
        where c.status in ('released', 'expired') and c.closed_at < now() - interval '90 days'
          and c.booking_id is null and c.participant_id is null
          and (c.series_id is null or c.series_id <> c.id)
          and not exists (select from public.ticket_payments as p where p.reservation_id = c.id)
          and not exists (select from public.event_tickets as t where t.reservation_id = c.id)
        order by c.closed_at
        limit p_limit
        for update skip locked
    );
begin
    delete from public.ticket_reservations as r
    where r.id = any (v_ids);
    return cardinality(v_ids);
end
$$;
revoke execute on function ticketdb.delete_old_holds(int) from public;
comment on function ticketdb.delete_old_holds(int) is
'Delete holds that came to nothing 90 days ago; returns how many

p_limit: at most so many.';
-- <<< sql/functions/delete_old_holds.sql

-- >>> sql/functions/expire_holds.sql
-- Expires lapsed holds, a bounded number of each of a bounded number of occurrences, and offers what is free to those who wait: each
-- occurrence once, in order, for its buckets stay locked until the round is over. A step of the daily round.
-- locks: as reclaim_lapsed_holds and offer_seats, by schedule_id
-- raises: lock_not_available
create or replace function ticketdb.expire_holds(p_limit int, out holds_expired bigint, out waitlist_offers bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select coalesce(sum(e.expired), 0), coalesce(sum(o.offered), 0) into holds_expired, waitlist_offers
    from (
        select r.schedule_id
        from (
            select l.schedule_id
            from public.ticket_reservations as l
            where l.status = 'held' and l.expires_at <= clock_timestamp()
            limit p_limit
        ) as r
        union
        select w.schedule_id from ticketdb.servable_waitlists(p_limit) as w
        order by 1
    ) as h
    cross join lateral (select ticketdb.reclaim_lapsed_holds(h.schedule_id) as expired) as e
    -- named, so that it comes second
    cross join lateral (select ticketdb.offer_seats(h.schedule_id) as offered where e.expired is not null) as o;
end
$$;
revoke execute on function ticketdb.expire_holds(int) from public;
comment on function ticketdb.expire_holds(int) is
'Expire lapsed holds and offer what is free to those who wait; returns how many of each

p_limit: of so many at most it looks of which occurrence they are.';
-- <<< sql/functions/expire_holds.sql

-- >>> sql/functions/generate_horizon.sql
-- Generates the coming days of everything that recurs. An event of which that fails keeps nobody else waiting: its error is reported.
-- The first step of the daily round.
-- locks: event_schedules (new rows)
-- raises: nothing
create or replace function ticketdb.generate_horizon(p_horizon_days int, out generated bigint, out errors jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_event record;
begin
    generated := 0;
    errors := '[]';
    for v_event in
        select e.id, e.event_code, (now() at time zone e.timezone)::date as today
        from public.event_definitions as e
        where e.is_active and e.recurrence_type <> 'none'
        order by e.id
    loop
        begin
            generated := generated + public.generate_recurring_schedules(
                v_event.id, v_event.today, v_event.today + p_horizon_days
            );
        exception
            when others then
                errors := errors || jsonb_build_object(
                    'step', 'schedules_generated', 'event_code', v_event.event_code, 'sqlstate', sqlstate, 'message', sqlerrm
                );
        end;
    end loop;
end
$$;
revoke execute on function ticketdb.generate_horizon(int) from public;
comment on function ticketdb.generate_horizon(int) is
'Generate what recurs up to p_horizon_days ahead

generated: number of occurrences; errors: of which events that failed, and why.';
-- <<< sql/functions/generate_horizon.sql

-- >>> sql/functions/lease_notifications.sql
-- Hands out messages that are due, the longest due first, each to one claimer at a time: what another has locked or leased is passed
-- over, and comes again when its lease has run out. What is no longer true is skipped; what was claimed too often without an answer
-- is given up. The inside of claim_notifications, which reads the messages; returns their ids.
-- locks: ticket_notifications (passing over locked ones)
-- raises: invalid_argument
create or replace function ticketdb.lease_notifications(p_limit int, p_lease interval)
returns bigint[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now timestamptz;
    v_ids bigint[];
    v_leased bigint[] := array[]::bigint[];
begin
    perform ticketdb.require_read_committed();
    if p_limit is null or p_limit not between 1 and 1000 then
        perform ticketdb.raise_error(
            'invalid_argument', format('a claim of %s messages', coalesce(p_limit::text, 'null')), 'Claim 1 to 1000.',
            jsonb_build_object('limit', p_limit)
        );
    end if;
    if p_lease is null or p_lease not between interval '1 second' and interval '1 day' then
        perform ticketdb.raise_error(
            'invalid_argument', format('a lease of %s', coalesce(p_lease::text, 'null')),
            'Pass the time that sending takes at most, from a second to a day.'
        );
    end if;

    loop
        v_now := clock_timestamp();
        v_ids := array(
            select n.id
            from public.ticket_notifications as n
            where n.status = 'pending' and n.due_at <= v_now
            order by n.due_at
            limit p_limit
            for no key update skip locked
        );
        exit when cardinality(v_ids) = 0;
        update public.ticket_notifications as n
        set status = case when m.is_overtaken then 'skipped' else 'dead' end,
            last_error = case when m.is_overtaken then n.last_error else 'no answer before its lease ran out' end,
            lease_id = null, completed_at = v_now
        from ticketdb.notification_messages as m
        where n.id = any (v_ids) and m.notification_id = n.id
          and (m.is_overtaken or n.attempts >= ticketdb.most_attempts());
        with leased as (
            update public.ticket_notifications as n
            set lease_id = gen_random_uuid(), attempts = n.attempts + 1, due_at = v_now + p_lease
            where n.id = any (v_ids) and n.status = 'pending'
            returning n.id
        )
        select coalesce(array_agg(l.id), array[]::bigint[]) into v_leased
        from leased as l;
        exit when cardinality(v_leased) > 0;
    end loop;
    return v_leased;
end
$$;
revoke execute on function ticketdb.lease_notifications(int, interval) from public;
comment on function ticketdb.lease_notifications(int, interval) is
'Claim messages that are due; returns their ids

p_limit: at most so many; p_lease: until then nobody else gets them.';
-- <<< sql/functions/lease_notifications.sql

-- >>> sql/functions/maintain.sql
-- The daily round: whatever is late is done here, nothing waits for it. Its steps are listed here; each is a function that does a
-- bounded number and returns it, or several numbers by name. A step that fails is undone and reported, the others go on.
-- The inside of run_maintenance.
-- locks: those of the steps, in their order. Seats come late, for their buckets stay locked until the round is over
-- raises: invalid_argument
create or replace function ticketdb.maintain(p_horizon_days int)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- of each kind of work, so that a round is short
    v_at_most constant int := 1000;
    v_counts jsonb;
    v_errors jsonb;
    v_step record;
    v_done jsonb;
begin
    perform ticketdb.require_read_committed();
    if p_horizon_days is null or p_horizon_days not between 0 and 3650 then
        perform ticketdb.raise_error(
            'invalid_argument', format('a horizon of %s days', coalesce(p_horizon_days::text, 'null')),
            'Pass 0 to 3650 days.', jsonb_build_object('horizon_days', p_horizon_days)
        );
    end if;

    select jsonb_build_object('schedules_generated', g.generated), g.errors into v_counts, v_errors
    from ticketdb.generate_horizon(p_horizon_days) as g;
    for v_step in
        select s.name, s.call
        from (
            values
            (1, 'notifications_purged', 'ticketdb.purge_notifications($1)'),
            (2, 'reminders_queued', 'ticketdb.queue_reminders($1)'),
            (3, 'holds_deleted', 'ticketdb.delete_old_holds($1)'),
            (4, 'waitlist_closed', 'ticketdb.close_waitlists($1)'),
            (5, 'holds_expired', 'ticketdb.expire_holds($1)'),
            (6, 'schedules_completed', 'ticketdb.complete_schedules($1)'),
            (7, 'schedules_deleted', 'ticketdb.delete_cancelled_schedules($1)'),
            -- each with a month of places, which stay locked
            (8, 'passes_renewed', 'ticketdb.renew_passes($1 / 20)')
        ) as s (position, name, call)
        order by s.position
    loop
        v_done := '0';
        begin
            execute format('select to_jsonb(f) from %s as f', v_step.call) into v_done using v_at_most;
        exception
            when others then
                v_errors := v_errors || jsonb_build_object('step', v_step.name, 'sqlstate', sqlstate, 'message', sqlerrm);
        end;
        v_counts := v_counts
            || case jsonb_typeof(v_done) when 'object' then v_done else jsonb_build_object(v_step.name, v_done) end;
    end loop;
    return v_counts || case when v_errors = '[]' then '{}' else jsonb_build_object('errors', v_errors) end;
end
$$;
revoke execute on function ticketdb.maintain(int) from public;
comment on function ticketdb.maintain(int) is 'Do what is late, a bounded number of each kind';
-- <<< sql/functions/maintain.sql

-- >>> sql/functions/maintenance_jobs.sql
-- The jobs that pg_cron is given: the round itself, and clearing away pg_cron's record of old rounds, which it keeps for ever. Called
-- by schedule_maintenance_jobs and unschedule_maintenance_jobs.
-- locks: none
-- raises: nothing
create or replace function ticketdb.maintenance_jobs(
    p_schedule text,
    p_horizon_days int,
    out job_name text,
    out schedule text,
    out command text
)
returns setof record
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('ticketdb.maintenance', p_schedule, format('select public.run_maintenance(%s)', p_horizon_days)),
    (
        'ticketdb.maintenance_history', '17 3 * * *',
        'delete from cron.job_run_details as d using cron.job as j where j.jobid = d.jobid '
        'and j.jobname like ''ticketdb.maintenance%'' and d.end_time < now() - interval ''7 days'''
    );
end
$$;
revoke execute on function ticketdb.maintenance_jobs(text, int) from public;
comment on function ticketdb.maintenance_jobs(text, int) is
'Jobs of the daily round for pg_cron

p_schedule: as pg_cron has it; p_horizon_days: of run_maintenance.';
-- <<< sql/functions/maintenance_jobs.sql

-- >>> sql/functions/most_attempts.sql
-- How often a message is tried before it is given up. With the pauses between, that is eight and a half hours. Asked where a message
-- is claimed and where an attempt has failed.
-- locks: none
-- raises: nothing
create or replace function ticketdb.most_attempts()
returns int
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return 10;
end
$$;
revoke execute on function ticketdb.most_attempts() from public;
comment on function ticketdb.most_attempts() is 'How often a message is tried before it is given up';
-- <<< sql/functions/most_attempts.sql

-- >>> sql/functions/purge_notifications.sql
-- Deletes messages that were sent, skipped or given up 90 days ago. A step of the daily round.
-- locks: ticket_notifications (passing over locked ones)
-- raises: nothing
create or replace function ticketdb.purge_notifications(p_limit int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids constant bigint[] := array(
        select n.id
        from public.ticket_notifications as n
        where n.completed_at < now() - interval '90 days'
        order by n.completed_at
        limit p_limit
        for update skip locked
    );
begin
    delete from public.ticket_notifications as n
    where n.id = any (v_ids);
    return cardinality(v_ids);
end
$$;
revoke execute on function ticketdb.purge_notifications(int) from public;
comment on function ticketdb.purge_notifications(int) is
'Delete messages that were sent, skipped or given up 90 days ago; returns how many

p_limit: at most so many.';
-- <<< sql/functions/purge_notifications.sql

-- >>> sql/functions/queue_reminders.sql
-- Puts reminders into the outbox a day before they are due, so that a round a day is enough. Each start is reminded of once; one that
-- was moved is another start. Who bought after the reminder was due knows without. A step of the daily round.
-- locks: ticket_notifications (new rows), ticket_reservations (key share)
-- raises: nothing
create or replace function ticketdb.queue_reminders(p_limit int)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_queued bigint;
begin
    insert into public.ticket_notifications (kind, reservation_id, details, once_key, due_at)
    select 'schedule_reminder', r.id, jsonb_build_object('starts_at', s.starts_at), k.once_key, a.remind_at
    from public.event_definitions as d
    inner join public.event_schedules as s on s.event_definition_id = d.id
    cross join lateral (
        select ticketdb.reminder_at(s.starts_at, d.reminder_before, d.reminder_time, d.timezone) as remind_at
    ) as a
    inner join public.ticket_reservations as r on r.schedule_id = s.id
    cross join lateral (
        select format('reminder %s %s', r.id, extract(epoch from s.starts_at)::bigint) as once_key
    ) as k
    where d.reminder_before is not null
      and s.status = 'scheduled' and s.starts_at > now()
      -- what an index finds: the dates of all zones, and a day either side
      and s.schedule_date between current_date - 2 and (current_date + 4 + d.reminder_before)::date
      and a.remind_at <= now() + interval '1 day'
      and r.status = 'confirmed' and r.confirmed_at < a.remind_at
      and not exists (select from public.ticket_notifications as n where n.once_key = k.once_key)
    order by a.remind_at, r.id
    limit p_limit
    on conflict do nothing;
    get diagnostics v_queued = row_count;
    return v_queued;
end
$$;
revoke execute on function ticketdb.queue_reminders(int) from public;
comment on function ticketdb.queue_reminders(int) is
'Put reminders that are due within a day into the outbox; returns how many

p_limit: at most so many.';
-- <<< sql/functions/queue_reminders.sql

-- >>> sql/functions/read_notifications.sql
-- Messages as their sender gets them, in order. Called by claim_notifications with those that it has just leased.
-- locks: none
-- raises: nothing
create or replace function ticketdb.read_notifications(p_ids bigint[])
returns table (
    notification_id bigint,
    lease_id uuid,
    kind text,
    attempts int,
    created_at timestamptz,
    details jsonb,
    reservation_id bigint,
    reservation_code text,
    reservation_status text,
    quantity int,
    total_amount numeric,
    refund_due numeric,
    expires_at timestamptz,
    contact_name text,
    contact_mobile text,
    contact_email text,
    schedule_id int,
    event_code text,
    event_title text,
    schedule_status text,
    starts_at timestamptz,
    ends_at timestamptz,
    start_datetime timestamp,
    end_datetime timestamp,
    timezone text,
    venue_name text,
    space_name text,
    ticket_type text,
    ticket_codes uuid[],
    pass_id bigint,
    pass_code uuid,
    pass_status text,
    pass_starts_on date,
    pass_ends_on date
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        m.notification_id, m.lease_id, m.kind, m.attempts, m.created_at, m.details, m.reservation_id,
        m.reservation_code, m.reservation_status, m.quantity, m.total_amount, m.refund_due, m.expires_at,
        m.contact_name, m.contact_mobile, m.contact_email, m.schedule_id, m.event_code, m.event_title,
        m.schedule_status, m.starts_at, m.ends_at, m.start_datetime, m.end_datetime, m.timezone, m.venue_name,
        m.space_name, m.ticket_type, m.ticket_codes, m.pass_id, m.pass_code, m.pass_status, m.pass_starts_on,
        m.pass_ends_on
    from ticketdb.notification_messages as m
    where m.notification_id = any (p_ids)
    order by m.notification_id;
end
$$;
revoke execute on function ticketdb.read_notifications(bigint[]) from public;
comment on function ticketdb.read_notifications(bigint[]) is 'Messages of these ids, as their sender gets them';
-- <<< sql/functions/read_notifications.sql

-- >>> sql/functions/reminder_at.sql
-- When an occurrence is reminded of: so long before its start on the venue's calendar, at a time of day or at that of its start.
-- Called by queue_reminders.
-- locks: none
-- raises: nothing
create or replace function ticketdb.reminder_at(
    p_starts_at timestamptz,
    p_before interval,
    p_time time,
    p_timezone text
)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_time is null then
        return ticketdb.time_before(p_starts_at, p_before, p_timezone);
    end if;
    return ticketdb.local_instant(((p_starts_at at time zone p_timezone) - p_before)::date + p_time, p_timezone);
end
$$;
revoke execute on function ticketdb.reminder_at(timestamptz, interval, time, text) from public;
comment on function ticketdb.reminder_at(timestamptz, interval, time, text) is
'Instant at which an occurrence is reminded of; null where p_before is null

p_before, p_time: as event_definitions has them; p_timezone: IANA name.';
-- <<< sql/functions/reminder_at.sql

-- >>> sql/functions/renew_pass.sql
-- Makes the next period of a pass, to be paid before it begins. Where it cannot be had, the pass says why and renews no more. True if
-- it was made. Called by renew_passes with seats of other passes in hand, so it waits for nobody for long: what is locked is
-- left to the next round.
-- locks: event_passes (by the caller), then as open_pass, each for a fifth of a second at most
-- raises: nothing about seats
create or replace function ticketdb.renew_pass(p_pass_id bigint)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
    v_pass record;
    v_starts_on date;
    v_next bigint;
begin
    select e.pass_type_id, e.event_definition_id, e.user_id, e.contact, e.ends_on, d.timezone into v_pass
    from public.event_passes as e
    inner join public.event_definitions as d on d.id = e.event_definition_id
    where e.id = p_pass_id;
    v_starts_on := ticketdb.pass_start(v_pass.event_definition_id, v_pass.ends_on + 1);
    v_next := ticketdb.open_pass(
        v_pass.pass_type_id, v_starts_on, v_pass.user_id, v_pass.contact, true,
        -- a round that came late still leaves a day to pay
        greatest(
            ticketdb.local_instant(v_starts_on::timestamp, v_pass.timezone), clock_timestamp() + interval '1 day'
        ),
        p_pass_id
    );
    perform ticketdb.tell_pass_holder('pass_renewal', v_next);
    return true;
exception
    when lock_not_available or deadlock_detected or unique_violation then
        return false;
    when sqlstate 'PT400' or sqlstate 'PT404' or sqlstate 'PT409' then
        update public.event_passes as e
        set renews = false, renewal_problem = sqlerrm
        where e.id = p_pass_id;
        return false;
end
$$;
revoke execute on function ticketdb.renew_pass(bigint) from public;
comment on function ticketdb.renew_pass(bigint) is 'Make the next period of a pass; false where that cannot be now';
-- <<< sql/functions/renew_pass.sql

-- >>> sql/functions/retry_notification.sql
-- Puts a message back into the outbox: one that was given up, or one that is to be sent once more. For staff, whose right to the
-- row is that of the table.
-- locks: ticket_notifications
-- raises: not_allowed, invalid_argument
create or replace function public.retry_notification(p_id bigint)
returns table (notification_id bigint, status text, attempts int, due_at timestamptz)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_staff();
    perform ticketdb.require_read_committed();
    -- one that is claimed is under way
    update public.ticket_notifications as n
    set status = 'pending', attempts = 0, due_at = clock_timestamp(), completed_at = null
    where n.id = p_id and n.lease_id is null;
    return query
    select n.id, n.status, n.attempts, n.due_at
    from public.ticket_notifications as n
    where n.id = p_id;
    if not found then
        perform ticketdb.raise_error(
            'invalid_argument', format('there is no notification %s', coalesce(p_id::text, 'null')),
            'Look it up in ticket_notifications.', jsonb_build_object('notification_id', p_id)
        );
    end if;
end
$$;
revoke execute on function public.retry_notification(bigint) from public;
comment on function public.retry_notification(bigint) is
'Retry a notification

Puts message p_id back into the outbox with all its attempts before it: a dead one, or a sent one that is to be sent again. One that
is claimed just now is left alone. Errors: not_allowed, invalid_argument.';
-- <<< sql/functions/retry_notification.sql

-- >>> sql/functions/run_maintenance.sql
-- The face of the daily round.
-- locks, raises: as maintain
create or replace function public.run_maintenance(p_horizon_days int default 30)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return ticketdb.maintain(p_horizon_days);
end
$$;
revoke execute on function public.run_maintenance(int) from public;
comment on function public.run_maintenance(int) is
'Run maintenance

Generates what recurs up to p_horizon_days ahead, queues reminders, expires lapsed holds, offers what is free to those who wait, completes
occurrences that are over and closes their waiting lists, makes the next period of passes that renew, and deletes what came to nothing
or was told 90 days ago; but for the first a bounded number of each, so that a big backlog takes several rounds. Returns how many of
each. What failed stands in a list errors, by step, and for an event that could not be generated with its event_code; the rest is
done. Nothing depends on it for being right: run it at any time, twice, at once. Errors: invalid_argument.';
-- <<< sql/functions/run_maintenance.sql

-- >>> sql/functions/schedule_maintenance_jobs.sql
-- Has pg_cron run the daily round, where this database has it; says what to do where it has not. A repetition changes the jobs, for
-- they go by their names. For the owner, as whom the jobs run.
-- locks: pg_cron's own
-- raises: invalid_argument
create or replace function public.schedule_maintenance_jobs(
    p_every interval default '1 minute',
    p_horizon_days int default 30
)
returns table (job_name text, schedule text, command text, is_scheduled boolean, next_step text)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_minutes constant numeric := extract(epoch from p_every) / 60;
    -- cron begins anew with each hour and each day
    v_schedule constant text := case
        when v_minutes = 1 then '* * * * *'
        when v_minutes in (2, 3, 4, 5, 6, 10, 12, 15, 20, 30) then format('*/%s * * * *', v_minutes::int)
        when v_minutes = 60 then '0 * * * *'
        when v_minutes / 60 in (2, 3, 4, 6, 8, 12) then format('0 */%s * * *', (v_minutes / 60)::int)
        when v_minutes = 1440 then '0 3 * * *'
    end;
    v_has_cron constant boolean := to_regclass('cron.job') is not null;
    v_job record;
begin
    perform ticketdb.require_read_committed();
    if v_schedule is null or p_horizon_days is null or p_horizon_days not between 0 and 3650 then
        perform ticketdb.raise_error(
            'invalid_argument', format('a round every %s, %s days ahead', p_every, p_horizon_days),
            'Pass an interval that divides the hour or the day, from a minute to a day, and 0 to 3650 days.'
        );
    end if;
    for v_job in
        select j.job_name, j.schedule, j.command
        from ticketdb.maintenance_jobs(v_schedule, p_horizon_days) as j
        where v_has_cron or j.schedule = v_schedule
    loop
        if v_has_cron then
            execute format('select cron.schedule(%L, %L, %L)', v_job.job_name, v_job.schedule, v_job.command);
        end if;
        return query
        select
            v_job.job_name, v_job.schedule, v_job.command, v_has_cron,
            case when not v_has_cron then ticketdb.without_cron(v_job.job_name, v_job.schedule, v_job.command) end;
    end loop;
end
$$;
revoke execute on function public.schedule_maintenance_jobs(interval, int) from public;
comment on function public.schedule_maintenance_jobs(interval, int) is
'Schedule maintenance jobs

Has pg_cron run run_maintenance(p_horizon_days) every p_every: an interval that divides the hour or the day, by default a minute.
Returns the jobs; calling it again changes them. Without pg_cron in this database is_scheduled is false, and next_step says what to do
instead. Errors: invalid_argument.';
-- <<< sql/functions/schedule_maintenance_jobs.sql

-- >>> sql/functions/seat_pass.sql
-- Makes a paid pass good: each place becomes a sale, lapsed or not, or none does. What was called off meanwhile has no place; it
-- counts as unused. False leaves everything as it was. Called by pay_pass.
-- locks: event_passes (by the caller), ticket_reservations, then for each occurrence as seat_paid_reservation
-- raises: nothing about seats
create or replace function ticketdb.seat_pass(p_pass_id bigint)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_place record;
    v_sale record;
    v_places int := 0;
begin
    perform ticketdb.lock_pass_places(p_pass_id);
    -- ahead of its places, which trigger count_visits keeps from becoming sales of a pass that is not
    update public.event_passes as e
    set status = 'active', confirmed_at = clock_timestamp(), closed_at = null
    where e.id = p_pass_id;
    for v_place in
        select r.id, r.status, s.status = 'cancelled' or s.is_blocked as is_called_off
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        where r.pass_id = p_pass_id and r.status in ('held', 'expired', 'released')
        order by r.schedule_id, r.id
    loop
        v_places := v_places + 1;
        if v_place.is_called_off then
            update public.ticket_reservations as r
            set status = 'released', closed_at = clock_timestamp()
            where r.id = v_place.id and r.status = 'held';
            continue;
        end if;
        v_sale := ticketdb.seat_paid_reservation(v_place.id, null, null);
        if not v_sale.is_seated then
            raise sqlstate 'TD001';
        end if;
    end loop;
    -- places of a hold that came to nothing long ago are deleted
    if exists (
        select from public.event_passes as e where e.id = p_pass_id and e.kind = 'monthly' and e.visits > v_places
    ) then
        raise sqlstate 'TD001';
    end if;
    perform ticketdb.tell_pass_holder('ticket_confirmation', p_pass_id);
    return true;
exception
    when sqlstate 'TD001' then return false;
end
$$;
revoke execute on function ticketdb.seat_pass(bigint) from public;
comment on function ticketdb.seat_pass(bigint) is 'Make a paid pass good, with all its places; false where that cannot be';
-- <<< sql/functions/seat_pass.sql

-- >>> sql/functions/settle_notification.sql
-- Takes down what became of a claimed message: sent, or failed and to be tried again after a pause that doubles, or given up. A claim
-- that another has replaced changes nothing. The inside of complete_notification.
-- locks: ticket_notifications
-- raises: invalid_argument
create or replace function ticketdb.settle_notification(
    p_id bigint,
    p_lease_id uuid,
    p_error text,
    out notification_id bigint,
    out status text,
    out attempts int,
    out due_at timestamptz,
    out is_counted boolean
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := clock_timestamp();
begin
    perform ticketdb.require_read_committed();
    update public.ticket_notifications as n
    set status = case
            when p_error is null then 'sent' when n.attempts >= ticketdb.most_attempts() then 'dead' else 'pending'
        end,
        completed_at = case when p_error is null or n.attempts >= ticketdb.most_attempts() then v_now end,
        due_at = v_now + interval '1 minute' * power(2, n.attempts - 1),
        last_error = left(p_error, 2000),
        lease_id = null
    where n.id = p_id and n.lease_id = p_lease_id and n.status = 'pending';
    is_counted := found;

    select n.id, n.status, n.attempts, n.due_at into notification_id, status, attempts, due_at
    from public.ticket_notifications as n
    where n.id = p_id;
    if not found then
        perform ticketdb.raise_error(
            'invalid_argument', format('there is no notification %s', coalesce(p_id::text, 'null')),
            'Pass notification_id and lease_id as claim_notifications returned them.',
            jsonb_build_object('notification_id', p_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.settle_notification(bigint, uuid, text) from public;
comment on function ticketdb.settle_notification(bigint, uuid, text) is
'Take down what became of a claimed message

p_error: what went wrong; null means that it is sent.';
-- <<< sql/functions/settle_notification.sql

-- >>> sql/functions/take_visit.sql
-- Uses a pass: a place on an occurrence, sold at once. Asked again for the same one it answers with the place that is there. The
-- inside of redeem_pass.
-- locks: as lock_pass, then as add_pass_place
-- raises: pass_not_found, pass_not_valid, schedule_not_found, and what hold_tickets raises
create or replace function ticketdb.take_visit(p_pass_id bigint, p_schedule_id int)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass constant record := ticketdb.lock_pass(p_pass_id);
    v_place bigint;
begin
    if not exists (select from public.event_schedules as s where s.id = p_schedule_id) then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    select r.id into v_place
    from public.ticket_reservations as r
    where r.pass_id = p_pass_id and r.schedule_id = p_schedule_id and r.status = 'confirmed';
    if found then
        return v_place;
    end if;

    perform ticketdb.check_visit(p_pass_id, p_schedule_id);
    v_place := ticketdb.add_pass_place(p_pass_id, p_schedule_id, v_pass.user_id, v_pass.contact);
    perform ticketdb.queue_notification('ticket_confirmation', v_place);
    return v_place;
end
$$;
revoke execute on function ticketdb.take_visit(bigint, int) from public;
comment on function ticketdb.take_visit(bigint, int) is 'Use a pass for an occurrence';
-- <<< sql/functions/take_visit.sql

-- >>> sql/functions/tell_of_refund.sql
-- More of a payment is due back than was: the buyer is told. Called by trigger on ticket_payments, whatever it is due for.
-- locks: ticket_notifications (new row)
-- raises: nothing
create or replace function ticketdb.tell_of_refund()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_details constant jsonb := jsonb_build_object(
        'payment_reference', new.payment_reference, 'payment_refund_due', new.refund_due
    );
begin
    if new.pass_id is not null then
        perform ticketdb.tell_pass_holder('refund_due', new.pass_id, v_details);
    else
        perform ticketdb.queue_notification('refund_due', new.reservation_id, v_details);
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.tell_of_refund() from public;
comment on function ticketdb.tell_of_refund() is 'Trigger: put a refund that is due into the outbox';
-- <<< sql/functions/tell_of_refund.sql

-- >>> sql/functions/tell_of_sale.sql
-- A reservation became a sale: its buyer is told. One insert by itself, for every sale pays for it. Called by trigger on
-- ticket_reservations, whoever confirms; not for imported sales.
-- locks: ticket_notifications (new row); ticket_reservations (by the caller)
-- raises: nothing
create or replace function ticketdb.tell_of_sale()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.ticket_notifications (kind, reservation_id)
    values ('ticket_confirmation', new.id);
    return null;
end
$$;
revoke execute on function ticketdb.tell_of_sale() from public;
comment on function ticketdb.tell_of_sale() is 'Trigger: put the confirmation of a sale into the outbox';
-- <<< sql/functions/tell_of_sale.sql

-- >>> sql/functions/tell_pass_holder.sql
-- Puts a message to the buyer of a pass as a whole into the outbox, in the transaction of what it tells; of one place of it,
-- queue_notification does. Called by whatever happens to a pass.
-- locks: ticket_notifications (new row)
-- raises: nothing
create or replace function ticketdb.tell_pass_holder(p_kind text, p_pass_id bigint, p_details jsonb default '{}')
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.ticket_notifications (kind, pass_id, details)
    values (p_kind, p_pass_id, p_details);
end
$$;
revoke execute on function ticketdb.tell_pass_holder(text, bigint, jsonb) from public;
comment on function ticketdb.tell_pass_holder(text, bigint, jsonb) is
'Put a message to the buyer of a pass into the outbox

p_kind: see ticket_notifications; p_details: what the pass does not say.';
-- <<< sql/functions/tell_pass_holder.sql

-- >>> sql/functions/unschedule_maintenance_jobs.sql
-- Takes the jobs of schedule_maintenance_jobs out of pg_cron. Called by the owner, and by the rollback.
-- locks: pg_cron's own
-- raises: invalid_argument
create or replace function public.unschedule_maintenance_jobs()
returns int
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_names constant text[] := array(select j.job_name from ticketdb.maintenance_jobs('', 0) as j);
    v_gone int := 0;
begin
    perform ticketdb.require_read_committed();
    if to_regclass('cron.job') is not null then
        execute
            'select count(cron.unschedule(j.jobid)) from cron.job as j '
            'where j.jobname = any ($1) and j.username = current_user and j.database = current_database()'
        into v_gone using v_names;
    end if;
    return v_gone;
end
$$;
revoke execute on function public.unschedule_maintenance_jobs() from public;
comment on function public.unschedule_maintenance_jobs() is
'Unschedule maintenance jobs

Takes the jobs of schedule_maintenance_jobs out of pg_cron; returns how many there were. Without pg_cron there are none.
Errors: invalid_argument.';
-- <<< sql/functions/unschedule_maintenance_jobs.sql

-- >>> sql/functions/wake_senders.sql
-- Wakes those who wait for something to send. Called by trigger on ticket_notifications, for what is rare only: a transaction that
-- notifies takes a lock of the whole server until it is on disk. In every sale, that would write all sales one after another.
-- locks: the server's queue of notifications, at commit
-- raises: nothing
create or replace function ticketdb.wake_senders()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_notify('ticketdb_notifications', '');
    return null;
end
$$;
revoke execute on function ticketdb.wake_senders() from public;
comment on function ticketdb.wake_senders() is 'Trigger: notify the channel ticketdb_notifications';
-- <<< sql/functions/wake_senders.sql

-- >>> sql/functions/without_cron.sql
-- What to do where this database has no pg_cron: enable it, give the job to pg_cron in the database where it runs, or let another
-- clock call. Called by schedule_maintenance_jobs.
-- locks: none
-- raises: nothing
create or replace function ticketdb.without_cron(p_job_name text, p_schedule text, p_command text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_home constant text := current_setting('cron.database_name', true);
begin
    if v_home = current_database() then
        return 'Run "create extension pg_cron" as a superuser, and call this again.';
    elsif v_home is not null then
        return format(
            'pg_cron runs in database %s: connect to it and run "select cron.schedule_in_database(%L, %L, %L, %L)".',
            v_home, p_job_name, p_schedule, p_command, current_database()
        );
    end if;
    return format(
        'This server does not run pg_cron. Keep "ticketdb maintain --every 60" running, or put this line into a crontab: '
        '%s psql -d %s -qc "%s"',
        p_schedule, current_database(), p_command
    );
end
$$;
revoke execute on function ticketdb.without_cron(text, text, text) from public;
comment on function ticketdb.without_cron(text, text, text) is
'What to do where a job cannot be scheduled

p_job_name, p_schedule, p_command: of the job.';
-- <<< sql/functions/without_cron.sql

-- >>> sql/views/notification_messages.sql
-- What a sender needs to know of each message, read when it is sent: to whom, of which occurrence, and what of it is true by now.
-- Venues, spaces and users are the application's: what not every application has of them is read by its name. Read by
-- lease_notifications and claim_notifications.
create or replace view ticketdb.notification_messages as
select
    n.id as notification_id,
    n.lease_id,
    n.kind,
    n.attempts,
    n.created_at,
    n.details,
    n.reservation_id,
    r.reservation_code,
    r.status as reservation_status,
    r.quantity,
    coalesce(r.total_amount, e.price) as total_amount,
    p.refund_due,
    coalesce(r.expires_at, e.expires_at) as expires_at,
    coalesce(nullif(c.contact ->> 'name', ''), nullif(concat_ws(' ', u.first_name, u.last_name), '')) as contact_name,
    coalesce(nullif(c.contact ->> 'mobile', ''), nullif(to_jsonb(u) ->> 'mobile', '')) as contact_mobile,
    coalesce(nullif(c.contact ->> 'email', ''), case when u.username like '%@%' then u.username::text end) as contact_email,
    r.schedule_id,
    d.event_code::text as event_code,
    d.title::text as event_title,
    s.status::text as schedule_status,
    s.starts_at,
    s.ends_at,
    s.start_datetime,
    s.end_datetime,
    d.timezone,
    to_jsonb(v) ->> 'name' as venue_name,
    to_jsonb(sp) ->> 'name' as space_name,
    t.name::text as ticket_type,
    ticketdb.valid_ticket_codes(r.id) as ticket_codes,
    -- it would tell what is no longer so
    case n.kind
        when 'ticket_confirmation' then coalesce(r.status <> 'confirmed', e.status <> 'active')
        when 'schedule_reminder' then
            r.status <> 'confirmed' or s.status <> 'scheduled' or s.starts_at <= clock_timestamp()
            -- moved since: it is reminded of again
            or s.starts_at <> (n.details ->> 'starts_at')::timestamptz
        when 'waitlist_offer' then r.status <> 'held' or r.expires_at <= clock_timestamp()
        when 'refund_due' then p.refund_due = 0
        when 'pass_renewal' then e.status <> 'held' or e.expires_at <= clock_timestamp()
        else false
    end as is_overtaken,
    n.pass_id,
    e.pass_code,
    e.status as pass_status,
    e.starts_on as pass_starts_on,
    e.ends_on as pass_ends_on
from public.ticket_notifications as n
left join public.ticket_reservations as r on r.id = n.reservation_id
left join public.event_schedules as s on s.id = r.schedule_id
left join public.event_passes as e on e.id = n.pass_id
inner join public.event_definitions as d on d.id = coalesce(s.event_definition_id, e.event_definition_id)
left join public.ticket_types as t on t.id = r.ticket_type_id
left join public.users as u on u.id = coalesce(r.user_id, e.user_id)
left join public.spaces as sp on sp.id = coalesce(s.space_id, d.space_id)
left join public.venues as v on v.id = d.venue_id
cross join lateral (select coalesce(r.contact, e.contact) as contact) as c
cross join lateral (
    select coalesce(sum(tp.refund_due), 0) as refund_due
    from public.ticket_payments as tp
    where tp.reservation_id = r.id or tp.pass_id = e.id
) as p;
revoke all on ticketdb.notification_messages from public;
comment on view ticketdb.notification_messages is 'Messages of the outbox with all that a sender needs';
comment on column ticketdb.notification_messages.notification_id is 'Identity';
comment on column ticketdb.notification_messages.lease_id is 'Claim under way, with which complete_notification is called';
comment on column ticketdb.notification_messages.kind is 'What is told';
comment on column ticketdb.notification_messages.attempts is 'How often it was claimed, this time included';
comment on column ticketdb.notification_messages.created_at is 'When it happened';
comment on column ticketdb.notification_messages.details is 'What the message says besides';
comment on column ticketdb.notification_messages.reservation_id is
'Reservation whose buyer is told; null, with all that is of one occurrence, for a pass as a whole';
comment on column ticketdb.notification_messages.reservation_code is 'Its code for people';
comment on column ticketdb.notification_messages.reservation_status is 'Its status now';
comment on column ticketdb.notification_messages.quantity is 'Its number of tickets';
comment on column ticketdb.notification_messages.total_amount is 'Its price, or that of the pass';
comment on column ticketdb.notification_messages.refund_due is 'What its buyer has to get back, of all payments';
comment on column ticketdb.notification_messages.expires_at is 'When it lapses, if it is held';
comment on column ticketdb.notification_messages.contact_name is 'Buyer''s name: as given with the order, else the user''s';
comment on column ticketdb.notification_messages.contact_mobile is 'Buyer''s mobile number, likewise';
comment on column ticketdb.notification_messages.contact_email is 'Buyer''s e-mail address, likewise; a user name counts if it is one';
comment on column ticketdb.notification_messages.schedule_id is 'Occurrence';
comment on column ticketdb.notification_messages.event_code is 'Code of the event';
comment on column ticketdb.notification_messages.event_title is 'Title of the event';
comment on column ticketdb.notification_messages.schedule_status is 'Status of the occurrence';
comment on column ticketdb.notification_messages.starts_at is 'Instant of the start';
comment on column ticketdb.notification_messages.ends_at is 'Instant of the end';
comment on column ticketdb.notification_messages.start_datetime is 'Local start';
comment on column ticketdb.notification_messages.end_datetime is 'Local end';
comment on column ticketdb.notification_messages.timezone is 'Zone of the local times';
comment on column ticketdb.notification_messages.venue_name is 'Name of the venue';
comment on column ticketdb.notification_messages.space_name is 'Name of the space';
comment on column ticketdb.notification_messages.ticket_type is 'Name of the ticket type; null for general admission';
comment on column ticketdb.notification_messages.ticket_codes is 'Codes of the valid tickets';
comment on column ticketdb.notification_messages.is_overtaken is 'Whether it would tell what is no longer so';
comment on column ticketdb.notification_messages.pass_id is 'Pass whose buyer is told, where it is about a pass as a whole';
comment on column ticketdb.notification_messages.pass_code is 'Its code';
comment on column ticketdb.notification_messages.pass_status is 'Its status now';
comment on column ticketdb.notification_messages.pass_starts_on is 'First date on which it is good';
comment on column ticketdb.notification_messages.pass_ends_on is 'Last date on which it is good';
-- <<< sql/views/notification_messages.sql

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
    ('table', 'public.pass_types', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.pass_types', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.pass_types_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.v_event_availability', 'select', '{anon,authenticated,service_role}'),
    ('function', 'public.check_ticket_availability(int, int, int)', 'execute', '{anon,authenticated,service_role}'),
    -- the spaces
    ('table', 'public.v_space_calendar', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.v_space_conflicts', 'select', '{authenticated,service_role}'),
    ('function', 'public.get_available_time_slots(int, date, int, time, time)', 'execute', '{anon,authenticated,service_role}'),
    -- orders, written by functions alone
    ('table', 'public.ticket_reservations', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_payments', 'select', '{authenticated,service_role}'),
    ('table', 'public.event_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_schedule_participants', 'select', '{authenticated,service_role}'),
    ('function', 'public.reserve_tickets(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.reserve_series(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.release_reservation(bigint)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.event_waitlist', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_waitlist', 'select', '{authenticated,service_role}'),
    ('function', 'public.join_waitlist(int, int, int, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.leave_waitlist(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_reservation(bigint, text, numeric, jsonb)', 'execute', '{service_role}'),
    ('function', 'public.cancel_reservation(bigint, text)', 'execute', '{service_role}'),
    ('function', 'public.move_reservation(bigint, int)', 'execute', '{service_role}'),
    ('function', 'public.settle_refund(text, text, numeric)', 'execute', '{service_role}'),
    ('table', 'public.event_passes', 'select', '{authenticated,service_role}'),
    ('table', 'public.pass_pauses', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_event_passes', 'select', '{authenticated,service_role}'),
    ('function', 'public.buy_pass(int, date, int, boolean, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.redeem_pass(bigint, int)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.return_visit(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_pass(bigint, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.set_pass_renewal(bigint, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_pass(bigint, text, numeric)', 'execute', '{service_role}'),
    ('function', 'public.pause_pass(bigint, date, date)', 'execute', '{service_role}'),
    ('function', 'public.extend_pass(bigint, date)', 'execute', '{service_role}'),
    -- the house
    ('table', 'public.ticket_check_ins', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_notifications', 'select, update', '{authenticated,service_role}'),
    ('function', 'public.claim_notifications(int, interval)', 'execute', '{service_role}'),
    ('function', 'public.complete_notification(bigint, uuid, text)', 'execute', '{service_role}'),
    ('function', 'public.retry_notification(bigint)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.legacy_link_issues', 'select', '{authenticated,service_role}'),
    ('function', 'public.generate_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.preview_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.schedule_exceptions', 'select, insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.schedule_exceptions_id_seq', 'usage', '{authenticated,service_role}'),
    ('function', 'public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.move_schedule(int, date, time, time, int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_schedule(int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.check_in(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'public.run_maintenance(int)', 'execute', '{service_role}'),
    ('function', 'public.verify_inventory()', 'execute', '{service_role}'),
    -- the books
    ('table', 'public.ticket_audit_log', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_ticket_sales_by_event', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_revenue_by_event_type', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_refunds_due', 'select', '{authenticated,service_role}'),
    ('function', 'public.report_sales(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_revenue(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_attendance(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_occupancy(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_no_shows(date, date)', 'execute', '{authenticated,service_role}'),
    -- the inside, as far as views, policies, defaults and the faces above read it in the caller's name
    ('schema', 'ticketdb.', 'usage', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_sales', 'select', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_people', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sales_ledger', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.held_schedules', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sold_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.due_refunds', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.seat_buckets', 'select', '{service_role}'),
    ('function', 'ticketdb.caller_claims()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.caller_user_id()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.may_sell()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.is_staff()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.is_admin()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.raise_error(text, text, text, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.check_reservation_arguments(int, int, int, interval, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.describe_refusal(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.lapsed_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.seats_past_waitlist(int, int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.local_instant(timestamp, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.time_before(timestamptz, interval, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_offer(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.reserve_for_caller(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.reserve_series_for_caller(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.release_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.call_off_as_admin(int, text)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.edit_schedules_as_admin(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.buy_pass_for_caller(int, date, int, boolean, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.redeem_pass_for_caller(bigint, int)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.return_visit_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.cancel_pass_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.set_pass_renewal_for_caller(bigint, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.pass_visits_left(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.join_for_caller(int, int, int, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.leave_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.waitlist_position(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_staff()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_admin()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_schedule(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_settled(int, text, timestamptz)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_unknown_space(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.check_report_period(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.check_recurrence_arguments(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.definition_occurrences(int, date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.schedule_instants(date, time, time, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_read_committed()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.database_time_zone()', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.space_calendar', 'select', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.check_slot_arguments(int, date, int, time, time)', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.space_overlaps', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.space_problems', 'select', '{service_role}'),
    ('function', 'ticketdb.booking_takes_space(bigint, text, text, boolean, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.occurrence_conflicts(int, date, date)', 'execute', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.call_off_schedule(int, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.edit_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{service_role}'),
    ('function', 'ticketdb.move_sale(bigint, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.record_refund(text, text, numeric)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_pass(int, date, int, boolean, text, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.pay_pass(bigint, text, numeric)', 'execute', '{service_role}'),
    ('function', 'ticketdb.take_visit(bigint, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.give_visit_back(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.suspend_pass(bigint, date, date)', 'execute', '{service_role}'),
    ('function', 'ticketdb.prolong_pass(bigint, date)', 'execute', '{service_role}'),
    ('function', 'ticketdb.close_pass(bigint, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.change_renewal(bigint, boolean)', 'execute', '{service_role}'),
    ('function', 'ticketdb.pass_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.visit_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.enter_waitlist(int, int, int, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.quit_waitlist(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.waitlist_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'ticketdb.lease_notifications(int, interval)', 'execute', '{service_role}'),
    ('function', 'ticketdb.read_notifications(bigint[])', 'execute', '{service_role}'),
    ('function', 'ticketdb.settle_notification(bigint, uuid, text)', 'execute', '{service_role}'),
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

-- >>> sql/triggers/ticket_notifications.sql
-- Trigger of ticket_notifications: what is urgent and rare wakes the senders.
create or replace trigger wake_senders
after insert on public.ticket_notifications
for each row when (new.kind not in ('ticket_confirmation', 'schedule_reminder'))
execute function ticketdb.wake_senders();
-- <<< sql/triggers/ticket_notifications.sql

-- >>> sql/triggers/ticket_payments.sql
-- Triggers of ticket_payments: none of its rows goes unseen; refunds are noted, changes logged, and who has money to get back is told.
create or replace trigger refuse_truncate
before truncate on public.ticket_payments
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger note_new_refund
after insert on public.ticket_payments
for each row when (new.refund_due + new.refunded <> 0)
execute function ticketdb.note_refund();
create or replace trigger note_refund
after update on public.ticket_payments
for each row when (new.refund_due + new.refunded <> old.refund_due + old.refunded)
execute function ticketdb.note_refund();
-- a new row is a payment that arrived, and tells by itself
create or replace trigger log_change
after update or delete on public.ticket_payments
for each row execute function ticketdb.log_change();
create or replace trigger tell_of_refund_inserted
after insert on public.ticket_payments
for each row when (new.refund_due > 0)
execute function ticketdb.tell_of_refund();
create or replace trigger tell_of_refund_updated
after update on public.ticket_payments
for each row when (new.refund_due > old.refund_due)
execute function ticketdb.tell_of_refund();
-- <<< sql/triggers/ticket_payments.sql

-- >>> sql/triggers/ticket_reservations.sql
-- Triggers of ticket_reservations: the counters follow every statement; none passes them by. Changes of sales are logged. Who bought
-- is told, unless the sale was imported as it stood; of a place of a pass, its buyer is told by whatever takes it.
create or replace trigger refuse_truncate
before truncate on public.ticket_reservations
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger assign_bucket_inserted
after insert on public.ticket_reservations
for each row when (new.bucket is null)
execute function ticketdb.assign_bucket();
create or replace trigger assign_bucket_updated
after update on public.ticket_reservations
for each row when (
    new.status in ('held', 'confirmed') and new.bucket is null
    or new.status not in ('held', 'confirmed')
    and (new.schedule_id, new.ticket_type_id) is distinct from (old.schedule_id, old.ticket_type_id)
)
execute function ticketdb.assign_bucket();
create or replace trigger count_visits_inserted
after insert on public.ticket_reservations
for each row when (new.pass_id is not null)
execute function ticketdb.count_visits();
create or replace trigger count_visits_updated
after update on public.ticket_reservations
for each row when (
    new.pass_id is not null and new.origin = 'pass'
    and (new.status <> old.status or old.pass_id is null)
)
execute function ticketdb.count_visits();
create or replace trigger count_visits_deleted
after delete on public.ticket_reservations
for each row when (old.pass_id is not null)
execute function ticketdb.count_visits();
create or replace trigger count_seats_updated
after update on public.ticket_reservations
referencing old table as old_rows new table as new_rows
for each statement execute function ticketdb.count_seats();
create or replace trigger count_seats_deleted
after delete on public.ticket_reservations
referencing old table as old_rows
for each statement execute function ticketdb.count_seats();
-- only what becomes of a sale: holds and payments are many, and their rows tell by themselves
create or replace trigger log_change
after update on public.ticket_reservations
for each row when (
    old.status = 'confirmed'
    and (new.status, new.schedule_id, new.ticket_type_id, new.user_id, new.quantity, new.total_amount)
    is distinct from (old.status, old.schedule_id, old.ticket_type_id, old.user_id, old.quantity, old.total_amount)
)
execute function ticketdb.log_change('contact', 'request', 'bucket');
create or replace trigger tell_of_sale_inserted
after insert on public.ticket_reservations
for each row when (new.status = 'confirmed' and new.origin not in ('legacy', 'pass'))
execute function ticketdb.tell_of_sale();
create or replace trigger tell_of_sale_updated
after update on public.ticket_reservations
for each row when (
    new.status = 'confirmed' and old.status <> 'confirmed' and new.origin <> 'pass'
    and (new.origin <> 'legacy' or new.confirmed_at is distinct from old.confirmed_at)
)
execute function ticketdb.tell_of_sale();
-- <<< sql/triggers/ticket_reservations.sql
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
