-- Classes: days on which an event does not keep to its recurrence, occurrences that are changed, moved and called off, and refunds that
-- were paid out.

-- Where an event does not keep to its recurrence: days on which it does not take place, and dates on which it does besides. One reading:
-- ticketdb.definition_occurrences.

create table public.schedule_exceptions (
    id serial constraint schedule_exceptions_pkey primary key,
    event_definition_id int
        constraint schedule_exception_definition references public.event_definitions (id) on delete cascade,
    venue_id int constraint schedule_exception_venue references public.venues (id) on delete cascade,
    kind text not null default 'excluded',
    exception_date date not null,
    start_time time,
    end_time time,
    reason text,
    created_at timestamptz not null default clock_timestamp(),

    -- of one event, or a holiday of a venue
    constraint exception_of_event_or_venue check (num_nonnulls(event_definition_id, venue_id) = 1),
    constraint exception_kind_known check (kind in ('excluded', 'added')),
    constraint exception_date_in_calendar check (isfinite(exception_date)),
    -- a venue closes for a whole day, and only an event has something to add
    constraint holiday_is_a_whole_day check (venue_id is null or kind = 'excluded' and start_time is null),
    constraint exception_end_is_of_an_added_date check (end_time is null or kind = 'added'),
    -- said once; no start time is the whole day, or the event's own start
    constraint exception_said_once unique nulls not distinct (
        event_definition_id, venue_id, kind, exception_date, start_time
    )
);
create index schedule_exceptions_venue on public.schedule_exceptions (venue_id, exception_date)
where venue_id is not null;
alter table public.schedule_exceptions enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy staff_select on public.schedule_exceptions for select using ((select ticketdb.is_staff()));
create policy staff_insert on public.schedule_exceptions for insert with check ((select ticketdb.is_staff()));
create policy staff_update on public.schedule_exceptions for update
using ((select ticketdb.is_staff())) with check ((select ticketdb.is_staff()));
create policy staff_delete on public.schedule_exceptions for delete using ((select ticketdb.is_staff()));

comment on table public.schedule_exceptions is
'Schedule exceptions

One row for each day on which an event, or a whole venue, does not keep to the recurrence. Generating and previewing follow it; an
occurrence that exists already stays until cancel_schedule calls it off.';
comment on column public.schedule_exceptions.id is 'Identity';
comment on column public.schedule_exceptions.event_definition_id is 'Event whose exception it is; null for a holiday of a venue';
comment on column public.schedule_exceptions.venue_id is 'Venue whose holiday it is; null for an exception of an event';
comment on column public.schedule_exceptions.kind is
'excluded: nothing takes place; added: it takes place besides, on holidays and excluded days too';
comment on column public.schedule_exceptions.exception_date is 'Local date on which the occurrence would start, or starts';
comment on column public.schedule_exceptions.start_time is
'excluded: only the occurrence that starts then, null means the whole day; added: its start, null means the event''s own';
comment on column public.schedule_exceptions.end_time is 'End of what is added; null means as long as always';
comment on column public.schedule_exceptions.reason is 'Why, for the staff';
comment on column public.schedule_exceptions.created_at is 'When the row was made';

alter table public.event_schedules add column original_start timestamp;
alter table public.event_schedules add column cancelled_at timestamptz;
alter table public.event_schedules add column cancel_reason text;
-- occurrences that are not where the recurrence has them
create index event_schedules_original on public.event_schedules (event_definition_id, original_start)
where original_start is not null;
comment on column public.event_schedules.original_start is
'Local start that the recurrence gives it, where it was moved: the date it stands for. Set by trigger; null while it was never moved';
comment on column public.event_schedules.cancelled_at is 'When cancel_schedule called it off';
comment on column public.event_schedules.cancel_reason is 'Why, as its holders were told';

alter table public.ticket_payments add column refunded numeric(10,2) not null default 0;
alter table public.ticket_payments add column refund_reference text;
alter table public.ticket_payments add column refunded_at timestamptz;
alter table public.ticket_payments drop constraint refund_within_payment;
-- every old row meets it: the next migration validates it without keeping anybody out
alter table public.ticket_payments add constraint refund_within_payment check (
    refund_due >= 0 and refunded >= 0 and refund_due + refunded <= amount
) not valid;
comment on column public.ticket_payments.refund_due is 'Part of the amount that the buyer has yet to get back';
comment on column public.ticket_payments.refunded is 'Part of the amount that the buyer got back, as settle_refund was told';
comment on column public.ticket_payments.refund_reference is 'Payment provider''s reference of the last refund';
comment on column public.ticket_payments.refunded_at is 'When the last refund was put on record';

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/call_off_as_admin.sql
-- The way of cancel_schedule for an admin, who may not run the inside of selling.
-- locks, raises: as call_off_schedule; not_allowed
create or replace function ticketdb.call_off_as_admin(
    p_schedule_id int,
    p_reason text,
    out schedule_id int,
    out holds_released int,
    out refunds_due int,
    out refund_amount numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_admin();
    select c.schedule_id, c.holds_released, c.refunds_due, c.refund_amount
    into schedule_id, holds_released, refunds_due, refund_amount
    from ticketdb.call_off_schedule(p_schedule_id, p_reason) as c;
end
$$;
revoke execute on function ticketdb.call_off_as_admin(int, text) from public;
comment on function ticketdb.call_off_as_admin(int, text) is 'Call an occurrence off, for an admin';
-- <<< sql/functions/call_off_as_admin.sql

-- >>> sql/functions/call_off_schedule.sql
-- One occurrence is called off: nothing more of it is sold, holds are released, sales cancelled, what was paid is due back, and every
-- holder is told. Once done it is not done again; a sale that somebody made after putting the occurrence on again is settled by the next
-- call. The inside of cancel_schedule.
-- locks: an advisory lock for the occurrence, so that two calls are one after the other; then as close_schedule and undo_sales
-- raises: invalid_argument (isolation), schedule_not_found
create or replace function ticketdb.call_off_schedule(
    p_schedule_id int,
    p_reason text,
    out schedule_id int,
    out holds_released int,
    out refunds_due int,
    out refund_amount numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_at timestamptz;
    v_ids bigint[];
begin
    perform ticketdb.require_read_committed();
    perform pg_advisory_xact_lock('ticketdb.seat_buckets'::regclass::oid::int, p_schedule_id);
    select s.cancelled_at into v_at
    from public.event_schedules as s
    where s.id = p_schedule_id and s.status = 'cancelled' and s.cancelled_at is not null
      and not exists (
          select from public.ticket_reservations as r
          where r.schedule_id = s.id and (r.status = 'confirmed' or r.status = 'held' and r.expires_at > clock_timestamp())
      );
    if not found then
        if not exists (select from public.event_schedules as s where s.id = p_schedule_id) then
            perform ticketdb.refuse_schedule(p_schedule_id);
        end if;
        v_at := clock_timestamp();
        v_ids := ticketdb.close_schedule(p_schedule_id, p_reason, v_at);
        perform ticketdb.undo_sales(v_ids, p_reason, v_at);
        -- no seat is free from here on, for nobody who asked before this could be seen
        perform ticketdb.deal_seats(p_schedule_id, 0, sum(b.held + b.sold)::int, 0, 0)
        from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
        having count(*) > 0;
        perform ticketdb.queue_notification(
            'schedule_cancelled', r.id,
            jsonb_strip_nulls(jsonb_build_object(
                'schedule_id', s.id, 'starts_at', s.starts_at, 'reason', p_reason,
                'refund_due', (select sum(p.refund_due) from public.ticket_payments as p where p.reservation_id = r.id)
            ))
        )
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        where r.id = any (v_ids) and r.status in ('cancelled', 'released');
    end if;

    schedule_id := p_schedule_id;
    -- by the time at which they were closed: a repetition answers like the first call
    select count(*)::int into holds_released
    from public.ticket_reservations as r
    where r.schedule_id = p_schedule_id and r.status = 'released' and r.closed_at = v_at;
    select count(*)::int, coalesce(sum(p.refund_due + p.refunded), 0) into refunds_due, refund_amount
    from public.ticket_reservations as r
    inner join public.ticket_payments as p on p.reservation_id = r.id
    where r.schedule_id = p_schedule_id and r.status = 'cancelled' and r.closed_at = v_at
      and p.refund_due + p.refunded > 0;
end
$$;
revoke execute on function ticketdb.call_off_schedule(int, text) from public;
comment on function ticketdb.call_off_schedule(int, text) is
'Call an occurrence off and settle with its holders

p_reason: kept, and told to them; may be null.';
-- <<< sql/functions/call_off_schedule.sql

-- >>> sql/functions/cancel_sale.sql
-- Undoes a sale: tickets become void, seats go back on sale, and what was paid is due back. A hold is simply released. The
-- inside of cancel_reservation; the trigger on bookings calls it. A second cancellation of a sale answers like the first.
-- locks: as lock_reservation, then as undo_sales
-- raises: reservation_not_found, reservation_expired, reservation_released
create or replace function ticketdb.cancel_sale(p_reservation_id bigint, p_reason text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reservation record;
begin
    perform ticketdb.require_read_committed();
    v_reservation := ticketdb.lock_reservation(p_reservation_id);
    perform ticketdb.refuse_closed(p_reservation_id, v_reservation.status, v_reservation.expires_at, 'cancelled');
    if v_reservation.status = 'cancelled' then
        return;
    end if;

    perform ticketdb.undo_sales(array[p_reservation_id], p_reason, clock_timestamp());
end
$$;
revoke execute on function ticketdb.cancel_sale(bigint, text) from public;
comment on function ticketdb.cancel_sale(bigint, text) is
'Undo a sale: void its tickets, free its seats, note the refund';
-- <<< sql/functions/cancel_sale.sql

-- >>> sql/functions/cancel_schedule.sql
-- The face of ticketdb.call_off_schedule, and of call_off_as_admin for a signed-in admin.
-- locks, raises: as these
create or replace function public.cancel_schedule(
    p_schedule_id int,
    p_reason text default null,
    out schedule_id int,
    out holds_released int,
    out refunds_due int,
    out refund_amount numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if ticketdb.may_sell() then
        select c.schedule_id, c.holds_released, c.refunds_due, c.refund_amount
        into schedule_id, holds_released, refunds_due, refund_amount
        from ticketdb.call_off_schedule(p_schedule_id, p_reason) as c;
    else
        select c.schedule_id, c.holds_released, c.refunds_due, c.refund_amount
        into schedule_id, holds_released, refunds_due, refund_amount
        from ticketdb.call_off_as_admin(p_schedule_id, p_reason) as c;
    end if;
end
$$;
revoke execute on function public.cancel_schedule(int, text) from public;
comment on function public.cancel_schedule(int, text) is
'Cancel a schedule

One occurrence is called off: nothing more of it is sold, holds are released, paid reservations cancelled and their payments due back,
and every holder is told (schedule_cancelled). holds_released: holds that were live; refunds_due, refund_amount: number and sum of
the payments that have to go back. Cancelling a second time answers like the first. p_schedule_id: from
event_schedules; p_reason: kept with it and told. For admins and the payment server. Errors: not_allowed, schedule_not_found.';
-- <<< sql/functions/cancel_schedule.sql

-- >>> sql/functions/change_definition.sql
-- Gives an event the new values that edit_schedules gave its occurrences, and keeps apart what stays. An occurrence that is not changed
-- keeps the price and the space that it had from the event; and where the start is another, what stands at the old one stands
-- for the new one of its date, the earlier ones of this_and_following too, so that generating makes no second occurrence of a date.
-- Called by edit_schedules.
-- locks: event_schedules, event_definitions (by the caller)
-- raises: what the checks of event_definitions raise
create or replace function ticketdb.change_definition(
    p_event_definition_id int,
    p_changes jsonb
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_wanted record;
    v_event record;
    v_today date;
begin
    v_wanted := ticketdb.check_schedule_changes(p_changes);
    select d.default_start_time, d.default_ticket_price, d.space_id, d.timezone into v_event
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    v_today := (now() at time zone v_event.timezone)::date;

    update public.event_schedules as s
    set ticket_price = case
            when v_wanted.ticket_price is null then s.ticket_price else coalesce(s.ticket_price, v_event.default_ticket_price)
        end,
        space_id = case when v_wanted.space_id is null then s.space_id else coalesce(s.space_id, v_event.space_id) end
    where s.event_definition_id = p_event_definition_id
      and (
          s.ticket_price is null and v_wanted.ticket_price is not null
          or s.space_id is null and v_wanted.space_id is not null
      );
    update public.event_schedules as s
    set original_start = nullif(
        coalesce(s.original_start, s.start_datetime)::date + v_wanted.start_time, s.start_datetime
    )
    where s.event_definition_id = p_event_definition_id
      and coalesce(s.original_start, s.start_datetime) >= v_today
      and coalesce(s.original_start, s.start_datetime)::time = v_event.default_start_time
      and v_wanted.start_time <> v_event.default_start_time;
    update public.schedule_exceptions as x
    set start_time = v_wanted.start_time
    where x.event_definition_id = p_event_definition_id
      and x.kind = 'excluded'
      and x.exception_date >= v_today
      and x.start_time = v_event.default_start_time
      and v_wanted.start_time <> v_event.default_start_time;
    update public.event_definitions as d
    set default_start_time = coalesce(v_wanted.start_time, d.default_start_time),
        -- as long as it was, unless the caller says otherwise
        default_end_time = coalesce(
            v_wanted.end_time, coalesce(v_wanted.start_time, d.default_start_time) + (d.default_end_time - d.default_start_time)
        ),
        default_ticket_price = coalesce(v_wanted.ticket_price, d.default_ticket_price),
        max_tickets = coalesce(v_wanted.max_tickets, d.max_tickets),
        space_id = coalesce(v_wanted.space_id, d.space_id)
    where d.id = p_event_definition_id;
end
$$;
revoke execute on function ticketdb.change_definition(int, jsonb) from public;
comment on function ticketdb.change_definition(int, jsonb) is
'Give an event the values that its occurrences were given

p_changes: see check_schedule_changes.';
-- <<< sql/functions/change_definition.sql

-- >>> sql/functions/change_occurrence.sql
-- Changes one occurrence as edit_schedules was told, or says why it stays. What the tables refuse, such as a capacity below what is
-- sold, is a reason like any other. Called for one occurrence after the other, in ascending id.
-- locks: ticketdb.seat_buckets (by the caller), event_schedules
-- raises: nothing
create or replace function ticketdb.change_occurrence(
    p_schedule_id int,
    p_changes jsonb,
    p_include_sold boolean,
    p_include_changed boolean,
    out action text,
    out reason text,
    out before jsonb,
    out after jsonb
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_detail text;
begin
    perform from public.event_schedules as s where s.id = p_schedule_id for no key update;
    before := ticketdb.describe_occurrence(p_schedule_id, p_changes);
    reason := ticketdb.keep_reason(p_schedule_id, p_include_sold, p_include_changed);
    after := before;
    if reason is null then
        begin
            update public.event_schedules as s
            set start_time = coalesce(c.start_time, s.start_time),
                -- as long as it was, unless the caller says otherwise
                end_time = coalesce(c.end_time, coalesce(c.start_time, s.start_time) + (s.end_time - s.start_time)),
                ticket_price = coalesce(c.ticket_price, s.ticket_price),
                max_tickets = coalesce(c.max_tickets, s.max_tickets),
                space_id = coalesce(c.space_id, s.space_id)
            from ticketdb.check_schedule_changes(p_changes) as c
            where s.id = p_schedule_id;
            after := ticketdb.describe_occurrence(p_schedule_id, p_changes);
            reason := case when after = before then 'as_wanted' end;
        exception
            when unique_violation then
                reason := 'slot_conflict';
            when lock_not_available then
                -- its seats are just being sold
                reason := 'held';
            when sqlstate 'PT409' then
                get stacked diagnostics v_detail = pg_exception_detail;
                reason := v_detail::jsonb ->> 'reason';
        end;
    end if;
    action := case when reason is null then 'change' else 'keep' end;
end
$$;
revoke execute on function ticketdb.change_occurrence(int, jsonb, boolean, boolean) from public;
comment on function ticketdb.change_occurrence(int, jsonb, boolean, boolean) is
'Change one occurrence, or say why it stays

p_changes: see check_schedule_changes; p_include_sold, p_include_changed: see keep_reason.';
-- <<< sql/functions/change_occurrence.sql

-- >>> sql/functions/change_schedules.sql
-- The face of ticketdb.edit_schedules, and of edit_schedules_as_admin for a signed-in admin.
-- locks, raises: as these
create or replace function public.change_schedules(
    p_event_definition_id int,
    p_changes jsonb,
    p_scope text default 'all_future',
    p_schedule_id int default null,
    p_include_sold boolean default false,
    p_include_changed boolean default false,
    p_dry_run boolean default false
)
returns table (schedule_id int, schedule_date date, action text, reason text, before jsonb, after jsonb)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if ticketdb.may_sell() then
        return query
        select e.schedule_id, e.schedule_date, e.action, e.reason, e.before, e.after
        from ticketdb.edit_schedules(
            p_event_definition_id, p_changes, p_scope, p_schedule_id, p_include_sold, p_include_changed, p_dry_run
        ) as e;
    else
        return query
        select e.schedule_id, e.schedule_date, e.action, e.reason, e.before, e.after
        from ticketdb.edit_schedules_as_admin(
            p_event_definition_id, p_changes, p_scope, p_schedule_id, p_include_sold, p_include_changed, p_dry_run
        ) as e;
    end if;
end
$$;
revoke execute on function public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean) from public;
comment on function public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean) is
'Change schedules

Gives occurrences of an event another time, price, capacity or space. One row for each that it is about: action is change or keep, reason
says why it stays (sold, held, changed_individually, cancelled, past, as_wanted, capacity_below_sold, slot_conflict), before and after have
the values. p_event_definition_id: from event_definitions; p_changes: an object with some of start_time, end_time (local),
ticket_price (of the venue''s currency), max_tickets (tickets), space_id; p_scope: all_future, or this_and_following or
this with p_schedule_id; with the first two the event''s own values change too, by which later occurrences are generated;
p_include_sold: also what is sold or held, whose holders are told of a new time or space; p_include_changed: also what has values
of its own; p_dry_run: lists all of it and changes nothing. For admins and the payment server. Errors: not_allowed, invalid_argument,
definition_not_found, schedule_not_found, space_not_found.';
-- <<< sql/functions/change_schedules.sql

-- >>> sql/functions/check_schedule_changes.sql
-- Reads what is to become of occurrences, and refuses what it does not know. Called by edit_schedules.
-- locks: none
-- raises: invalid_argument, space_not_found
create or replace function ticketdb.check_schedule_changes(
    p_changes jsonb,
    out start_time time,
    out end_time time,
    out ticket_price numeric,
    out max_tickets int,
    out space_id int
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_key text;
    v_value text;
begin
    if jsonb_typeof(p_changes) is distinct from 'object' or p_changes = '{}' then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_changes says nothing',
            'Pass an object such as {"start_time": "08:00", "ticket_price": 150}.'
        );
    end if;
    for v_key, v_value in
        select c.key, c.value
        from jsonb_each_text(p_changes) as c
    loop
        begin
            case v_key
                when 'start_time' then start_time := v_value::time;
                when 'end_time' then end_time := v_value::time;
                when 'ticket_price' then ticket_price := v_value::numeric(10, 2);
                when 'max_tickets' then max_tickets := v_value::int;
                when 'space_id' then space_id := v_value::int;
            end case;
        exception
            when case_not_found then
                perform ticketdb.raise_error(
                    'invalid_argument', format('%L cannot be changed', v_key),
                    'p_changes takes start_time, end_time, ticket_price, max_tickets and space_id.',
                    jsonb_build_object('key', v_key)
                );
            when data_exception then
                v_value := null;
        end;
        if v_value is null or ticket_price < 0 or ticket_price = 'NaN' or max_tickets < 0 then
            perform ticketdb.raise_error(
                'invalid_argument', format('%s is no value of %s', p_changes -> v_key, v_key),
                'Times are HH:MM, prices and numbers of tickets not negative, space_id is of a row of spaces; '
                'leave out what stays.',
                jsonb_build_object('key', v_key, 'value', p_changes -> v_key)
            );
        end if;
    end loop;
    perform ticketdb.refuse_unknown_space(space_id);
end
$$;
revoke execute on function ticketdb.check_schedule_changes(jsonb) from public;
comment on function ticketdb.check_schedule_changes(jsonb) is
'Read what is to become of occurrences

p_changes: an object with some of start_time, end_time, ticket_price, max_tickets, space_id.';
-- <<< sql/functions/check_schedule_changes.sql

-- >>> sql/functions/close_schedule.sql
-- Calls an occurrence off and takes hold of everything that is held and sold of it, so that nothing is left behind: with its buckets
-- locked nobody takes a seat, and those who wait for one find none, for their capacity becomes what is taken. What is just being paid or given up is
-- waited for with the buckets given back. After a few attempts holds that are being paid are left to whoever pays them:
-- seat_paid_reservation looks again at the end, and makes refunds of them. Called by call_off_schedule; the capacity comes back
-- with resize_schedule when the occurrence is put on again.
-- locks: ticket_reservations, ticketdb.seat_buckets, event_schedules
-- raises: nothing
create or replace function ticketdb.close_schedule(p_schedule_id int, p_reason text, p_at timestamptz)
returns bigint[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_patience int := 10;
    v_buckets int[];
    v_ids bigint[];
begin
    loop
        v_ids := ticketdb.lock_live_reservations(p_schedule_id, true);
        v_patience := v_patience - 1;
        -- the inner transaction gives back the buckets where somebody who needs one has a reservation, as in try_bucket
        begin
            v_buckets := coalesce(ticketdb.lock_buckets(p_schedule_id), '{}');
            v_ids := ticketdb.lock_live_reservations(p_schedule_id, false);
            if exists (
                select from public.ticket_reservations as r
                where r.schedule_id = p_schedule_id and r.id <> all (v_ids)
                  and (r.status = 'confirmed' or r.status = 'held' and v_patience > 0)
            ) then
                raise sqlstate 'TD001';
            end if;
            update public.event_schedules as s
            set status = 'cancelled', cancelled_at = p_at, cancel_reason = p_reason
            where s.id = p_schedule_id;
            -- with its row locked nobody makes another bucket; one that was made meanwhile may have been sold from
            if exists (
                select from ticketdb.seat_buckets as b
                where b.schedule_id = p_schedule_id and b.ticket_type_id = 0 and b.bucket <> all (v_buckets)
            ) then
                raise sqlstate 'TD001';
            end if;
            return v_ids;
        exception
            when sqlstate 'TD001' then null;
        end;
    end loop;
end
$$;
revoke execute on function ticketdb.close_schedule(int, text, timestamptz) from public;
comment on function ticketdb.close_schedule(int, text, timestamptz) is
'Call an occurrence off and lock what is held and sold of it; returns the ids of these reservations';
-- <<< sql/functions/close_schedule.sql

-- >>> sql/functions/confirm_payment.sql
-- A payment arrived. It is put on record first, then seats are looked for: those of the hold, or after it lapsed whatever is
-- free; where nothing is, the payment stays on record as a refund that is due. The inside of confirm_reservation; the trigger on
-- bookings calls it for the application's paid bookings.
-- locks: as lock_reservation, then as seat_paid_reservation
-- raises: invalid_argument, reservation_not_found, payment_reference_reused, amount_mismatch
create or replace function ticketdb.confirm_payment(
    p_reservation_id bigint,
    p_payment_reference text,
    p_amount numeric,
    p_participants jsonb,
    out status text,
    out tickets_sold int,
    out ticket_codes uuid[],
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_checked constant boolean := ticketdb.require_read_committed();
    v_reservation record;
    v_payment record;
    v_payment_id bigint;
    v_sale record;
begin
    if coalesce(length(p_payment_reference), 0) not between 1 and 255 then
        perform ticketdb.raise_error(
            'invalid_argument',
            format('p_payment_reference has %s characters', coalesce(length(p_payment_reference)::text, 'no')),
            'Pass the reference of the payment provider, 1 to 255 characters; for a free ticket any text of your own '
            'that is unique.'
        );
    end if;

    v_reservation := ticketdb.lock_reservation(p_reservation_id);
    if p_participants is not null then
        perform ticketdb.check_participants(p_participants, v_reservation.quantity);
    end if;

    if p_amount is null or p_amount = v_reservation.total_amount then
        insert into public.ticket_payments (reservation_id, payment_reference, amount)
        values (p_reservation_id, p_payment_reference, v_reservation.total_amount)
        on conflict on constraint payment_reference_unique do nothing
        returning id into v_payment_id;
    end if;
    if v_payment_id is null then
        select p.reservation_id, p.amount, p.refund_due + p.refunded as sent_back into v_payment
        from public.ticket_payments as p
        where p.payment_reference = p_payment_reference;
        if not found then
            perform ticketdb.raise_error(
                'amount_mismatch',
                format(
                    '%s was paid for reservation %s, %s is due', p_amount, p_reservation_id, v_reservation.total_amount
                ),
                'Charge what is due, or refund the payment; nothing was recorded.',
                jsonb_build_object('paid', p_amount, 'due', v_reservation.total_amount)
            );
        end if;
        if v_payment.reservation_id <> p_reservation_id or v_payment.amount <> p_amount then
            perform ticketdb.refuse_payment_reference(p_payment_reference);
        end if;
        select r.tickets_sold, r.ticket_codes, r.refund_due into tickets_sold, ticket_codes, refund_due
        from ticketdb.sale_receipt(p_reservation_id) as r;
        status := case
            when v_reservation.status = 'confirmed' and v_payment.sent_back = 0 then 'confirmed'
            else 'refund_due'
        end;
        return;
    end if;

    if v_reservation.status in ('held', 'expired', 'released') then
        v_sale := ticketdb.seat_paid_reservation(p_reservation_id, p_payment_reference, p_participants);
        if v_sale.is_seated then
            status := 'confirmed';
            tickets_sold := v_sale.tickets_sold;
            ticket_codes := v_sale.ticket_codes;
            refund_due := v_sale.refund_due;
            return;
        end if;
        status := 'refund_due';
    else
        -- paid already, or called off: this payment goes back
        update public.ticket_payments as p
        set refund_due = p.amount
        where p.id = v_payment_id and p.amount > 0;
        -- nothing more was paid for a free ticket
        status := case when v_reservation.status = 'confirmed' and not found then 'confirmed' else 'refund_due' end;
    end if;
    select r.tickets_sold, r.ticket_codes, r.refund_due into tickets_sold, ticket_codes, refund_due
    from ticketdb.sale_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function ticketdb.confirm_payment(bigint, text, numeric, jsonb) from public;
comment on function ticketdb.confirm_payment(bigint, text, numeric, jsonb) is
'Record a payment and seat its reservation; status is confirmed or refund_due

p_amount: null means what is due.';
-- <<< sql/functions/confirm_payment.sql

drop function ticketdb.deactivate_participants;

-- >>> sql/functions/deactivate_participants.sql
-- The people of cancelled sales give up their place in the application's program_participants; those of a booking are left to
-- the application. What fails in that table is noted on the reservation and keeps no seat from going back: all are tried together, and
-- one by one where that fails. Called by undo_sales and seat_paid_reservation.
-- locks: ticket_reservations (by the caller), program_participants
-- raises: nothing but a deadlock or a lock timeout
create or replace function ticketdb.deactivate_participants(p_reservation_ids bigint[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    update public.program_participants as pp
    set is_active = false
    where pp.booking_id is null
      and pp.id in (
          select t.participant_id from public.event_tickets as t where t.reservation_id = any (p_reservation_ids)
      );
exception
    when deadlock_detected or lock_not_available or serialization_failure then
        raise;
    when others then
        if cardinality(p_reservation_ids) > 1 then
            perform ticketdb.deactivate_participants(array[n.id])
            from unnest(p_reservation_ids) as n (id);
        else
            update public.ticket_reservations as r
            set participants_problem = format('%s: %s', sqlstate, sqlerrm)
            where r.id = any (p_reservation_ids);
        end if;
end
$$;
revoke execute on function ticketdb.deactivate_participants(bigint[]) from public;
comment on function ticketdb.deactivate_participants(bigint[]) is 'Deactivate the participants of cancelled sales';
-- <<< sql/functions/deactivate_participants.sql

-- >>> sql/functions/definition_occurrences.sql
-- The dates and times at which a recurring event takes place between two dates, both included: what its recurrence says, without the
-- days that schedule_exceptions leaves out for it or closes its venue, and with those that it adds, which nothing takes away.
-- The one reading of the recurrence; generating and previewing start from it.
-- locks: none
-- raises: nothing
create or replace function ticketdb.definition_occurrences(
    p_event_definition_id int,
    p_from date,
    p_to date,
    out schedule_date date,
    out start_time time,
    out end_time time
)
returns setof record
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with event as (
        select
            d.default_start_time,
            -- the venue of an event that names none is that of its space
            coalesce(d.venue_id, (select p.venue_id from public.spaces as p where p.id = d.space_id)) as venue_id,
            coalesce(
                d.default_end_time - d.default_start_time, make_interval(mins => d.default_duration_minutes)
            ) as length
        from public.event_definitions as d
        where d.id = p_event_definition_id
    ),
    -- read once: mostly there are none, and a period has many days
    exceptions as materialized (
        select
            x.kind, x.exception_date, x.start_time, x.end_time,
            x.exception_date + coalesce(x.start_time, e.default_start_time) as start
        from event as e
        inner join public.schedule_exceptions as x
            on x.event_definition_id = p_event_definition_id or x.venue_id = e.venue_id
        where x.exception_date between p_from and p_to
    )
    select s.start::date, s.start::time, (s.start + e.length)::time
    from event as e
    cross join ticketdb.recurrence_starts(p_event_definition_id, p_from, p_to) as s (start)
    where not exists (
        select from exceptions as x
        where x.kind = 'excluded' and x.exception_date = s.start::date
          and (x.start_time is null or x.start_time = s.start::time)
          -- what is added may be what the recurrence says already
          or x.kind = 'added' and x.start = s.start
    )
    union all
    (
        select distinct on (x.start) x.start::date, x.start::time, coalesce(x.end_time, (x.start + e.length)::time)
        from exceptions as x
        cross join event as e
        where x.kind = 'added' and x.start is not null
        order by x.start, x.end_time
    );
$$;
revoke execute on function ticketdb.definition_occurrences(int, date, date) from public;
comment on function ticketdb.definition_occurrences(int, date, date) is
'Local dates and times at which an event takes place in a period';
-- <<< sql/functions/definition_occurrences.sql

-- >>> sql/functions/derive_schedule_times.sql
-- Derives the instants of an occurrence from its local times and its event's zone, and notes who announced it and, where it is moved,
-- the start that it had first: by that generating knows it.
-- Called by trigger before an occurrence is made or moved, and once more for coming ones when the event's zone changes.
-- locks: none
-- raises: definition_not_found
create or replace function ticketdb.derive_schedule_times()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select i.starts_at, i.ends_at into new.starts_at, new.ends_at
    from public.event_definitions as d
    cross join lateral ticketdb.schedule_instants(new.schedule_date, new.start_time, new.end_time, d.timezone) as i
    where d.id = new.event_definition_id;
    if not found then
        perform ticketdb.raise_error(
            'definition_not_found', format('event definition %s does not exist', coalesce(new.event_definition_id::text, 'null')),
            'Make the row of event_definitions first.',
            jsonb_build_object('event_definition_id', new.event_definition_id)
        );
    end if;
    if tg_op = 'INSERT' then
        new.announcement_id := coalesce(new.booking_id, 0);
    elsif (new.schedule_date, new.start_time) is distinct from (old.schedule_date, old.start_time)
        and new.original_start is not distinct from old.original_start
    then
        -- wherever it goes, the recurrence has it where it first was
        new.original_start := coalesce(old.original_start, old.start_datetime);
    end if;
    return new;
end
$$;
revoke execute on function ticketdb.derive_schedule_times() from public;
comment on function ticketdb.derive_schedule_times() is 'Trigger: derive starts_at, ends_at, announcement_id and original_start';
-- <<< sql/functions/derive_schedule_times.sql

-- >>> sql/functions/describe_occurrence.sql
-- What an occurrence has of the values that are to be changed. Called by change_occurrence before and after.
-- locks: none
-- raises: nothing
create or replace function ticketdb.describe_occurrence(p_schedule_id int, p_changes jsonb)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_object_agg(v.key, v.value)
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    cross join lateral jsonb_each(jsonb_build_object(
        'start_time', s.start_time,
        'end_time', s.end_time,
        'ticket_price', coalesce(s.ticket_price, d.default_ticket_price),
        'max_tickets', s.max_tickets,
        'space_id', coalesce(s.space_id, d.space_id)
    )) as v
    where s.id = p_schedule_id
      -- a new start moves the end
      and (p_changes ? v.key or v.key = 'end_time' and p_changes ? 'start_time');
$$;
revoke execute on function ticketdb.describe_occurrence(int, jsonb) from public;
comment on function ticketdb.describe_occurrence(int, jsonb) is
'What an occurrence has of the values that are to be changed

p_changes: an object with their names as keys.';
-- <<< sql/functions/describe_occurrence.sql

-- >>> sql/functions/describe_place.sql
-- Where and when an occurrence takes place, for the message that it was moved. Called by tell_holders and move_sale.
-- locks: none
-- raises: nothing
create or replace function ticketdb.describe_place(
    p_schedule_id int,
    p_starts_at timestamptz,
    p_ends_at timestamptz,
    p_space_id int
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'schedule_id', p_schedule_id,
        'start', p_starts_at at time zone d.timezone,
        'end', p_ends_at at time zone d.timezone,
        'starts_at', p_starts_at,
        'ends_at', p_ends_at,
        'timezone', d.timezone,
        'space_id', coalesce(p_space_id, d.space_id)
    )
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    where s.id = p_schedule_id;
$$;
revoke execute on function ticketdb.describe_place(int, timestamptz, timestamptz, int) from public;
comment on function ticketdb.describe_place(int, timestamptz, timestamptz, int) is
'Where and when an occurrence takes place

p_starts_at, p_ends_at, p_space_id: as they are, or were; a null space is the event''s own.';
-- <<< sql/functions/describe_place.sql

-- >>> sql/functions/edit_schedules.sql
-- Changes the occurrences of an event, and with "all future" and "this and following" its own values, by which later ones are
-- generated. What was sold, is held or was changed by itself stays, unless the caller says otherwise. A dry run does all of it and takes it
-- back, so that it cannot say anything else than what would happen. The inside of change_schedules.
-- locks: event_definitions; ticketdb.seat_buckets of all occurrences it is about, then event_schedules, each by schedule_id
-- raises: invalid_argument, definition_not_found, schedule_not_found, space_not_found
create or replace function ticketdb.edit_schedules(
    p_event_definition_id int,
    p_changes jsonb,
    p_scope text,
    p_schedule_id int,
    p_include_sold boolean,
    p_include_changed boolean,
    p_dry_run boolean
)
returns table (schedule_id int, schedule_date date, action text, reason text, before jsonb, after jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedule_ids int[];
    v_rows jsonb;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_schedule_changes(p_changes);
    if num_nulls(p_include_sold, p_include_changed, p_dry_run) > 0 then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_include_sold, p_include_changed and p_dry_run are true or false, one is null',
            'Leave them out for false.'
        );
    end if;
    begin
        perform from public.event_definitions as d where d.id = p_event_definition_id for no key update;
        if not found then
            perform ticketdb.refuse_definition(p_event_definition_id);
        end if;
        v_schedule_ids := ticketdb.schedules_in_scope(p_event_definition_id, p_scope, p_schedule_id);
        perform ticketdb.lock_buckets(n.id)
        from unnest(v_schedule_ids) as n (id);

        select jsonb_agg(to_jsonb(c) || jsonb_build_object('schedule_id', n.id)) into v_rows
        from unnest(v_schedule_ids) as n (id)
        cross join lateral ticketdb.change_occurrence(
            -- whoever names one has seen what it has of its own
            n.id, p_changes, p_include_sold, p_include_changed or p_scope = 'this'
        ) as c;
        if p_scope <> 'this' then
            perform ticketdb.change_definition(p_event_definition_id, p_changes);
        end if;
        if p_dry_run then
            raise sqlstate 'TD001';
        end if;
    exception
        when sqlstate 'TD001' then null;
    end;
    return query
    select s.id, s.schedule_date, r.action, r.reason, r.before, r.after
    from jsonb_to_recordset(v_rows) as r (schedule_id int, action text, reason text, before jsonb, after jsonb)
    inner join public.event_schedules as s on s.id = r.schedule_id
    order by s.starts_at, s.id;
end
$$;
revoke execute on function ticketdb.edit_schedules(int, jsonb, text, int, boolean, boolean, boolean) from public;
comment on function ticketdb.edit_schedules(int, jsonb, text, int, boolean, boolean, boolean) is
'Change the occurrences of an event, or say what would change';
-- <<< sql/functions/edit_schedules.sql

-- >>> sql/functions/edit_schedules_as_admin.sql
-- The way of change_schedules for an admin, who may not run the inside of selling.
-- locks, raises: as edit_schedules; not_allowed
create or replace function ticketdb.edit_schedules_as_admin(
    p_event_definition_id int,
    p_changes jsonb,
    p_scope text,
    p_schedule_id int,
    p_include_sold boolean,
    p_include_changed boolean,
    p_dry_run boolean
)
returns table (schedule_id int, schedule_date date, action text, reason text, before jsonb, after jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_admin();
    return query
    select e.schedule_id, e.schedule_date, e.action, e.reason, e.before, e.after
    from ticketdb.edit_schedules(
        p_event_definition_id, p_changes, p_scope, p_schedule_id, p_include_sold, p_include_changed, p_dry_run
    ) as e;
end
$$;
revoke execute on function ticketdb.edit_schedules_as_admin(int, jsonb, text, int, boolean, boolean, boolean) from public;
comment on function ticketdb.edit_schedules_as_admin(int, jsonb, text, int, boolean, boolean, boolean) is
'Change the occurrences of an event, for an admin';
-- <<< sql/functions/edit_schedules_as_admin.sql

-- >>> sql/functions/generate_recurring_schedules.sql
-- Inserts the occurrences of a recurring event that are missing, in one statement. Safe beside itself: what another run
-- inserts meanwhile is passed over. Dates arrive as timestamps, so that CURRENT_DATE + INTERVAL '30 days' can be passed as it is.
-- locks: event_schedules (new rows only)
-- raises: not_allowed, invalid_argument, definition_not_found, not_recurring
create or replace function public.generate_recurring_schedules(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp
)
returns int
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_inserted int;
begin
    perform ticketdb.require_staff();
    perform ticketdb.require_read_committed();
    perform ticketdb.check_recurrence_arguments(p_event_definition_id, p_start_date, p_end_date);
    insert into public.event_schedules (
        event_definition_id, schedule_date, start_time, end_time, max_tickets, ticket_price
    )
    select d.id, o.schedule_date, o.start_time, o.end_time, d.max_tickets, d.default_ticket_price
    from public.event_definitions as d
    cross join ticketdb.definition_occurrences(d.id, p_start_date::date, p_end_date::date) as o
    where d.id = p_event_definition_id
      and not exists (
          select from public.event_schedules as s
          where s.event_definition_id = d.id
            and s.schedule_date = o.schedule_date
            and s.start_time = o.start_time
      )
      -- what was moved away still stands for its date
      and not exists (
          select from public.event_schedules as s
          where s.event_definition_id = d.id and s.original_start = o.schedule_date + o.start_time
      )
    order by o.schedule_date
    on conflict do nothing;
    get diagnostics v_inserted = row_count;
    return v_inserted;
end
$$;
revoke execute on function public.generate_recurring_schedules(int, timestamp, timestamp) from public;
comment on function public.generate_recurring_schedules(int, timestamp, timestamp) is
'Generate schedules

Inserts the missing occurrences of a recurring event from p_start_date to p_end_date, both included, and returns how
many it inserted. Running it again inserts nothing, and an occurrence that was moved is not made again. schedule_exceptions says
where an event or its venue does not keep to the recurrence. p_event_definition_id: from event_definitions. Errors: not_allowed, invalid_argument, definition_not_found, not_recurring.';
-- <<< sql/functions/generate_recurring_schedules.sql

-- >>> sql/functions/is_admin.sql
-- Whether the caller's token is an admin's. Called by is_staff, and by the functions that act for an admin with their owner's rights.
-- locks: none
-- raises: nothing
create or replace function ticketdb.is_admin()
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(ticketdb.caller_claims() #>> '{app_metadata,role}' = 'admin', false);
end
$$;
revoke execute on function ticketdb.is_admin() from public;
comment on function ticketdb.is_admin() is 'Whether the claim app_metadata.role of the caller''s token is admin';
-- <<< sql/functions/is_admin.sql

-- >>> sql/functions/is_staff.sql
-- Whether the caller sees and manages everybody's: the owner and the payment server, who may run the inside of selling, and an
-- admin by his token. Called by policies and views, in a sub-select, and by require_staff. Never from a security definer function:
-- there the owner would be asking.
-- locks: none
-- raises: nothing
create or replace function ticketdb.is_staff()
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return ticketdb.may_sell() or ticketdb.is_admin();
end
$$;
revoke execute on function ticketdb.is_staff() from public;
comment on function ticketdb.is_staff() is
'Whether the caller is the owner, the payment server, or an admin by the claim app_metadata.role';
-- <<< sql/functions/is_staff.sql

-- >>> sql/functions/keep_reason.sql
-- Why an occurrence is not to be changed with the others; null where it may be. Tickets were bought of it as it is, or what differs
-- from the event's own values was changed for a reason. Called by change_occurrence with the occurrence and its buckets
-- locked, so that nobody takes a seat meanwhile.
-- locks: none
-- raises: nothing
create or replace function ticketdb.keep_reason(p_schedule_id int, p_include_sold boolean, p_include_changed boolean)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when s.status = 'cancelled' then 'cancelled'
        when s.status = 'completed' or s.starts_at <= now() then 'past'
        when not p_include_sold and s.tickets_sold > 0 then 'sold'
        when not p_include_sold and exists (
            select from public.ticket_reservations as r
            where r.schedule_id = s.id and r.status = 'held' and r.expires_at > clock_timestamp()
        ) then 'held'
        -- a column that is null says as the event does
        when not p_include_changed and (
            s.original_start::date <> s.schedule_date
            or s.start_time <> d.default_start_time
            or s.end_time <> coalesce(
                d.default_end_time, d.default_start_time + make_interval(mins => d.default_duration_minutes)
            )
            or s.max_tickets <> d.max_tickets
            or s.ticket_price <> d.default_ticket_price
            or s.space_id <> d.space_id
            or s.space_id is not null and d.space_id is null
        ) then 'changed_individually'
    end
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    where s.id = p_schedule_id;
$$;
revoke execute on function ticketdb.keep_reason(int, boolean, boolean) from public;
comment on function ticketdb.keep_reason(int, boolean, boolean) is
'Why an occurrence is not to be changed with the others; null where it may be

p_include_sold, p_include_changed: whether tickets sold and held, and values of its own, are no reason.';
-- <<< sql/functions/keep_reason.sql

-- >>> sql/functions/keep_refund.sql
-- The money of a cancelled reservation pays for a place after all: the oldest payment of which so much is still due back is kept. Called by
-- move_sale.
-- locks: ticket_reservations (by the caller), ticket_payments
-- raises: reservation_cancelled
create or replace function ticketdb.keep_refund(p_reservation_id bigint, p_amount numeric)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.ticket_payments as p
    set refund_due = p.refund_due - p_amount
    where p.id = (
        select d.id
        from public.ticket_payments as d
        where d.reservation_id = p_reservation_id and d.refund_due >= p_amount
        order by d.id
        limit 1
        for no key update
    );
    if not found and p_amount > 0 then
        perform ticketdb.raise_error(
            'reservation_cancelled', format('reservation %s is cancelled, and its payment went back', p_reservation_id),
            'Reserve again.', jsonb_build_object('reservation_id', p_reservation_id, 'status', 'cancelled')
        );
    end if;
end
$$;
revoke execute on function ticketdb.keep_refund(bigint, numeric) from public;
comment on function ticketdb.keep_refund(bigint, numeric) is 'Keep a payment of a cancelled reservation that was due back';
-- <<< sql/functions/keep_refund.sql

-- >>> sql/functions/lock_live_reservations.sql
-- Locks the holds and sales of an occurrence that somebody has yet to settle with, and returns their ids. Called by call_off_schedule:
-- first in order, waiting; then with the buckets locked, passing over what others have, as whoever has one may wait for a bucket.
-- locks: ticket_reservations
-- raises: nothing
create or replace function ticketdb.lock_live_reservations(p_schedule_id int, p_wait boolean)
returns bigint[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids bigint[];
begin
    if p_wait then
        select array_agg(l.id) into v_ids
        from (
            select r.id
            from public.ticket_reservations as r
            where r.schedule_id = p_schedule_id and r.status in ('held', 'confirmed')
            order by r.id
            for no key update
        ) as l;
    else
        select array_agg(l.id) into v_ids
        from (
            select r.id
            from public.ticket_reservations as r
            where r.schedule_id = p_schedule_id and r.status in ('held', 'confirmed')
            order by r.id
            for no key update skip locked
        ) as l;
    end if;
    return coalesce(v_ids, '{}');
end
$$;
revoke execute on function ticketdb.lock_live_reservations(int, boolean) from public;
comment on function ticketdb.lock_live_reservations(int, boolean) is
'Lock the holds and sales of an occurrence; returns their ids

p_wait: for those that somebody else has locked; otherwise they are passed over.';
-- <<< sql/functions/lock_live_reservations.sql

-- >>> sql/functions/move_participants.sql
-- The people of a sale come to another occurrence: their rows of the application's program_participants follow, active again where the
-- sale had been cancelled. What fails in that table is noted on the reservation and keeps nobody from moving. Called by move_sale.
-- locks: ticket_reservations (by the caller), program_participants
-- raises: nothing but a deadlock or a lock timeout
create or replace function ticketdb.move_participants(p_reservation_id bigint, p_schedule_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    update public.program_participants as pp
    set event_schedule_id = s.id, start_date = s.start_datetime, end_date = s.end_datetime, is_active = true
    from public.event_schedules as s
    where s.id = p_schedule_id and pp.booking_id is null
      and pp.id in (
          select t.participant_id
          from public.event_tickets as t
          where t.reservation_id = p_reservation_id and t.status = 'valid'
      );
exception
    when deadlock_detected or lock_not_available or serialization_failure then
        raise;
    when others then
        update public.ticket_reservations as r
        set participants_problem = concat_ws('; ', r.participants_problem, format('%s: %s', sqlstate, sqlerrm))
        where r.id = p_reservation_id;
end
$$;
revoke execute on function ticketdb.move_participants(bigint, int) from public;
comment on function ticketdb.move_participants(bigint, int) is 'Let the participants of a sale come to another occurrence';
-- <<< sql/functions/move_participants.sql

-- >>> sql/functions/move_reservation.sql
-- The face of ticketdb.move_sale.
-- locks, raises: as move_sale
create or replace function public.move_reservation(
    p_reservation_id bigint,
    p_schedule_id int,
    out reservation_id bigint,
    out status text,
    out tickets_sold int,
    out ticket_codes uuid[],
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.move_sale(p_reservation_id, p_schedule_id);
    select r.reservation_id, r.status, r.tickets_sold, r.ticket_codes, r.refund_due
    into reservation_id, status, tickets_sold, ticket_codes, refund_due
    from ticketdb.sale_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function public.move_reservation(bigint, int) from public;
comment on function public.move_reservation(bigint, int) is
'Move a reservation

A paid reservation gets a place in another occurrence, in one transaction or not at all. It keeps its price and its ticket
codes, which are valid there from now on, and its buyer is told (schedule_moved). One that was cancelled, by cancel_schedule for
example, gets the place instead of its refund as long as that was not paid out. tickets_sold: of the new occurrence. Moving it there
again answers like the first time. p_reservation_id: from reserve_tickets; p_schedule_id: where it moves to.
Errors: invalid_argument, reservation_not_found, reservation_expired, reservation_released, reservation_cancelled, schedule_not_found,
schedule_cancelled, schedule_completed, schedule_blocked, not_on_sale, ticket_type_not_found, pass_not_valid (a place of a pass goes
where the pass is good), limit_per_user, sold_out, ticket_type_sold_out.';
-- <<< sql/functions/move_reservation.sql

-- >>> sql/functions/move_sale.sql
-- Gives a paid reservation a place in another occurrence: its seats are taken there and given back here in one statement, or nothing
-- changes. It keeps what was paid, its tickets and their codes; participants follow. One that was cancelled, as cancel_schedule
-- does, gets a place instead of the refund as long as the money is still here. The inside of move_reservation.
-- locks: as lock_reservation and check_limits, lock_moving_seats; then (by trigger) as count_seats; then event_tickets,
--        program_participants
-- raises: invalid_argument, reservation_not_found, reservation_expired, reservation_released, reservation_cancelled, what
--         find_offer and check_limits raise, sold_out, ticket_type_sold_out
create or replace function ticketdb.move_sale(p_reservation_id bigint, p_schedule_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lock record;
    v_sale record;
    v_offer record;
begin
    perform ticketdb.require_read_committed();
    v_lock := ticketdb.lock_reservation(p_reservation_id);
    select r.schedule_id, r.ticket_type_id, r.user_id, r.booking_id, r.quantity, r.total_amount, r.status into v_sale
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    perform ticketdb.refuse_closed(p_reservation_id, v_lock.status, v_lock.expires_at, 'cancelled');
    if v_sale.status = 'held' or v_sale.booking_id is not null then
        perform ticketdb.raise_error(
            'invalid_argument',
            format(
                'reservation %s %s', p_reservation_id,
                case when v_sale.status = 'held' then 'is not paid' else 'follows a booking' end
            ),
            case when v_sale.status = 'held' then 'Release it, and reserve tickets of the other schedule.'
                else 'Change event_schedule_id of the booking; its tickets follow.' end,
            jsonb_build_object('reservation_id', p_reservation_id, 'status', v_sale.status)
        );
    end if;
    if v_sale.status = 'confirmed' and v_sale.schedule_id = p_schedule_id then
        return;
    end if;

    v_offer := ticketdb.find_offer(p_schedule_id, v_sale.ticket_type_id);
    if v_sale.status <> 'confirmed' then
        perform ticketdb.keep_refund(p_reservation_id, v_sale.total_amount);
    end if;
    perform ticketdb.check_limits(
        p_schedule_id, v_sale.quantity, v_sale.user_id, null, v_offer.limit_per_user, p_reservation_id
    );
    perform ticketdb.lock_moving_seats(p_reservation_id, p_schedule_id);
    update public.ticket_reservations as r
    set schedule_id = p_schedule_id, bucket = null, status = 'confirmed',
        confirmed_at = coalesce(r.confirmed_at, clock_timestamp()), closed_at = null, close_reason = null
    where r.id = p_reservation_id;
    -- once more, for now its row is locked: nobody called it off meanwhile
    v_offer := ticketdb.find_offer(p_schedule_id, v_sale.ticket_type_id);
    -- codes that became void with the sale open the other door; a sale that never had a seat has none yet
    update public.event_tickets as t
    set status = 'valid', voided_at = null
    where v_sale.status = 'cancelled' and t.id in (
        select v.id
        from public.event_tickets as v
        where v.reservation_id = p_reservation_id and v.status = 'void'
        order by v.voided_at desc, v.id
        limit v_sale.quantity
    );
    perform ticketdb.issue_tickets(p_reservation_id, v_sale.quantity);
    perform ticketdb.move_participants(p_reservation_id, p_schedule_id);
    perform ticketdb.queue_notification(
        'schedule_moved', p_reservation_id,
        jsonb_build_object(
            'old', ticketdb.describe_place(o.id, o.starts_at, o.ends_at, o.space_id),
            'new', ticketdb.describe_place(n.id, n.starts_at, n.ends_at, n.space_id)
        )
    )
    from public.event_schedules as o
    cross join public.event_schedules as n
    where o.id = v_sale.schedule_id and n.id = p_schedule_id;
end
$$;
revoke execute on function ticketdb.move_sale(bigint, int) from public;
comment on function ticketdb.move_sale(bigint, int) is 'Give a paid reservation a place in another occurrence';
-- <<< sql/functions/move_sale.sql

-- >>> sql/functions/move_schedule.sql
-- Moves an occurrence to another time or space. Tickets stay valid, the date of the recurrence that it stands for stays its own
-- (derive_schedule_times), and its holders are told (tell_holders): both by trigger, whoever moves it. Row level security says who may.
-- locks: event_schedules
-- raises: not_allowed, invalid_argument, schedule_not_found, schedule_cancelled, schedule_completed, space_not_found, slot_conflict
create or replace function public.move_schedule(
    p_schedule_id int,
    p_schedule_date date default null,
    p_start_time time default null,
    p_end_time time default null,
    p_space_id int default null,
    p_reason text default null,
    out schedule_id int,
    out schedule_date date,
    out start_time time,
    out end_time time,
    out space_id int,
    out starts_at timestamptz,
    out ends_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_schedule record;
begin
    perform ticketdb.require_staff();
    perform ticketdb.require_read_committed();
    if not isfinite(p_schedule_date) then
        perform ticketdb.raise_error('invalid_argument', format('%s is no day', p_schedule_date), 'Pass a date.');
    end if;
    perform ticketdb.refuse_unknown_space(p_space_id);
    select s.status, s.ends_at, s.start_time, s.end_time into v_schedule
    from public.event_schedules as s
    where s.id = p_schedule_id
    for no key update;
    if not found then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    perform ticketdb.refuse_settled(p_schedule_id, v_schedule.status, v_schedule.ends_at);

    perform set_config('ticketdb.move_reason', coalesce(p_reason, ''), true);
    begin
        update public.event_schedules as s
        set schedule_date = coalesce(p_schedule_date, s.schedule_date),
            start_time = coalesce(p_start_time, s.start_time),
            -- as long as it was, unless the caller says otherwise
            end_time = coalesce(p_end_time, coalesce(p_start_time, s.start_time) + (s.end_time - s.start_time)),
            space_id = coalesce(p_space_id, s.space_id)
        where s.id = p_schedule_id
        returning s.id, s.schedule_date, s.start_time, s.end_time, s.space_id, s.starts_at, s.ends_at
        into schedule_id, schedule_date, start_time, end_time, space_id, starts_at, ends_at;
    exception
        when unique_violation then
            perform ticketdb.raise_error(
                'slot_conflict', format('the event of schedule %s takes place at that time already', p_schedule_id),
                'Choose another time, or move_reservation its holders to the other schedule.',
                jsonb_build_object('schedule_id', p_schedule_id)
            );
    end;
    perform set_config('ticketdb.move_reason', '', true);
end
$$;
revoke execute on function public.move_schedule(int, date, time, time, int, text) from public;
comment on function public.move_schedule(int, date, time, time, int, text) is
'Move a schedule

One occurrence takes place at another time or in another space. Tickets stay valid, and every holder is told (schedule_moved) the old
and the new time. p_schedule_id: from event_schedules; p_schedule_date, p_start_time: local, null leaves them; p_end_time: null keeps
the length; p_space_id: null leaves it; p_reason: told to the holders. For admins and the payment server. Errors: not_allowed,
invalid_argument, schedule_not_found, schedule_cancelled, schedule_completed, space_not_found, slot_conflict.';
-- <<< sql/functions/move_schedule.sql

-- >>> sql/functions/open_buckets.sql
-- Makes the buckets of an occurrence when its first ticket is asked for: schedules that nobody buys from have none. One that was called
-- off meanwhile gets one without seats. Whoever
-- finds, with the occurrence locked, that somebody else has made them gives that lock back: sales lock their bucket first.
-- locks: event_schedules, only together with buckets that nobody else knows yet
-- raises: schedule_not_found
create or replace function ticketdb.open_buckets(p_schedule_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_capacity int;
begin
    if exists (
        select from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = 0 and b.bucket = 0
    ) then
        return;
    end if;
    -- not FOR UPDATE: rows that refer to the occurrence need not wait
    select case when s.status = 'cancelled' and s.cancelled_at is not null then 0 else s.max_tickets end into v_capacity
    from public.event_schedules as s
    where s.id = p_schedule_id
    for no key update;
    if not found then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    insert into ticketdb.seat_buckets (schedule_id, bucket, capacity)
    select p_schedule_id, n.bucket, 0
    from generate_series(0, ticketdb.bucket_count(v_capacity) - 1) as n (bucket)
    where not exists (
        select from ticketdb.seat_buckets as b where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
    );
    if not found then
        raise sqlstate 'TD001';
    end if;
    perform ticketdb.deal_seats(p_schedule_id, 0, v_capacity, 0, 0);
exception
    when sqlstate 'TD001' then null;
end
$$;
revoke execute on function ticketdb.open_buckets(int) from public;
comment on function ticketdb.open_buckets(int) is 'Make the buckets of an occurrence';
-- <<< sql/functions/open_buckets.sql

-- >>> sql/functions/preview_recurring_schedules.sql
-- What generate_recurring_schedules would do, without doing it.
-- locks: none
-- raises: not_allowed, invalid_argument, definition_not_found, not_recurring
create or replace function public.preview_recurring_schedules(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp
)
returns table (
    schedule_date date,
    start_time time,
    end_time time,
    starts_at timestamptz,
    ends_at timestamptz,
    already_exists boolean,
    conflict text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_staff();
    perform ticketdb.check_recurrence_arguments(p_event_definition_id, p_start_date, p_end_date);
    return query
    select
        o.schedule_date, o.start_time, o.end_time, i.starts_at, i.ends_at,
        exists (
            select from public.event_schedules as s
            where s.event_definition_id = d.id
              and s.schedule_date = o.schedule_date
              and s.start_time = o.start_time
        )
        or exists (
            select from public.event_schedules as s
            where s.event_definition_id = d.id and s.original_start = o.schedule_date + o.start_time
        ),
        (
            select od.event_code || ' ' || to_char(s.start_datetime, 'YYYY-MM-DD HH24:MI')
            from public.event_schedules as s
            inner join public.event_definitions as od on od.id = s.event_definition_id
            where coalesce(s.space_id, od.space_id) = d.space_id
              and s.event_definition_id <> d.id
              and s.status <> 'cancelled'
              and s.schedule_date between o.schedule_date - 2 and o.schedule_date + 2
              and s.starts_at < i.ends_at
              and s.ends_at > i.starts_at
            order by s.starts_at, s.id
            limit 1
        )
    from public.event_definitions as d
    cross join ticketdb.definition_occurrences(d.id, p_start_date::date, p_end_date::date) as o
    cross join lateral ticketdb.schedule_instants(o.schedule_date, o.start_time, o.end_time, d.timezone) as i
    where d.id = p_event_definition_id
    order by o.schedule_date, o.start_time;
end
$$;
revoke execute on function public.preview_recurring_schedules(int, timestamp, timestamp) from public;
comment on function public.preview_recurring_schedules(int, timestamp, timestamp) is
'Preview schedules

The occurrences that generate_recurring_schedules would make, those that exist already, and for each the first other
event in the same space at that time (conflict). Writes nothing. p_event_definition_id: from event_definitions;
p_start_date and p_end_date: both included. Errors: not_allowed, invalid_argument, definition_not_found,
not_recurring.';
-- <<< sql/functions/preview_recurring_schedules.sql

-- >>> sql/functions/record_refund.sql
-- A refund was paid out: what was due of a payment is due no more. The same reference again answers like the first time. The inside
-- of settle_refund.
-- locks: ticket_payments
-- raises: invalid_argument, amount_mismatch
create or replace function ticketdb.record_refund(
    p_payment_reference text,
    p_refund_reference text,
    p_amount numeric,
    out payment_reference text,
    out reservation_id bigint,
    out amount numeric,
    out refunded numeric,
    out refund_due numeric,
    out refund_reference text,
    out refunded_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    perform ticketdb.require_read_committed();
    if coalesce(length(p_refund_reference), 0) not between 1 and 255 then
        perform ticketdb.raise_error(
            'invalid_argument',
            format('p_refund_reference has %s characters', coalesce(length(p_refund_reference)::text, 'no')),
            'Pass the payment provider''s reference of the refund, 1 to 255 characters.'
        );
    end if;
    select p.payment_reference, p.reservation_id, p.amount, p.refunded, p.refund_due, p.refund_reference, p.refunded_at
    into payment_reference, reservation_id, amount, refunded, refund_due, refund_reference, refunded_at
    from public.ticket_payments as p
    where p.payment_reference = p_payment_reference
    for no key update;
    if not found then
        perform ticketdb.raise_error(
            'invalid_argument', format('no payment %L is on record', p_payment_reference),
            'Pass the payment_reference that confirm_reservation was given.',
            jsonb_build_object('payment_reference', p_payment_reference)
        );
    end if;
    if refund_reference = p_refund_reference then
        return;
    end if;
    if refund_due = 0 or p_amount <> refund_due then
        perform ticketdb.raise_error(
            'amount_mismatch',
            format('%s goes back of payment %s, %s is due', coalesce(p_amount, 0), p_payment_reference, refund_due),
            'Pay back what is due, all of it; nothing was recorded.',
            jsonb_build_object('paid', p_amount, 'due', refund_due)
        );
    end if;
    update public.ticket_payments as p
    set refunded = p.refunded + p.refund_due, refund_due = 0, refund_reference = p_refund_reference,
        refunded_at = clock_timestamp()
    where p.payment_reference = p_payment_reference
    returning p.refunded, p.refund_due, p.refund_reference, p.refunded_at
    into refunded, refund_due, refund_reference, refunded_at;
end
$$;
revoke execute on function ticketdb.record_refund(text, text, numeric) from public;
comment on function ticketdb.record_refund(text, text, numeric) is
'Put on record that a refund was paid out

p_amount: null means what is due.';
-- <<< sql/functions/record_refund.sql

-- >>> sql/functions/recurrence_starts.sql
-- The local starts that the recurrence of an event gives between two dates, both included; what was excepted is not looked at.
-- Called by definition_occurrences.
-- locks: none
-- raises: nothing
create or replace function ticketdb.recurrence_starts(p_event_definition_id int, p_from date, p_to date)
returns setof timestamp
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select g.day::date + d.default_start_time
    from public.event_definitions as d
    cross join generate_series(p_from::timestamp, p_to::timestamp, interval '1 day') as g (day)
    where d.id = p_event_definition_id
      and d.recurrence_type in ('daily', 'weekly')
      and (
          d.recurrence_days is null
          or extract(isodow from g.day)::int = any (string_to_array(d.recurrence_days, ',')::int[])
      );
$$;
revoke execute on function ticketdb.recurrence_starts(int, date, date) from public;
comment on function ticketdb.recurrence_starts(int, date, date) is
'Local starts that the recurrence of an event gives in a period';
-- <<< sql/functions/recurrence_starts.sql

-- >>> sql/functions/refuse_settled.sql
-- Refuses to change an occurrence that was called off or is over. Called by move_schedule.
-- locks: none
-- raises: schedule_cancelled, schedule_completed
create or replace function ticketdb.refuse_settled(p_schedule_id int, p_status text, p_ends_at timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_status = 'cancelled' then
        perform ticketdb.raise_error(
            'schedule_cancelled', format('schedule %s is cancelled', p_schedule_id),
            'Set its status to scheduled first, or make another schedule.',
            jsonb_build_object('schedule_id', p_schedule_id)
        );
    end if;
    if p_status = 'completed' or p_ends_at <= now() then
        perform ticketdb.raise_error(
            'schedule_completed', format('schedule %s is over', p_schedule_id),
            'Make another schedule.', jsonb_build_object('schedule_id', p_schedule_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.refuse_settled(int, text, timestamptz) from public;
comment on function ticketdb.refuse_settled(int, text, timestamptz) is
'Refuse to move an occurrence that was called off or is over';
-- <<< sql/functions/refuse_settled.sql

-- >>> sql/functions/refuse_unknown_space.sql
-- Refuses a space that does not exist. Called where an occurrence or an event is given another space; null is none.
-- locks: none
-- raises: space_not_found
create or replace function ticketdb.refuse_unknown_space(p_space_id int)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_space_id is not null and not exists (select from public.spaces as p where p.id = p_space_id) then
        perform ticketdb.raise_error(
            'space_not_found', format('space %s does not exist', p_space_id), 'Pass the id of a row of spaces.',
            jsonb_build_object('space_id', p_space_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.refuse_unknown_space(int) from public;
comment on function ticketdb.refuse_unknown_space(int) is 'Refuse a space that does not exist

p_space_id: null is none.';
-- <<< sql/functions/refuse_unknown_space.sql

-- >>> sql/functions/require_admin.sql
-- Refuses a caller who manages nothing. Called by require_staff, and by the functions that act for an admin with their owner's rights.
-- locks: none
-- raises: not_allowed
create or replace function ticketdb.require_admin()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.is_admin() then
        perform ticketdb.raise_error(
            'not_allowed', 'this takes an admin', 'Sign in as one: the claim app_metadata.role is admin.'
        );
    end if;
end
$$;
revoke execute on function ticketdb.require_admin() from public;
comment on function ticketdb.require_admin() is 'Refuse a caller whose token is not an admin''s';
-- <<< sql/functions/require_admin.sql

-- >>> sql/functions/require_staff.sql
-- Refuses a caller who manages nothing. Called by the functions that write or show schedules before they are public.
-- locks: none
-- raises: not_allowed
create or replace function ticketdb.require_staff()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        perform ticketdb.require_admin();
    end if;
end
$$;
revoke execute on function ticketdb.require_staff() from public;
comment on function ticketdb.require_staff() is 'Refuse a caller who is neither the owner nor the payment server nor an admin';
-- <<< sql/functions/require_staff.sql

-- >>> sql/functions/resize_schedule.sql
-- Deals a new capacity over the buckets of an occurrence, or that of a cancelled one that is put on again, or refuses it where more is
-- sold and held. Its row is locked already,
-- and every sale that ends waits for that row with its bucket locked: so this waits for no bucket, but makes do with those that it
-- can have. Where these are not enough it looks again for a moment. Called by trigger before the capacity is written, for an error
-- that says what is wrong, and after it, for what other triggers made of the row.
-- locks: event_schedules (by the write itself); ticketdb.seat_buckets, ticket_reservations (passing over locked ones)
-- raises: invalid_argument (isolation), capacity_below_sold; lock_not_available
create or replace function ticketdb.resize_schedule()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_buckets int[];
    v_seats record;
    v_patience int := 20;
begin
    perform ticketdb.require_read_committed();
    loop
        select array_agg(l.bucket) into v_buckets
        from (
            select b.bucket
            from ticketdb.seat_buckets as b
            where b.schedule_id = new.id and b.ticket_type_id = 0
            order by b.bucket
            for no key update skip locked
        ) as l;
        -- only whoever has the occurrence locked changes the sum of its capacities
        select
            new.max_tickets - sum(b.capacity) as more,
            sum(b.sold) as sold,
            sum(b.held) as held,
            coalesce(sum(b.capacity) filter (where b.bucket = any (v_buckets)), 0) as capacity,
            coalesce(sum(b.capacity - b.held - b.sold) filter (where b.bucket = any (v_buckets)), 0) as free,
            count(*)::int as buckets
        into v_seats
        from ticketdb.seat_buckets as b
        where b.schedule_id = new.id and b.ticket_type_id = 0;
        -- nothing was ever sold, or it is done
        if coalesce(v_seats.more, 0) = 0 then
            return new;
        end if;
        exit when v_seats.free + v_seats.more >= 0;
        continue when ticketdb.expire_lapsed_holds(new.id, v_buckets) > 0;
        v_patience := v_patience - 1;
        if v_seats.sold + v_seats.held - ticketdb.lapsed_seats(new.id) > new.max_tickets
            and (v_seats.buckets = cardinality(v_buckets) or v_patience = 0)
        then
            perform ticketdb.raise_error(
                'capacity_below_sold',
                format(
                    'capacity of schedule %s cannot become %s: %s sold and %s held',
                    new.id, new.max_tickets, v_seats.sold, v_seats.held
                ),
                'Cancel reservations first, or wait until holds lapse.',
                jsonb_build_object('sold', v_seats.sold, 'held', v_seats.held, 'requested', new.max_tickets)
            );
        end if;
        if v_patience = 0 then
            raise lock_not_available using
                message = format('seats of schedule %s are just being sold', new.id),
                hint = 'Change its capacity again in a moment.';
        end if;
        perform pg_sleep(0.01);
    end loop;

    -- more seats, more buckets, and one in any case where all others are locked; those of the ticket types follow when they are
    -- needed (open_type_buckets)
    with made as (
        insert into ticketdb.seat_buckets (schedule_id, bucket, capacity)
        select new.id, n.bucket, 0
        from generate_series(
            1, greatest(ticketdb.bucket_count(new.max_tickets) - 1, case when v_buckets is null then v_seats.buckets end)
        ) as n (bucket)
        -- not "on conflict": that would wait for whoever has the row
        where not exists (
            select from ticketdb.seat_buckets as b
            where b.schedule_id = new.id and b.ticket_type_id = 0 and b.bucket = n.bucket
        )
        returning bucket
    )
    select v_buckets || array_agg(m.bucket) into v_buckets
    from made as m;
    perform ticketdb.deal_seats(new.id, 0, (v_seats.capacity + v_seats.more)::int, 0, 0, v_buckets);
    return new;
end
$$;
revoke execute on function ticketdb.resize_schedule() from public;
comment on function ticketdb.resize_schedule() is 'Trigger: deal a new capacity over the buckets of an occurrence';
-- <<< sql/functions/resize_schedule.sql

-- >>> sql/functions/schedules_in_scope.sql
-- The occurrences that a change is about, in ascending id. Called by edit_schedules.
-- locks: none
-- raises: invalid_argument, schedule_not_found
create or replace function ticketdb.schedules_in_scope(
    p_event_definition_id int,
    p_scope text,
    p_schedule_id int
)
returns int[]
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_from timestamptz;
begin
    if p_scope is null or p_scope not in ('this', 'this_and_following', 'all_future')
        or (p_schedule_id is null) <> (p_scope = 'all_future')
    then
        perform ticketdb.raise_error(
            'invalid_argument',
            format('scope %s with schedule %s', coalesce(p_scope, 'null'), coalesce(p_schedule_id::text, 'null')),
            'Pass this or this_and_following with a schedule, or all_future without one.',
            jsonb_build_object('scope', p_scope, 'schedule_id', p_schedule_id)
        );
    end if;
    if p_scope = 'all_future' then
        v_from := now();
    else
        select s.starts_at into v_from
        from public.event_schedules as s
        where s.id = p_schedule_id and s.event_definition_id = p_event_definition_id;
        if not found then
            perform ticketdb.raise_error(
                'schedule_not_found', format('event %s has no schedule %s', p_event_definition_id, p_schedule_id),
                'event_schedules lists them.', jsonb_build_object('schedule_id', p_schedule_id)
            );
        end if;
    end if;
    return array(
        select s.id
        from public.event_schedules as s
        where s.event_definition_id = p_event_definition_id
          and (
              s.id = p_schedule_id
              or p_scope <> 'this' and s.starts_at >= v_from and s.starts_at > now()
          )
        order by s.id
    );
end
$$;
revoke execute on function ticketdb.schedules_in_scope(int, text, int) from public;
comment on function ticketdb.schedules_in_scope(int, text, int) is
'The occurrences that a change is about

p_scope: this, this_and_following or all_future; p_schedule_id: the one that "this" means.';
-- <<< sql/functions/schedules_in_scope.sql

-- >>> sql/functions/seat_paid_reservation.sql
-- Seats a reservation that a payment on record pays for, tickets, participants and all. A hold keeps its seats, lapsed or not, as
-- long as nobody took them; a closed one takes new seats if the occurrence still sells. Without seats it becomes refund_due.
-- Whatever was paid besides stays due back. The occurrence's own row, which all sales share, is written last; only with it
-- locked is it certain that nobody called the occurrence off meanwhile. Called by confirm_payment, and by the trigger on bookings
-- when a cancelled booking is paid after all.
-- locks: ticket_reservations (by the caller), program_participants, then (by trigger) as find_bucket and count_seats
-- raises: nothing about seats
create or replace function ticketdb.seat_paid_reservation(
    p_reservation_id bigint,
    p_payment_reference text,
    p_participants jsonb,
    out is_seated boolean,
    out tickets_sold int,
    out ticket_codes uuid[],
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reservation record;
    v_was_seated boolean;
begin
    select
        r.status, r.schedule_id, r.ticket_type_id, r.quantity, s.status = 'cancelled' or s.is_blocked as is_called_off,
        (select coalesce(sum(p.refund_due), 0) from public.ticket_payments as p where p.reservation_id = r.id) as refund_due
    into v_reservation
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.id = p_reservation_id;
    if v_reservation.is_called_off then
        is_seated := false;
    elsif v_reservation.status = 'held' then
        ticket_codes := ticketdb.sell_seats(p_reservation_id, v_reservation.quantity, p_participants);
        is_seated := true;
    else
        begin
            perform ticketdb.find_offer(v_reservation.schedule_id, v_reservation.ticket_type_id);
            ticket_codes := ticketdb.sell_seats(p_reservation_id, v_reservation.quantity, p_participants);
            is_seated := true;
        exception
            when sqlstate 'PT409' or sqlstate 'PT404' then is_seated := false;
        end;
    end if;
    v_was_seated := is_seated;
    if is_seated then
        -- once more, for now its row is locked. All other sales of it wait: nothing else is left to be done
        select s.status <> 'cancelled' and not s.is_blocked, s.tickets_sold into is_seated, tickets_sold
        from public.event_schedules as s
        where s.id = v_reservation.schedule_id;
    end if;
    if is_seated then
        refund_due := v_reservation.refund_due;
        return;
    end if;

    update public.ticket_reservations as r
    set status = 'refund_due', closed_at = clock_timestamp()
    where r.id = p_reservation_id;
    update public.ticket_payments as p
    set refund_due = p.amount - p.refunded
    where p.payment_reference = p_payment_reference and p.refund_due <> p.amount - p.refunded;
    if v_was_seated then
        perform ticketdb.issue_tickets(p_reservation_id, 0);
        perform ticketdb.deactivate_participants(array[p_reservation_id]);
    end if;
end
$$;
revoke execute on function ticketdb.seat_paid_reservation(bigint, text, jsonb) from public;
comment on function ticketdb.seat_paid_reservation(bigint, text, jsonb) is
'Seat a reservation that is paid for; is_seated is false where no seat was left and a refund is due

tickets_sold: of its occurrence, after it; refund_due: of other payments. p_payment_reference: the payment on record that pays for it; p_participants: who comes, as add_participants has it.';
-- <<< sql/functions/seat_paid_reservation.sql

-- >>> sql/functions/sell_booking.sql
-- A booking is paid: its reservation becomes a sale, made on the spot where the booking never was a hold, and taking new seats
-- where its hold has ended or asks for others now. Never refused: without seats the payment is recorded as due back. Called by
-- follow_booking.
-- locks: ticket_reservations, then as confirm_payment
-- raises: invalid_quantity
create or replace function ticketdb.sell_booking(
    p_reservation_id bigint,
    p_booking_id int,
    p_booking_reference text,
    p_user_id int,
    p_schedule_id int,
    p_ticket_type_id int,
    p_quantity int,
    p_total_amount numeric
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reference constant text := 'booking ' || p_booking_reference;
    v_price constant numeric := coalesce(ticketdb.ticket_price(p_schedule_id, p_ticket_type_id), 0);
    v_amount constant numeric := coalesce(p_total_amount, v_price * p_quantity);
    v_id bigint := p_reservation_id;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    if v_id is null then
        insert into public.ticket_reservations (
            schedule_id, ticket_type_id, user_id, booking_id, quantity, unit_price, total_amount, status,
            expires_at, origin
        )
        values (
            p_schedule_id, p_ticket_type_id, p_user_id, p_booking_id, p_quantity, v_price, v_amount, 'expired',
            clock_timestamp(), 'booking'
        )
        returning id into v_id;
    else
        if not exists (
            select from public.ticket_reservations as r
            where r.id = v_id and r.status = 'held'
              and (r.schedule_id, r.ticket_type_id, r.quantity)
                  is not distinct from (p_schedule_id, p_ticket_type_id, p_quantity)
        ) then
            perform ticketdb.lock_moving_seats(v_id, p_schedule_id);
        end if;
        update public.ticket_reservations as r
        set schedule_id = p_schedule_id, ticket_type_id = p_ticket_type_id, quantity = p_quantity,
            unit_price = v_price, total_amount = v_amount,
            -- a hold keeps its seats only as it was made
            status = case
                when r.status <> 'held' then 'released'
                when (r.schedule_id, r.ticket_type_id, r.quantity)
                    is not distinct from (p_schedule_id, p_ticket_type_id, p_quantity) then 'held'
                else 'expired'
            end
        where r.id = v_id;
    end if;

    if exists (select from public.ticket_payments as p where p.payment_reference = v_reference) then
        -- paid before, cancelled, and paid after all
        update public.ticket_payments as p
        set refund_due = 0, refunded = 0
        where p.payment_reference = v_reference;
        perform ticketdb.seat_paid_reservation(v_id, v_reference, null);
    else
        perform ticketdb.confirm_payment(v_id, v_reference, null, null);
    end if;
end
$$;
revoke execute on function ticketdb.sell_booking(bigint, int, text, int, int, int, int, numeric) from public;
comment on function ticketdb.sell_booking(bigint, int, text, int, int, int, int, numeric) is
'Turn the reservation of a paid booking into a sale

p_reservation_id: null where the booking has none yet; p_total_amount: null means quantity times price.';
-- <<< sql/functions/sell_booking.sql

-- >>> sql/functions/settle_refund.sql
-- The face of ticketdb.record_refund.
-- locks, raises: as record_refund
create or replace function public.settle_refund(
    p_payment_reference text,
    p_refund_reference text,
    p_amount numeric default null,
    out payment_reference text,
    out reservation_id bigint,
    out amount numeric,
    out refunded numeric,
    out refund_due numeric,
    out refund_reference text,
    out refunded_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    select r.payment_reference, r.reservation_id, r.amount, r.refunded, r.refund_due, r.refund_reference, r.refunded_at
    into payment_reference, reservation_id, amount, refunded, refund_due, refund_reference, refunded_at
    from ticketdb.record_refund(p_payment_reference, p_refund_reference, p_amount) as r;
end
$$;
revoke execute on function public.settle_refund(text, text, numeric) from public;
comment on function public.settle_refund(text, text, numeric) is
'Settle a refund

A refund was paid out: what was due of the payment becomes refunded, and refund_due 0. p_payment_reference: as confirm_reservation was
given it; p_refund_reference: the provider''s, 1 to 255 characters, the same again answers like the first time; p_amount: in the
venue''s currency, null means what is due, and nothing else is taken. For the payment server. Errors: invalid_argument, amount_mismatch.';
-- <<< sql/functions/settle_refund.sql

-- >>> sql/functions/tell_holders.sql
-- Tells the holders of an occurrence that it was moved to another time or space, whoever moved it: what it was and what it is. What is
-- cancelled or over is nobody's business any more. Called by trigger after an occurrence was moved.
-- locks: ticket_notifications (new rows)
-- raises: nothing
create or replace function ticketdb.tell_holders()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_default_space_id int;
begin
    if new.status <> 'scheduled' or old.ends_at <= now() and new.ends_at <= now() then
        return null;
    end if;
    select d.space_id into v_default_space_id
    from public.event_definitions as d
    where d.id = new.event_definition_id;
    if (new.schedule_date, new.start_time, new.end_time, coalesce(new.space_id, v_default_space_id))
        is not distinct from (old.schedule_date, old.start_time, old.end_time, coalesce(old.space_id, v_default_space_id))
    then
        -- it only says now which space it always had
        return null;
    end if;
    perform ticketdb.queue_notification(
        'schedule_moved', r.id,
        jsonb_strip_nulls(jsonb_build_object(
            'reason', nullif(current_setting('ticketdb.move_reason', true), ''),
            'old', ticketdb.describe_place(old.id, old.starts_at, old.ends_at, old.space_id),
            'new', ticketdb.describe_place(new.id, new.starts_at, new.ends_at, new.space_id)
        ))
    )
    from public.ticket_reservations as r
    where r.schedule_id = new.id
      and (r.status = 'confirmed' or r.status = 'held' and r.expires_at > clock_timestamp());
    return null;
end
$$;
revoke execute on function ticketdb.tell_holders() from public;
comment on function ticketdb.tell_holders() is 'Trigger: tell the holders of an occurrence that it was moved';
-- <<< sql/functions/tell_holders.sql

-- >>> sql/functions/undo_sales.sql
-- Undoes reservations that the caller has locked: sales are cancelled, their tickets become void and what was paid is due back, so far
-- as it was not given back already; live holds are released, lapsed ones expired. Seats go back by trigger. Called by cancel_sale
-- for one and by call_off_schedule for all of an occurrence, in one statement for each table.
-- locks: ticket_reservations (by the caller), then (by trigger) ticketdb.seat_buckets, event_schedules; then event_tickets and
--        program_participants, in the order in which scan_ticket locks them
-- raises: nothing
create or replace function ticketdb.undo_sales(p_reservation_ids bigint[], p_reason text, p_at timestamptz)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.ticket_reservations as r
    set status = case
            when r.status <> 'held' then 'cancelled'
            when r.expires_at <= p_at then 'expired'
            else 'released'
        end,
        closed_at = p_at,
        close_reason = p_reason
    where r.id = any (p_reservation_ids);
    update public.ticket_payments as p
    set refund_due = p.amount - p.refunded
    where p.reservation_id = any (p_reservation_ids) and p.refund_due <> p.amount - p.refunded;
    -- in the order in which a batch of scans locks them
    perform t.id
    from public.event_tickets as t
    where t.reservation_id = any (p_reservation_ids) and t.status = 'valid'
    order by t.id
    for no key update;
    update public.event_tickets as t
    set status = 'void', voided_at = p_at
    where t.reservation_id = any (p_reservation_ids) and t.status = 'valid';
    perform ticketdb.deactivate_participants(p_reservation_ids);
end
$$;
revoke execute on function ticketdb.undo_sales(bigint[], text, timestamptz) from public;
comment on function ticketdb.undo_sales(bigint[], text, timestamptz) is
'Undo sales and holds: void tickets, free seats, note refunds

p_reservation_ids: locked by the caller, held, confirmed or refund_due; p_at: when it counts as done.';
-- <<< sql/functions/undo_sales.sql

-- >>> sql/functions/verify_inventory.sql
-- Recomputes every counter from the rows it stands for. No row means all is well. Reads only, in one snapshot.
-- locks: none
-- raises: nothing
create or replace function public.verify_inventory()
returns table (schedule_id int, problem text, expected bigint, actual bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with seats as (
        -- one row for each bucket that reservations lie in: of the occurrence (0) and of each ticket type on it
        select
            r.schedule_id,
            r.bucket,
            case when grouping(r.ticket_type_id) = 1 then 0 else r.ticket_type_id end as ticket_type_id,
            coalesce(sum(r.quantity) filter (where r.status = 'held'), 0) as held,
            coalesce(sum(r.quantity) filter (where r.status = 'confirmed'), 0) as sold
        from public.ticket_reservations as r
        group by grouping sets ((r.schedule_id, r.bucket), (r.schedule_id, r.bucket, r.ticket_type_id))
        having grouping(r.ticket_type_id) = 1 or r.ticket_type_id is not null
    ),
    capacities as (
        select b.schedule_id, b.ticket_type_id, sum(b.capacity) as capacity
        from ticketdb.seat_buckets as b
        group by b.schedule_id, b.ticket_type_id
    ),
    schedules as (
        select s.id, s.status, s.max_tickets, s.tickets_sold, coalesce(c.capacity, s.max_tickets) as capacity, coalesce(n.sold, 0) as sold
        from public.event_schedules as s
        -- no bucket is made before the first reservation
        left join capacities as c on c.schedule_id = s.id and c.ticket_type_id = 0
        left join (
            select n.schedule_id, sum(n.sold) as sold from seats as n where n.ticket_type_id = 0 group by n.schedule_id
        ) as n on n.schedule_id = s.id
    ),
    buckets as (
        select
            coalesce(b.schedule_id, n.schedule_id) as schedule_id,
            case
                when coalesce(b.ticket_type_id, n.ticket_type_id) = 0 then ''
                else ' of ticket type ' || coalesce(b.ticket_type_id, n.ticket_type_id)
            end || coalesce(' in bucket ' || coalesce(b.bucket, n.bucket), ' without a bucket') as whose,
            b.held, b.sold, coalesce(n.held, 0) as held_now, coalesce(n.sold, 0) as sold_now
        from ticketdb.seat_buckets as b
        full join seats as n
            on n.schedule_id = b.schedule_id and n.ticket_type_id = b.ticket_type_id and n.bucket = b.bucket
    ),
    tickets as (
        select
            r.id, r.schedule_id,
            case when r.status = 'confirmed' then r.quantity else 0 end as due,
            count(t.id) filter (where t.status = 'valid') as valid
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        left join public.event_tickets as t on t.reservation_id = r.id
        group by r.id, s.ends_at
        -- an imported sale of an occurrence that was over needs no tickets
        having r.origin <> 'legacy' or s.ends_at > now() or count(t.id) > 0
    )
    select s.id, 'tickets_sold', s.sold, s.tickets_sold
    from schedules as s
    where s.tickets_sold <> s.sold
    union all
    select s.id, 'capacity', s.max_tickets, s.capacity
    from schedules as s
    -- one that cancel_schedule called off has no seat left
    where s.capacity is distinct from s.max_tickets and (s.status <> 'cancelled' or s.capacity > s.max_tickets)
    union all
    select s.id, 'oversold', s.max_tickets, s.sold
    from schedules as s
    where s.sold > s.max_tickets
    union all
    select b.schedule_id, 'seats held' || b.whose, b.held_now, b.held
    from buckets as b
    where coalesce(b.held, 0) <> b.held_now
    union all
    select b.schedule_id, 'seats sold' || b.whose, b.sold_now, b.sold
    from buckets as b
    where coalesce(b.sold, 0) <> b.sold_now
    union all
    select c.schedule_id, 'limit of ticket type ' || t.id, t.max_quantity, c.capacity
    from capacities as c
    inner join public.ticket_types as t on t.id = c.ticket_type_id
    where c.capacity is distinct from t.max_quantity
    union all
    select t.schedule_id, 'valid tickets of reservation ' || t.id, t.due, t.valid
    from tickets as t
    where t.valid <> t.due
    order by 1, 2;
$$;
revoke execute on function public.verify_inventory() from public;
comment on function public.verify_inventory() is
'Verify the inventory

Recomputes every counter from its rows and returns those that differ; no row means all is well.';
-- <<< sql/functions/verify_inventory.sql

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
    ('function', 'public.move_reservation(bigint, int)', 'execute', '{service_role}'),
    ('function', 'public.settle_refund(text, text, numeric)', 'execute', '{service_role}'),
    -- the house
    ('table', 'public.ticket_check_ins', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_notifications', 'select', '{authenticated,service_role}'),
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
    -- the inside, as far as views, policies, defaults and the faces above read it in the caller's name
    ('schema', 'ticketdb.', 'usage', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_sales', 'select', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_people', 'select', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.local_instant(timestamp, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.time_before(timestamptz, interval, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_offer(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.reserve_for_caller(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.reserve_series_for_caller(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.release_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.call_off_as_admin(int, text)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.edit_schedules_as_admin(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.require_staff()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_admin()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_schedule(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_settled(int, text, timestamptz)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_unknown_space(int)', 'execute', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.call_off_schedule(int, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.edit_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{service_role}'),
    ('function', 'ticketdb.move_sale(bigint, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.record_refund(text, text, numeric)', 'execute', '{service_role}'),
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

-- >>> sql/triggers/event_schedules.sql
-- Triggers of event_schedules: derive the instants, guard the counter, deal a new capacity or that of an occurrence that is put on
-- again, tell the holders of one that was moved, keep updated_at. Their conditions
-- keep functions out of the way of a sale, which writes tickets_sold.
create or replace trigger derive_schedule_times
before insert or update of event_definition_id, schedule_date, start_time, end_time, starts_at, ends_at
on public.event_schedules
for each row execute function ticketdb.derive_schedule_times();
create or replace trigger guard_new_schedule
before insert on public.event_schedules
for each row when (new.tickets_sold is distinct from 0)
execute function ticketdb.guard_schedule();
create or replace trigger guard_inserted_schedule
after insert on public.event_schedules
for each row when (new.tickets_sold <> 0)
execute function ticketdb.guard_schedule();
create or replace trigger guard_schedule
before update of tickets_sold on public.event_schedules
for each row when (
    new.tickets_sold is distinct from old.tickets_sold
    and current_setting('ticketdb.counting', true) is distinct from new.id::text
)
execute function ticketdb.guard_schedule();
create or replace trigger guard_updated_schedule
after update on public.event_schedules
for each row when (
    new.tickets_sold <> old.tickets_sold
    and current_setting('ticketdb.counting', true) is distinct from new.id::text
)
execute function ticketdb.guard_schedule();
create or replace trigger resize_schedule
before update of max_tickets, status on public.event_schedules
for each row when (new.max_tickets <> old.max_tickets or old.status = 'cancelled' and new.status <> 'cancelled')
execute function ticketdb.resize_schedule();
create or replace trigger resize_updated_schedule
after update on public.event_schedules
for each row when (new.max_tickets <> old.max_tickets or old.status = 'cancelled' and new.status <> 'cancelled')
execute function ticketdb.resize_schedule();
create or replace trigger tell_holders
after update of schedule_date, start_time, end_time, space_id on public.event_schedules
for each row when (
    (new.schedule_date, new.start_time, new.end_time, new.space_id)
    is distinct from (old.schedule_date, old.start_time, old.end_time, old.space_id)
)
execute function ticketdb.tell_holders();
create or replace trigger refuse_truncate
before truncate on public.event_schedules
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger touch_updated_at
before update on public.event_schedules
for each row when (new.tickets_sold = old.tickets_sold)
execute function ticketdb.touch_updated_at();
-- <<< sql/triggers/event_schedules.sql
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
