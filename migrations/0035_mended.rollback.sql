-- Takes out 0035_mended. No cascade: what somebody built on it must make this fail.

drop trigger count_visits on public.ticket_reservations;
drop trigger tell_of_sale on public.ticket_reservations;
drop trigger tell_of_refund on public.ticket_payments;
drop trigger offer_freed_seats on public.ticket_reservations;
drop trigger offer_deleted_seats on public.ticket_reservations;
drop trigger offer_more_seats on public.event_schedules;

-- what is added with an end of its own ends the next time that the clock shows it, as before
alter table public.schedule_exceptions
    drop column extra_days;
comment on column public.schedule_exceptions.end_time is
'End of what is added, the next one after its start; null means as long as always, days included';

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/add_participants.sql
-- Writes who comes into the application's program_participants, with their tickets: the people that were named, and the buyer
-- for the tickets without a name. Not for a booking of the application's: there it enters them itself, and must not find them doubled. The table
-- is the application's, with lengths, constraints and triggers of its own: names are cut to fit, and a person who fails is noted
-- on the reservation and undoes neither payment nor seats nor the others. Called after a payment.
-- locks: ticket_reservations (by the caller)
-- raises: nothing but a deadlock or a lock timeout
create or replace function ticketdb.add_participants(p_reservation_id bigint, p_participants jsonb)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- made anew for each number of tickets, the plan of the insert would cost as much as the insert
set plan_cache_mode = force_generic_plan
as $$
declare
    v_sale record;
    v_person record;
    v_path text;
begin
    select
        r.user_id, r.booking_id, r.quantity, r.total_amount,
        coalesce(r.contact ->> 'name', nullif(concat_ws(' ', u.first_name, u.last_name), '')) as name,
        coalesce(r.contact ->> 'mobile', r.contact ->> 'phone') as mobile,
        s.id as schedule_id, s.start_datetime, s.end_datetime, d.id as definition_id,
        -- the application's words: live, yoga, zumba
        case when d.event_category = 'live-show' then 'live' else left(d.event_type, 20) end as program_type,
        case when d.recurrence_type <> 'none' then 'daily' end as subscription_type
    into v_sale
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    inner join public.event_definitions as d on d.id = s.event_definition_id
    left join public.users as u on u.id = r.user_id
    where r.id = p_reservation_id;
    if v_sale.booking_id is not null then
        return false;
    end if;

    v_path := set_config('search_path', ticketdb.application_search_path(), true);
    for v_person in
        select n.name, n.mobile, n.quantity, n.amount
        from ticketdb.named_participants(p_participants, v_sale.quantity, v_sale.total_amount) as n
    loop
        begin
            with participant as (
                insert into public.program_participants (
                    user_id, name, mobile, program_type, subscription_type, ticket_quantity,
                    start_date, end_date, amount_paid, event_schedule_id, event_definition_id
                )
                values (
                    v_sale.user_id,
                    ticketdb.participant_text('name', coalesce(v_person.name, v_sale.name)),
                    ticketdb.participant_text('mobile', coalesce(v_person.mobile, v_sale.mobile)),
                    v_sale.program_type, v_sale.subscription_type, v_person.quantity,
                    v_sale.start_datetime, v_sale.end_datetime, v_person.amount, v_sale.schedule_id, v_sale.definition_id
                )
                returning id
            )
            insert into public.event_tickets (reservation_id, participant_id)
            select p_reservation_id, p.id
            from participant as p
            cross join generate_series(1, v_person.quantity);
        exception
            when deadlock_detected or lock_not_available or serialization_failure then
                raise;
            when others then
                update public.ticket_reservations as r
                set participants_problem = concat_ws('; ', r.participants_problem, format('%s: %s', sqlstate, sqlerrm))
                where r.id = p_reservation_id;
        end;
    end loop;
    return true;
end
$$;
revoke execute on function ticketdb.add_participants(bigint, jsonb) from public;
comment on function ticketdb.add_participants(bigint, jsonb) is
'Write the participants of a paid reservation; false where they are the application''s business

p_participants: array of {"name", "mobile", "quantity"}; null means the buyer comes with all tickets.';
-- <<< sql/functions/add_participants.sql

-- >>> sql/functions/assign_bucket.sql
-- Finds a bucket for a reservation that takes seats and names none, whoever wrote it. Called by trigger after it was written, for
-- every row but those of the fast path of hold_tickets, which name their bucket. One without seats only makes sure
-- of its occurrence and ticket type.
-- locks: as find_bucket, then (by trigger) as count_seats; without seats ticket_types and ticketdb.seat_buckets (key share)
-- raises: invalid_argument (isolation) and what find_bucket raises
create or replace function ticketdb.assign_bucket()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.status not in ('held', 'confirmed') then
        if new.ticket_type_id is not null then
            perform from public.ticket_types as t where t.id = new.ticket_type_id for key share;
            if not found then
                perform ticketdb.refuse_ticket_type(new.schedule_id, new.ticket_type_id);
            end if;
        end if;
        -- what refuse_reserved waits for
        perform ticketdb.open_buckets(new.schedule_id);
        perform from ticketdb.seat_buckets as b
        where b.schedule_id = new.schedule_id and b.ticket_type_id = 0 and b.bucket = 0
        for key share;
        return null;
    end if;
    perform ticketdb.require_read_committed();
    update public.ticket_reservations as r
    set bucket = ticketdb.find_bucket(new.schedule_id, new.ticket_type_id, new.quantity)
    where r.id = new.id;
    return null;
end
$$;
revoke execute on function ticketdb.assign_bucket() from public;
comment on function ticketdb.assign_bucket() is 'Trigger: find seats for a reservation that names no bucket';
-- <<< sql/functions/assign_bucket.sql

drop function public.buy_pass;

-- >>> sql/functions/buy_pass.sql
-- The face of ticketdb.hold_pass, and of buy_pass_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.buy_pass(
    p_pass_type_id int,
    p_starts_on date default null,
    p_user_id int default null,
    p_renews boolean default false,
    p_idempotency_key text default null,
    p_contact jsonb default null,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
begin
    if not ticketdb.may_sell() then
        select r.* into
            pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left,
            price, status, expires_at, renews, refund_due
        from ticketdb.buy_pass_for_caller(
            p_pass_type_id, p_starts_on, p_user_id, p_renews, p_idempotency_key, p_contact
        ) as r;
        return;
    end if;
    v_id := ticketdb.hold_pass(
        p_pass_type_id, p_starts_on, p_user_id, p_renews, p_idempotency_key, p_contact
    );
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(v_id) as r;
end
$$;
revoke execute on function public.buy_pass(int, date, int, boolean, text, jsonb) from public;
comment on function public.buy_pass(int, date, int, boolean, text, jsonb) is
'Buy a pass

Orders a pass, to be paid within 15 minutes: confirm_pass records the payment. A monthly pass takes a place on every occurrence of
its period, or is refused; one for a number of visits takes places later, with redeem_pass. The same p_idempotency_key with the
same arguments returns the same pass. A signed-in buyer buys for himself. p_pass_type_id: from pass_types; p_starts_on: first date,
by default today, or tomorrow where today''s occurrence has begun; p_user_id: a row of users, null for a guest; p_renews: make the
next period before this one ends; p_contact: {"name", "mobile", "email"}. visits_left: visits, or places to come, once it is paid.
Errors: those of reserve_series, pass_not_found, not_allowed.';
-- <<< sql/functions/buy_pass.sql

drop function ticketdb.buy_pass_for_caller;

-- >>> sql/functions/buy_pass_for_caller.sql
-- Buys a pass for the signed-in buyer who calls. The way of buy_pass for whoever may not run the inside of selling.
-- locks: as hold_pass
-- raises: not_allowed, and what hold_pass raises
create or replace function ticketdb.buy_pass_for_caller(
    p_pass_type_id int,
    p_starts_on date,
    p_user_id int,
    p_renews boolean,
    p_idempotency_key text,
    p_contact jsonb,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(p_user_id);
    v_id bigint;
begin
    -- what is not public yet does not exist for him
    if exists (
        select
        from public.pass_types as t
        inner join public.event_definitions as d on d.id = t.event_definition_id
        where t.id = p_pass_type_id and not (t.is_active and d.is_active)
    ) then
        perform ticketdb.refuse_pass_type(p_pass_type_id);
    end if;
    v_id := ticketdb.hold_pass(
        p_pass_type_id, p_starts_on, v_user_id, p_renews, ticketdb.caller_key(v_user_id, p_idempotency_key), p_contact
    );
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(v_id) as r;
end
$$;
revoke execute on function ticketdb.buy_pass_for_caller(int, date, int, boolean, text, jsonb) from public;
comment on function ticketdb.buy_pass_for_caller(int, date, int, boolean, text, jsonb) is
'Buy a pass for the signed-in buyer who calls';
-- <<< sql/functions/buy_pass_for_caller.sql

-- >>> sql/functions/calendar_event_code.sql
-- A code for an event that is imported: its title, as far as a code can say it, and where that is taken or says nothing, part of a digest
-- of its UID. Called by save_event.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_event_code(p_title text, p_uid text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_code constant text := btrim(left(regexp_replace(lower(p_title), '[^a-z0-9]+', '-', 'g'), 40), '-');
begin
    if v_code <> '' and not exists (select from public.event_definitions as d where d.event_code = v_code) then
        return v_code;
    end if;
    return coalesce(nullif(v_code, ''), 'event') || '-' || left(md5(p_uid), 8);
end
$$;
revoke execute on function ticketdb.calendar_event_code(text, text) from public;
comment on function ticketdb.calendar_event_code(text, text) is 'Code for an event with this title and UID';
-- <<< sql/functions/calendar_event_code.sql

-- >>> sql/functions/calendar_exceptions.sql
-- Where an event does not keep to its rule, start by start, as calendars have it: what definition_occurrences makes of the days on which
-- the event or its venue has an exception, beside what the rule names. length is null where it is the event's own. Called by definition_calendar.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_exceptions(
    p_event_definition_id int,
    p_first_start timestamp,
    p_length interval,
    out kind text,
    out starts timestamp,
    out length interval
)
returns setof record
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with days as materialized (
        select distinct x.exception_date as day
        from public.event_definitions as d
        inner join public.schedule_exceptions as x
            on x.event_definition_id = d.id
            or x.venue_id = coalesce(d.venue_id, (select p.venue_id from public.spaces as p where p.id = d.space_id))
        where d.id = p_event_definition_id
          -- what a calendar can write
          and x.exception_date between date '0001-01-01' and date '9999-12-30'
    ),
    named as materialized (
        select r.start
        from days as d
        cross join ticketdb.recurrence_starts(p_event_definition_id, d.day, d.day) as r (start)
    ),
    actual as materialized (
        select o.schedule_date + o.start_time as start, ticketdb.local_length(o.start_time, o.end_time) + make_interval(days => o.extra_days) as length
        from days as d
        cross join ticketdb.definition_occurrences(p_event_definition_id, d.day, d.day) as o
    )
    select 'excluded', n.start, null::interval
    from named as n
    where n.start >= p_first_start
      and not exists (select from actual as a where a.start = n.start)
    union all
    select 'added', a.start, nullif(a.length, p_length)
    from actual as a
    where a.length <> p_length or not exists (select from named as n where n.start = a.start);
$$;
revoke execute on function ticketdb.calendar_exceptions(int, timestamp, interval) from public;
comment on function ticketdb.calendar_exceptions(int, timestamp, interval) is
'Starts that an event has besides its rule, or leaves out

p_first_start: nothing is left out before it; p_length: the event''s own length.';
-- <<< sql/functions/calendar_exceptions.sql

-- >>> sql/functions/calendar_length.sql
-- How long something in a calendar lasts: to its end, for its duration, the whole day where it begins with a date alone, else null, for
-- a calendar may name neither. More than a day is refused: an occurrence lasts a day at most. Called by read_event and event_dates.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.calendar_length(p_span jsonb, p_timezone text)
returns interval
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_start constant timestamp := ticketdb.calendar_moment(p_span ->> 'starts_at', p_timezone);
    v_length interval;
begin
    if v_start is null then
        perform ticketdb.raise_error('invalid_argument', 'the event, or a date of it, has no start', 'Give starts_at (DTSTART).');
    end if;
    begin
        v_length := coalesce(
            ticketdb.calendar_moment(p_span ->> 'ends_at', p_timezone) - v_start,
            make_interval(secs => (p_span ->> 'seconds')::int),
            case when length(p_span ->> 'starts_at') = 10 then interval '1 day' end
        );
    exception
        when invalid_text_representation or numeric_value_out_of_range then
            v_length := interval '-1';
    end;
    if v_length not between interval '0' and interval '24 hours' then
        perform ticketdb.raise_error(
            'invalid_argument', format('what begins at %s lasts %s', p_span ->> 'starts_at', v_length),
            'An occurrence lasts 24 hours at most; what lasts for days is one occurrence a day.',
            jsonb_build_object('starts_at', p_span ->> 'starts_at')
        );
    end if;
    return nullif(v_length, interval '0');
end
$$;
revoke execute on function ticketdb.calendar_length(jsonb, text) from public;
comment on function ticketdb.calendar_length(jsonb, text) is
'Length of something in a calendar; null where the calendar does not say

p_span: an object with starts_at, and ends_at or seconds; p_timezone: IANA name.';
-- <<< sql/functions/calendar_length.sql

-- >>> sql/functions/calendar_rule.sql
-- An event's recurrence as calendars have it: a rule and its first start, which is one that the rule names, for calendars show DTSTART
-- whatever the rule says. An UNTIL is in UTC, as RFC 5545 wants it beside a zone. Daily and weekly events without a first day begin when
-- they were made, or with their first occurrence. No row where an event does not recur. Called by definition_calendar and save_event.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_rule(
    p_event_definition_id int,
    out rule text,
    out first_start timestamp,
    out length interval
)
returns setof record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_event record;
    v_rule record;
    v_dtstart timestamp;
    v_years interval;
begin
    select
        d.recurrence_type, d.recurrence_days, d.rrule, d.recurrence_starts_on, d.default_start_time, d.timezone, d.created_at,
        coalesce(
            ticketdb.local_length(d.default_start_time, d.default_end_time), make_interval(mins => d.default_duration_minutes)
        ) + make_interval(days => d.default_extra_days) as length
    into v_event
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    rule := ticketdb.recurrence_rule(v_event.recurrence_type, v_event.recurrence_days, v_event.rrule);
    if rule is null then
        return;
    end if;
    v_dtstart := v_event.default_start_time + coalesce(
        v_event.recurrence_starts_on,
        least(
            (v_event.created_at at time zone v_event.timezone)::date,
            (select min(s.schedule_date) from public.event_schedules as s where s.event_definition_id = p_event_definition_id)
        )
    );
    -- as refuse_endless_wait looks for it
    foreach v_years in array array[interval '2 years', interval '400 years'] loop
        select min(s.at) into first_start
        from ticketdb.rrule_starts(rule, v_dtstart, v_dtstart, v_dtstart + v_years, v_event.timezone) as s (at);
        exit when first_start is not null;
    end loop;
    v_rule := ticketdb.parse_rrule(rule);
    if v_rule.until_at is not null and not v_rule.until_is_utc then
        rule := regexp_replace(
            rule, 'UNTIL=[0-9T]+',
            to_char(
                ticketdb.local_instant(date_trunc('second', v_rule.until_at), v_event.timezone) at time zone 'UTC',
                '"UNTIL="YYYYMMDD"T"HH24MISS"Z"'
            )
        );
    end if;
    length := v_event.length;
    return next;
end
$$;
revoke execute on function ticketdb.calendar_rule(int) from public;
comment on function ticketdb.calendar_rule(int) is
'An event''s recurrence as calendars have it: the rule, the local start it begins with, and how long an occurrence lasts';
-- <<< sql/functions/calendar_rule.sql

drop function public.cancel_pass;

-- >>> sql/functions/cancel_pass.sql
-- The face of ticketdb.close_pass, and of cancel_pass_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.cancel_pass(
    p_pass_id bigint,
    p_reason text default null,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select r.* into
            pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left,
            price, status, expires_at, renews, refund_due
        from ticketdb.cancel_pass_for_caller(p_pass_id) as r;
        return;
    end if;
    perform ticketdb.close_pass(p_pass_id, p_reason);
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function public.cancel_pass(bigint, text) from public;
comment on function public.cancel_pass(bigint, text) is
'Cancel a pass

A pass that is not paid is released. Of a paid one the places to come go back on sale, and refund_due is what the buyer has to get
back: what was paid, by the share of its visits, or of the occurrences it was sold with, that have not begun with a place of it;
rounded half up to the paisa, and never more than was paid. A signed-in buyer gives up his own while it is not paid. A second
call answers like the first. p_pass_id: from buy_pass; p_reason: kept with it. Errors: pass_not_found, not_allowed.';
-- <<< sql/functions/cancel_pass.sql

drop function ticketdb.cancel_pass_for_caller;

-- >>> sql/functions/cancel_pass_for_caller.sql
-- Gives up a pass of the signed-in buyer who calls, while it is not paid. Those of others do not exist for him. The way of
-- cancel_pass for whoever may not run the inside of selling.
-- locks: as close_pass
-- raises: not_allowed, and what close_pass raises
create or replace function ticketdb.cancel_pass_for_caller(
    p_pass_id bigint,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass record;
begin
    perform ticketdb.require_own_pass(p_pass_id);
    v_pass := ticketdb.lock_pass(p_pass_id);
    if v_pass.status not in ('held', 'released') then
        perform ticketdb.raise_error(
            'not_allowed', format('pass %s is paid', p_pass_id), 'Ask the venue to cancel it.',
            jsonb_build_object('pass_id', p_pass_id, 'status', v_pass.status)
        );
    end if;
    perform ticketdb.close_pass(p_pass_id, null);
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function ticketdb.cancel_pass_for_caller(bigint) from public;
comment on function ticketdb.cancel_pass_for_caller(bigint) is
'Give up a pass of the signed-in buyer who calls';
-- <<< sql/functions/cancel_pass_for_caller.sql

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
                extra_days = coalesce(c.extra_days, s.extra_days),
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

drop function public.check_in_batch;

-- >>> sql/functions/check_in_batch.sql
-- The face of ticketdb.scan_tickets.
-- locks, raises: as scan_tickets
create or replace function public.check_in_batch(
    p_scans jsonb,
    out line int,
    out scan_id uuid,
    out ticket_code text,
    out result text,
    out ticket_id bigint,
    out name text,
    out quantity int,
    out scan_count int,
    out first_scanned_at timestamptz,
    out conflict boolean,
    out problem text
)
returns setof record
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select s.* from ticketdb.scan_tickets(p_scans) as s;
end
$$;
revoke execute on function public.check_in_batch(jsonb) from public;
comment on function public.check_in_batch(jsonb) is
'Check in a batch

Does the scans of a scanner that was offline, and answers each in a row, in the order given. p_scans: array of at most 1000 objects
with ticket_code, scan_id (the scanner''s own uuid for the scan) and scanned_at (with its offset from UTC), and if there is one schedule_id and
gate. line counts from 1; result is as check_in has it, or invalid where the row cannot be read: problem says why. conflict: the
scanner may have let in somebody whom it should not have, for the ticket was used at another gate, or by a later scan that came
here before, or became void after it was scanned. scan_count and first_scanned_at are as of now. Sent again, it does nothing and answers
the same. Errors: invalid_argument.';
-- <<< sql/functions/check_in_batch.sql

-- >>> sql/functions/check_period.sql
-- Refuses a period of an event that makes no sense. Called by check_recurrence_arguments and hold_series.
-- locks: none
-- raises: invalid_argument, definition_not_found
create or replace function ticketdb.check_period(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp
)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_event_definition_id is null or p_start_date is null or p_end_date is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'event definition, start date and end date are all needed, one is null',
            'Pass the id of a row of event_definitions and two dates.'
        );
    end if;
    if not isfinite(p_start_date) or not isfinite(p_end_date) then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s to %s has no end', p_start_date, p_end_date), 'Pass two dates.'
        );
    end if;
    if p_end_date::date < p_start_date::date then
        perform ticketdb.raise_error(
            'invalid_argument', format('the end %s is before the start %s', p_end_date::date, p_start_date::date),
            'Pass the earlier date first.',
            jsonb_build_object('start_date', p_start_date::date, 'end_date', p_end_date::date)
        );
    end if;
    if p_end_date::date - interval '10 years' > p_start_date::date then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s to %s is more than ten years', p_start_date::date, p_end_date::date),
            'Take a shorter period.'
        );
    end if;
    if not exists (select from public.event_definitions as d where d.id = p_event_definition_id) then
        perform ticketdb.refuse_definition(p_event_definition_id);
    end if;
end
$$;
revoke execute on function ticketdb.check_period(int, timestamp, timestamp) from public;
comment on function ticketdb.check_period(int, timestamp, timestamp) is 'Refuse a period of an event that makes no sense';
-- <<< sql/functions/check_period.sql

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
    out space_id int,
    out extra_days int
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
                when 'extra_days' then extra_days := v_value::int;
            end case;
        exception
            when case_not_found then
                perform ticketdb.raise_error(
                    'invalid_argument', format('%L cannot be changed', v_key),
                    'p_changes takes start_time, end_time, extra_days, ticket_price, max_tickets and space_id.',
                    jsonb_build_object('key', v_key)
                );
            when data_exception then
                v_value := null;
        end;
        if v_value is null or ticket_price < 0 or ticket_price = 'NaN' or max_tickets < 0 or extra_days not between 0 and 366 then
            perform ticketdb.raise_error(
                'invalid_argument', format('%s is no value of %s', p_changes -> v_key, v_key),
                'Times are HH:MM, prices and numbers of tickets not negative, extra_days 0 to 366, space_id is of a row of spaces; '
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

p_changes: an object with some of start_time, end_time, extra_days, ticket_price, max_tickets, space_id.';
-- <<< sql/functions/check_schedule_changes.sql

drop function public.claim_notifications;

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

drop function public.confirm_pass;

-- >>> sql/functions/confirm_pass.sql
-- The face of ticketdb.pay_pass. The status is what became of this payment: a second one of an active pass is refund_due.
-- locks, raises: as pay_pass
create or replace function public.confirm_pass(
    p_pass_id bigint,
    p_payment_reference text,
    p_amount numeric default null,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_status text;
begin
    v_status := ticketdb.pay_pass(p_pass_id, p_payment_reference, p_amount);
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(p_pass_id) as r;
    status := v_status;
end
$$;
revoke execute on function public.confirm_pass(bigint, text, numeric) from public;
comment on function public.confirm_pass(bigint, text, numeric) is
'Confirm a pass

A payment arrived: p_amount of the venue''s currency, by default what is due. status is active, or refund_due where the hold
had lapsed and a place is gone, or where the pass was paid already: the payment is on record either way, and refund_due is what the
buyer has to get back. The same p_payment_reference (the provider''s, 1 to 255 characters) with the same arguments returns the first
answer. p_pass_id: from buy_pass. Errors: invalid_argument, pass_not_found, amount_mismatch, payment_reference_reused.';
-- <<< sql/functions/confirm_pass.sql

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
        perform ticketdb.refuse_reference_length(p_payment_reference);
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
        if v_payment.reservation_id is distinct from p_reservation_id or v_payment.amount <> p_amount then
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

-- >>> sql/functions/count_visits.sql
-- Keeps event_passes.visits_used: the one writer of it, so that a visit comes back whoever cancels its place. And keeps a place from
-- becoming a sale while its pass is not paid. Called by trigger for places of passes.
-- locks: event_passes (by whoever changes a place of a pass for a number of visits)
-- raises: amount_mismatch
create or replace function ticketdb.count_visits()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass_id constant bigint := coalesce(new.pass_id, old.pass_id);
    v_was constant boolean := old.pass_id is not null and old.status in ('held', 'confirmed');
    v_is constant boolean := new.pass_id is not null and new.status in ('held', 'confirmed');
begin
    if new.status = 'confirmed' and old.status is distinct from 'confirmed' and exists (
        select from public.event_passes as e where e.id = v_pass_id and e.status <> 'active'
    ) then
        perform ticketdb.raise_error(
            'amount_mismatch', format('reservation %s is a place of pass %s, which is not paid', new.id, v_pass_id),
            'Pay the pass as a whole: call confirm_pass.',
            jsonb_build_object('pass_id', v_pass_id, 'reservation_id', new.id)
        );
    end if;
    if coalesce(v_is, false) <> coalesce(v_was, false) then
        update public.event_passes as e
        set visits_used = e.visits_used + case when v_is then 1 else -1 end
        where e.id = v_pass_id and e.kind = 'visits';
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.count_visits() from public;
comment on function ticketdb.count_visits() is 'Trigger: a place of a pass is a visit of it';
-- <<< sql/functions/count_visits.sql

-- >>> sql/functions/deal_seats.sql
-- Deals the seats of an occurrence, or of a ticket type on it, over its buckets anew: each keeps what is held and sold there,
-- one gets what a party needs, and the rest is spread evenly over as many buckets as so few seats deserve, that one first.
-- The only writer of capacity. Called when buckets are made, capacity or limit changes, or a party's seats are scattered.
-- locks: ticketdb.seat_buckets (by the caller)
-- raises: nothing
create or replace function ticketdb.deal_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_capacity int,
    p_bucket int,
    p_quantity int,
    p_buckets int[] default null
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with buckets as (
        select
            b.bucket,
            b.held + b.sold as taken,
            row_number() over (order by b.bucket < p_bucket, b.bucket) - 1 as turn,
            (p_capacity - p_quantity - sum(b.held + b.sold) over ())::int as spare
        from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id
          and (p_buckets is null or b.bucket = any (p_buckets))
    ),
    dealt as (
        select
            d.bucket,
            case when p_capacity is not null then
                d.taken
                + case when d.turn = 0 then p_quantity else 0 end
                + case when d.turn < d.shares then d.spare / d.shares else 0 end
                + case when d.turn < d.spare % d.shares then 1 else 0 end
            end as capacity
        from (
            select b.*, least(ticketdb.bucket_count(b.spare), count(*) over ()) as shares
            from buckets as b
        ) as d
    )
    update ticketdb.seat_buckets as b
    set capacity = d.capacity
    from dealt as d
    where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id and b.bucket = d.bucket
      and b.capacity is distinct from d.capacity;
$$;
revoke execute on function ticketdb.deal_seats(int, int, int, int, int, int[]) from public;
comment on function ticketdb.deal_seats(int, int, int, int, int, int[]) is
'Deal seats over the buckets anew

p_ticket_type_id: 0 means the whole occurrence; p_capacity: seats in all, null for no limit; p_bucket, p_quantity: the bucket
that must have so many free; p_buckets: only among these, p_capacity being theirs.';
-- <<< sql/functions/deal_seats.sql

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
    out end_time time,
    out extra_days int
)
returns setof record
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with event as (
        select
            d.default_start_time, d.default_extra_days as extra_days,
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
    select s.start::date, s.start::time, (s.start + e.length)::time, e.extra_days
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
        select distinct on (x.start)
            x.start::date, x.start::time, coalesce(x.end_time, (x.start + e.length)::time),
            -- an end of its own is the next one after its start
            case when x.end_time is null then e.extra_days else 0 end
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
-- Derives the local end and the instants of an occurrence from its local times and its event's zone, and notes who announced it and,
-- where it is moved, the start that it had first: by that generating knows it.
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
    select i.end_datetime, i.starts_at, i.ends_at into new.end_datetime, new.starts_at, new.ends_at
    from public.event_definitions as d
    cross join lateral ticketdb.schedule_times(
        new.schedule_date, new.start_time, new.end_time, new.extra_days, d.timezone
    ) as i
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
comment on function ticketdb.derive_schedule_times() is 'Trigger: derive end_datetime, starts_at, ends_at, announcement_id and original_start';
-- <<< sql/functions/derive_schedule_times.sql

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

drop function ticketdb.event_dates;

-- >>> sql/functions/event_dates.sql
-- The dates that an event of a calendar leaves out and adds, as rows of schedule_exceptions. Its first start takes place whatever the rule
-- says. What is left out is not added; an occurrence that was changed by itself (an override) counts more than both: it is left out where it
-- was, and added where it is. Called by save_event_dates.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.event_dates(
    p_event jsonb,
    p_timezone text,
    p_length interval,
    out kind text,
    out exception_date date,
    out start_time time,
    out end_time time
)
returns setof record
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with overrides as materialized (
        select
            ticketdb.calendar_moment(o.span ->> 'recurrence_id', p_timezone) as was,
            ticketdb.calendar_moment(o.span ->> 'starts_at', p_timezone) as start,
            ticketdb.calendar_length(o.span, p_timezone) as length,
            coalesce(o.span ->> 'status', '') = 'CANCELLED' as is_cancelled
        from jsonb_array_elements(coalesce(p_event -> 'overrides', '[]')) as o (span)
    ),
    excluded as materialized (
        select
            ticketdb.calendar_moment(x.value, p_timezone) as start,
            -- a date where the event has a time of day is the whole day
            length(x.value) = 10 as is_whole_day
        from jsonb_array_elements_text(coalesce(p_event -> 'exdates', '[]')) as x (value)
        union
        select o.was, false from overrides as o where o.is_cancelled or o.start <> o.was
    ),
    added as (
        select
            -- a date is that day at the event's own time
            case
                when length(r.span ->> 'starts_at') = 10
                    then ticketdb.calendar_moment(r.span ->> 'starts_at', p_timezone)::date
                        + ticketdb.calendar_moment(p_event ->> 'starts_at', p_timezone)::time
                else ticketdb.calendar_moment(r.span ->> 'starts_at', p_timezone)
            end as start,
            case
                when length(r.span ->> 'starts_at') = 10 then null
                else ticketdb.calendar_length(r.span, p_timezone)
            end as length
        from (
            select a.value from jsonb_array_elements(coalesce(p_event -> 'rdates', '[]')) as a (value)
            union all
            select jsonb_build_object('starts_at', p_event ->> 'starts_at')
        ) as r (span)
    )
    select 'excluded', x.start::date, case when not x.is_whole_day then x.start::time end, null::time
    from excluded as x
    union
    (
        select distinct on (a.start)
            'added', a.start::date, a.start::time,
            case when a.length <> p_length then (a.start + a.length)::time end
        from (
            select d.start, d.length, false as is_override
            from added as d
            where not exists (
                      select from excluded as x
                      where x.start = d.start or x.is_whole_day and x.start::date = d.start::date
                  )
              and not exists (select from overrides as o where o.was = d.start)
            union all
            select o.start, o.length, true from overrides as o where not o.is_cancelled
        ) as a
        order by a.start, a.is_override desc, a.length
    );
$$;
revoke execute on function ticketdb.event_dates(jsonb, text, interval) from public;
comment on function ticketdb.event_dates(jsonb, text, interval) is
'Dates that an event of a calendar leaves out and adds

p_event: as of import_event; p_timezone: zone of the local times; p_length: the event''s own length.';
-- <<< sql/functions/event_dates.sql

-- >>> sql/functions/follow_offer.sql
-- What becomes of an offered hold becomes of its place in the waiting list: paid, it is taken; given up, left; not paid in time,
-- lapsed. Called by trigger, for holds that the waiting list made alone.
-- locks: ticket_reservations (by the write itself), event_waitlist
-- raises: nothing
create or replace function ticketdb.follow_offer()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.event_waitlist as e
    set status = case
            when tg_op = 'DELETE' then 'left'
            when new.status = 'confirmed' then 'taken'
            -- whoever called the occurrence off has released it
            when s.status <> 'scheduled' then 'closed'
            when new.status = 'released' then 'left'
            else 'lapsed'
        end,
        closed_at = clock_timestamp()
    from public.event_schedules as s
    where e.reservation_id = old.id and s.id = e.schedule_id
      -- once taken it stays so, also where the tickets are given back
      and e.status <> 'taken';
    if tg_op = 'DELETE' then
        return old;
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.follow_offer() from public;
comment on function ticketdb.follow_offer() is 'Trigger: a place in the waiting list follows the hold that was offered';
-- <<< sql/functions/follow_offer.sql

-- >>> sql/functions/generate_recurring_schedules.sql
-- Inserts the occurrences of a recurring event that are missing, in one statement. Safe beside itself: what another run
-- inserts meanwhile is passed over. Where the space is taken it is left out and told as a notice; the preview names who has it.
-- Dates arrive as timestamps, so that CURRENT_DATE + INTERVAL '30 days' can be passed as it is.
-- locks: event_schedules (new rows only), then as occupy_spaces
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
    v_taken timestamp[];
    v_left_out bigint;
    v_first timestamp;
begin
    perform ticketdb.require_staff();
    perform ticketdb.require_read_committed();
    perform ticketdb.check_recurrence_arguments(p_event_definition_id, p_start_date, p_end_date);
    for v_attempt in 1 .. 10 loop
        select coalesce(array_agg(c.schedule_date + c.start_time), '{}') into v_taken
        from ticketdb.occurrence_conflicts(p_event_definition_id, p_start_date::date, p_end_date::date) as c;
        begin
            insert into public.event_schedules (
                event_definition_id, schedule_date, start_time, end_time, extra_days, max_tickets, ticket_price
            )
            select d.id, o.schedule_date, o.start_time, o.end_time, o.extra_days, d.max_tickets, d.default_ticket_price
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
              and o.schedule_date + o.start_time <> all (v_taken)
            order by o.schedule_date
            on conflict do nothing;
            get diagnostics v_inserted = row_count;
            exit;
        exception
            -- somebody has just taken the space on one of the dates: he is seen now
            when sqlstate 'PT409' then
                if v_attempt = 10 then
                    raise;
                end if;
        end;
    end loop;
    select count(*), min(t.starts) into v_left_out, v_first
    from unnest(v_taken) as t (starts)
    where not exists (
        select from public.event_schedules as s
        where s.event_definition_id = p_event_definition_id
          and (s.original_start = t.starts or s.schedule_date = t.starts::date and s.start_time = t.starts::time)
    );
    if v_left_out > 0 then
        raise notice 'event definition %: % left out, for the space is taken, the first on %', p_event_definition_id, v_left_out, v_first;
    end if;
    return v_inserted;
end
$$;
revoke execute on function public.generate_recurring_schedules(int, timestamp, timestamp) from public;
comment on function public.generate_recurring_schedules(int, timestamp, timestamp) is
'Generate schedules

Inserts the missing occurrences of a recurring event from p_start_date to p_end_date, both included, and returns how
many it inserted. Dates on which the space is taken are left out; preview_recurring_schedules names them. Running it again inserts nothing,
and an occurrence that was moved is not made again. schedule_exceptions says where an event or its venue does not keep to the
recurrence. p_event_definition_id: from event_definitions. Errors: not_allowed, invalid_argument, definition_not_found, not_recurring.';
-- <<< sql/functions/generate_recurring_schedules.sql

-- >>> sql/functions/get_available_time_slots.sql
-- The slots of a day in a space, free or taken. Reads through space_calendar, which decides who may know names.
-- locks: none
-- raises: space_not_found, invalid_argument
create or replace function public.get_available_time_slots(
    p_space_id int,
    p_date date,
    p_slot_minutes int default 60,
    p_opens time default '06:00',
    p_closes time default '22:00'
)
returns table (
    slot_start timestamp,
    slot_end timestamp,
    is_available boolean,
    blocked_by text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_timezone constant text := ticketdb.database_time_zone();
begin
    perform ticketdb.check_slot_arguments(p_space_id, p_date, p_slot_minutes, p_opens, p_closes);
    return query
    select
        g.slot_start, g.slot_end, taken.names is null, taken.names
    from (
        select o.opens as slot_start, o.opens + make_interval(mins => p_slot_minutes) as slot_end
        from generate_series(
            p_date + p_opens, p_date + p_closes - make_interval(mins => p_slot_minutes), make_interval(mins => p_slot_minutes)
        ) as o (opens)
    ) as g
    cross join lateral (
        select string_agg(distinct c.name, ', ' order by c.name) as names
        from ticketdb.space_calendar as c
        where int8range(c.space_id, c.space_id, '[]') && int8range(p_space_id, p_space_id, '[]')
          and c.holds && tstzrange(
              ticketdb.local_instant(g.slot_start, v_timezone),
              greatest(ticketdb.local_instant(g.slot_end, v_timezone), ticketdb.local_instant(g.slot_start, v_timezone))
          )
    ) as taken
    order by g.slot_start;
end
$$;
revoke execute on function public.get_available_time_slots(int, date, int, time, time) from public;
comment on function public.get_available_time_slots(int, date, int, time, time) is
'Available time slots

The slots of a day in a space, each as long as p_slot_minutes, from p_opens to p_closes; is_available says whether nobody has any of it,
blocked_by who has: code of the event or reference of the booking for staff, for others the title of an event that all see, or only
booking. Times are those of the clock in the database''s time zone. p_space_id: from spaces; p_closes: 24:00 is midnight. Bookings and schedules count alike,
with the set-up and tear-down of events. Errors: space_not_found, invalid_argument.';
-- <<< sql/functions/get_available_time_slots.sql

-- >>> sql/functions/guard_schedule.sql
-- Refuses a value of tickets_sold that count_sold_tickets did not write. Called by trigger before an occurrence is written, for an
-- error that says what is wrong, and after it, for what other triggers made of the row.
-- locks: none
-- raises: tickets_sold_is_derived
create or replace function ticketdb.guard_schedule()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'tickets_sold_is_derived', format('tickets_sold cannot be set to %s by hand', new.tickets_sold),
        'Leave it out; reserve_tickets and confirm_reservation move it.',
        jsonb_build_object(
            'schedule_id', new.id, 'tickets_sold', case tg_op when 'UPDATE' then old.tickets_sold else 0 end
        )
    );
    return new;
end
$$;
revoke execute on function ticketdb.guard_schedule() from public;
comment on function ticketdb.guard_schedule() is 'Trigger: refuse tickets_sold written by hand';
-- <<< sql/functions/guard_schedule.sql

-- >>> sql/functions/ics_duration.sql
-- A length of at most a day as iCalendar writes it (RFC 5545, 3.3.6): PT1H30M; a whole day is P1D, which calendars count on the
-- clock, as we do. Called by definition_calendar.
-- locks: none
-- raises: nothing
create or replace function ticketdb.ics_duration(p_length interval)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_seconds constant int := extract(epoch from p_length)::int;
begin
    if v_seconds = 86400 then
        return 'P1D';
    end if;
    return 'PT' || concat(
        nullif(v_seconds / 3600, 0) || 'H',
        nullif(v_seconds / 60 % 60, 0) || 'M',
        nullif(v_seconds % 60, 0) || 'S'
    );
end
$$;
revoke execute on function ticketdb.ics_duration(interval) from public;
comment on function ticketdb.ics_duration(interval) is 'A length of at most a day as iCalendar writes it; null stays null';
-- <<< sql/functions/ics_duration.sql

-- >>> sql/functions/is_in_week.sql
-- Whether a date is in one of the weeks that BYWEEKNO names, from the beginning or the end of the year that the week is of. Called by
-- rrule_days.
-- locks: none
-- raises: nothing
create or replace function ticketdb.is_in_week(p_day date, p_week_start int, p_week_numbers int[])
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_week constant int := ticketdb.week_number(p_day, p_week_start);
begin
    return v_week / 100 % 100 = any (p_week_numbers) or v_week / 100 % 100 - v_week % 100 - 1 = any (p_week_numbers);
end
$$;
revoke execute on function ticketdb.is_in_week(date, int, int[]) from public;
comment on function ticketdb.is_in_week(date, int, int[]) is 'Whether a date is in one of these weeks of the year';
-- <<< sql/functions/is_in_week.sql

drop function ticketdb.join_for_caller;

-- >>> sql/functions/join_for_caller.sql
-- Joins a waiting list for the signed-in buyer who calls: for himself, and only where the event is public. The way of join_waitlist for
-- whoever may not run the inside of selling.
-- locks: as enter_waitlist
-- raises: not_allowed, schedule_not_found, and what enter_waitlist raises
create or replace function ticketdb.join_for_caller(
    p_schedule_id int,
    p_quantity int,
    p_user_id int,
    p_contact jsonb,
    out entry_id bigint,
    out schedule_id int,
    out quantity int,
    out status text,
    out "position" int,
    out reservation_id bigint,
    out expires_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(p_user_id);
begin
    if p_schedule_id is not null and not exists (
        select
        from public.event_schedules as s
        inner join public.event_definitions as d on d.id = s.event_definition_id
        where s.id = p_schedule_id and d.is_active
    ) then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    select w.* into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
    from ticketdb.waitlist_receipt(
        ticketdb.enter_waitlist(p_schedule_id, p_quantity, v_user_id, p_contact)
    ) as w;
end
$$;
revoke execute on function ticketdb.join_for_caller(int, int, int, jsonb) from public;
comment on function ticketdb.join_for_caller(int, int, int, jsonb) is
'Join a waiting list for the signed-in buyer who calls';
-- <<< sql/functions/join_for_caller.sql

drop function public.join_waitlist;

-- >>> sql/functions/join_waitlist.sql
-- The face of ticketdb.enter_waitlist, and of join_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.join_waitlist(
    p_schedule_id int,
    p_quantity int default 1,
    p_user_id int default null,
    p_contact jsonb default null,
    out entry_id bigint,
    out schedule_id int,
    out quantity int,
    out status text,
    out "position" int,
    out reservation_id bigint,
    out expires_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select w.* into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
        from ticketdb.join_for_caller(p_schedule_id, p_quantity, p_user_id, p_contact) as w;
        return;
    end if;
    select w.* into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
    from ticketdb.waitlist_receipt(
        ticketdb.enter_waitlist(p_schedule_id, p_quantity, p_user_id, p_contact)
    ) as w;
end
$$;
revoke execute on function public.join_waitlist(int, int, int, jsonb) from public;
comment on function public.join_waitlist(int, int, int, jsonb) is
'Join the waiting list

Waits for p_quantity tickets, general admission, of a schedule that has none left. Seats that become free are offered in order of arrival
to the first whose party fits: status becomes offered, reservation_id is a hold to be paid (confirm_reservation) before
expires_at, and its buyer is told. Where there is room at once, the answer is an offer, for the 15 minutes of any hold. A user has one place: joining again for fewer
tickets keeps its position, for more starts at the end. A signed-in buyer joins for himself.
p_schedule_id: from v_event_availability; p_quantity: 1 to 10000, within the limits of an order; p_user_id: a row of users, null for a
guest; p_contact: {"name", "mobile", "email"}, which a guest needs. Errors: not_allowed, invalid_quantity, invalid_argument,
schedule_not_found, not_on_sale, schedule_cancelled, schedule_completed, schedule_blocked, limit_per_user.';
-- <<< sql/functions/join_waitlist.sql

drop function ticketdb.leave_for_caller;

-- >>> sql/functions/leave_for_caller.sql
-- Gives up a place in a waiting list of the signed-in buyer who calls. Those of others do not exist for him. The way of
-- leave_waitlist for whoever may not run the inside of selling.
-- locks: as quit_waitlist
-- raises: not_allowed, and what quit_waitlist raises
create or replace function ticketdb.leave_for_caller(
    p_entry_id bigint,
    out entry_id bigint,
    out schedule_id int,
    out quantity int,
    out status text,
    out "position" int,
    out reservation_id bigint,
    out expires_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(null);
begin
    if p_entry_id is not null and not exists (
        select from public.event_waitlist as e where e.id = p_entry_id and e.user_id = v_user_id
    ) then
        perform ticketdb.refuse_waitlist_entry(p_entry_id);
    end if;
    perform ticketdb.quit_waitlist(p_entry_id);
    select w.* into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
    from ticketdb.waitlist_receipt(p_entry_id) as w;
end
$$;
revoke execute on function ticketdb.leave_for_caller(bigint) from public;
comment on function ticketdb.leave_for_caller(bigint) is
'Give up a place in a waiting list of the signed-in buyer who calls';
-- <<< sql/functions/leave_for_caller.sql

drop function public.leave_waitlist;

-- >>> sql/functions/leave_waitlist.sql
-- The face of ticketdb.quit_waitlist, and of leave_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.leave_waitlist(
    p_entry_id bigint,
    out entry_id bigint,
    out schedule_id int,
    out quantity int,
    out status text,
    out "position" int,
    out reservation_id bigint,
    out expires_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select w.* into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
        from ticketdb.leave_for_caller(p_entry_id) as w;
        return;
    end if;
    perform ticketdb.quit_waitlist(p_entry_id);
    select w.* into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
    from ticketdb.waitlist_receipt(p_entry_id) as w;
end
$$;
revoke execute on function public.leave_waitlist(bigint) from public;
comment on function public.leave_waitlist(bigint) is
'Leave the waiting list

Gives up a place; seats that were offered go to the next. A second call answers like the first, and a place that is lapsed or closed is
answered as it is. A signed-in buyer leaves what is his own. p_entry_id: from join_waitlist. Errors: not_allowed, invalid_argument,
reservation_not_found (no such place), already_confirmed (the offer is paid), reservation_expired.';
-- <<< sql/functions/leave_waitlist.sql

-- >>> sql/functions/legacy_announcements.sql
-- The one reading of the bookings with which the venue announces something: a show (live-…) or a class (daily). Every step that
-- makes events and occurrences of them starts from it.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_announcements()
returns table (
    booking_id bigint,
    is_class boolean,
    definition_id int,
    code text,
    event_type text,
    space_id bigint,
    venue_id bigint,
    user_id bigint,
    banner_image_url text,
    status text,
    first_date date,
    last_date date,
    start_time time,
    end_time time,
    capacity int,
    price numeric,
    claimed int,
    note_problem text,
    has_odd_times boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        b.id, c.is_class, b.event_definition_id, ticketdb.legacy_code(c.is_class, b.event_type, b.start_datetime::timestamp),
        nullif(btrim(b.event_type), ''), b.space_id, b.venue_id, b.user_id, b.banner_image_url, b.status,
        -- dates without occurrences: null
        case when t.is_possible then b.start_datetime::date end,
        case when t.is_possible then b.end_datetime::date end,
        b.start_datetime::time,
        -- only the times of day count; an occurrence needs a length, and an hour is the usual one
        case when t.is_empty then (b.start_datetime + interval '1 hour')::time else b.end_datetime::time end,
        case when c.is_class and n.problem is not null then coalesce(nullif(greatest(b.attendees, 0), 0), 50)
            else n.capacity end,
        n.price, n.sold,
        -- nobody types tickets into the note of a class
        case when not c.is_class then n.problem end,
        not t.is_possible or t.is_empty or (not c.is_class and abs(extract(epoch from t.length)) > 86400)
    from public.bookings as b
    cross join lateral (select b.booking_type = 'daily' as is_class) as c
    cross join lateral (
        select case when isfinite(b.start_datetime) and isfinite(b.end_datetime)
            then b.end_datetime - b.start_datetime end as length
    ) as l
    cross join lateral (
        select
            l.length,
            l.length is not null and (
                not c.is_class
                or (b.end_datetime::date >= b.start_datetime::date
                    and b.end_datetime <= b.start_datetime + interval '10 years')
            ) as is_possible,
            b.end_datetime::time = b.start_datetime::time
            and (c.is_class or l.length <> interval '1 day') as is_empty
    ) as t
    cross join lateral ticketdb.read_show_note(b.customer_note) as n
    where b.is_admin_booking
      and (b.booking_type like 'live-%' or b.booking_type = 'daily');
$$;
revoke execute on function ticketdb.legacy_announcements() from public;
comment on function ticketdb.legacy_announcements() is
'Shows and classes that the application announced

first_date and last_date are null where the times cannot be used; has_odd_times: they are doubtful.';
-- <<< sql/functions/legacy_announcements.sql

drop function ticketdb.local_length;

-- >>> sql/functions/local_length.sql
-- How long an occurrence of an event lasts on the clock, from its local start to its local end: an end that is not after the start is on
-- the next day. Called where calendars are written and read.
-- locks: none
-- raises: nothing
create or replace function ticketdb.local_length(p_start time, p_end time)
returns interval
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return p_end - p_start + case when p_end > p_start then interval '0' else interval '1 day' end;
end
$$;
revoke execute on function ticketdb.local_length(time, time) from public;
comment on function ticketdb.local_length(time, time) is 'Length from a local start to a local end; null where one is null';
-- <<< sql/functions/local_length.sql

-- >>> sql/functions/lock_moving_seats.sql
-- Locks all buckets of the occurrences between which a reservation moves its seats, or of the one on which it changes them:
-- giving seats back locks one bucket, and to look for others with that in hand could end in a deadlock. Called before.
-- locks: as lock_buckets, by schedule_id
-- raises: nothing
create or replace function ticketdb.lock_moving_seats(p_reservation_id bigint, p_schedule_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.lock_buckets(m.schedule_id)
    from (
        select r.schedule_id from public.ticket_reservations as r where r.id = p_reservation_id
        union
        select p_schedule_id
        order by 1
    ) as m;
end
$$;
revoke execute on function ticketdb.lock_moving_seats(bigint, int) from public;
comment on function ticketdb.lock_moving_seats(bigint, int) is
'Lock all buckets of the occurrences between which a reservation moves its seats

p_schedule_id: where it moves to; may be the one where it is.';
-- <<< sql/functions/lock_moving_seats.sql

-- >>> sql/functions/lock_pass_of.sql
-- Locks the pass that a reservation is a place of, for a pass comes before its places; an imported pass counts none, so its places, which
-- may follow bookings, are free of it. Called by whatever closes or moves one place, before it locks the reservation.
-- locks: event_passes
-- raises: nothing
create or replace function ticketdb.lock_pass_of(p_reservation_id bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform
    from public.event_passes as e
    where e.id = (
        select r.pass_id from public.ticket_reservations as r where r.id = p_reservation_id and r.origin = 'pass'
    )
    for no key update;
end
$$;
revoke execute on function ticketdb.lock_pass_of(bigint) from public;
comment on function ticketdb.lock_pass_of(bigint) is 'Lock the pass that a reservation is a place of';
-- <<< sql/functions/lock_pass_of.sql

-- >>> sql/functions/move_sale.sql
-- Gives a paid reservation a place in another occurrence: its seats are taken there and given back here in one statement, or nothing
-- changes. It keeps what was paid, its tickets and their codes; participants follow. One that was cancelled, as cancel_schedule
-- does, gets a place instead of the refund as long as the money is still here. The inside of move_reservation.
-- locks: event_passes (for a place of one), as lock_reservation and check_limits, lock_moving_seats; then (by trigger) as count_seats;
--        then event_tickets,
--        program_participants
-- raises: invalid_argument, reservation_not_found, reservation_expired, reservation_released, reservation_cancelled, what
--         find_offer, check_visit and check_limits raise, sold_out, ticket_type_sold_out
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
    perform ticketdb.lock_pass_of(p_reservation_id);
    v_lock := ticketdb.lock_reservation(p_reservation_id);
    select
        r.schedule_id, r.ticket_type_id, r.user_id, r.booking_id, r.pass_id, r.quantity, r.total_amount, r.status
    into v_sale
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
    if v_sale.pass_id is not null then
        perform ticketdb.check_visit(v_sale.pass_id, p_schedule_id, p_reservation_id);
    end if;
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

-- >>> sql/functions/move_seats.sql
-- Moves held and sold seats of one bucket in a single guarded update: correct whatever runs beside it. False where it has no
-- room for them. Called by count_seats and take_seats alone.
-- locks: ticketdb.seat_buckets
-- raises: nothing
create or replace function ticketdb.move_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_bucket int,
    p_held int,
    p_sold int
)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update ticketdb.seat_buckets as b
    set held = b.held + p_held, sold = b.sold + p_sold
    where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id and b.bucket = p_bucket
      -- giving back always works; taking only what is there
      and (p_held + p_sold <= 0 or b.capacity is null or b.held + b.sold + p_held + p_sold <= b.capacity);
    return found;
end
$$;
revoke execute on function ticketdb.move_seats(int, int, int, int, int) from public;
comment on function ticketdb.move_seats(int, int, int, int, int) is
'Move seats of one bucket; false where there is no room

p_ticket_type_id: 0 means the whole occurrence; p_held, p_sold: seats to add, negative to take off.';
-- <<< sql/functions/move_seats.sql

-- >>> sql/functions/note_refund.sql
-- Keeps the history of what a payment has to give back, given back already or not (refund_movements), in the transaction
-- that changes it. Called by trigger on
-- ticket_payments, whose condition keeps it out of the way of a sale.
-- locks: ticketdb.refund_movements (new row)
-- raises: nothing
create or replace function ticketdb.note_refund()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into ticketdb.refund_movements (payment_id, amount)
    values (
        new.id, new.refund_due + new.refunded - case when tg_op = 'UPDATE' then old.refund_due + old.refunded else 0 end
    );
    return null;
end
$$;
revoke execute on function ticketdb.note_refund() from public;
comment on function ticketdb.note_refund() is 'Trigger: note by how much the refund of a payment changed, and when';
-- <<< sql/functions/note_refund.sql

-- >>> sql/functions/occupy_around.sql
-- Enters one occupation where somebody is in the way, or may come to be at any moment. Who is in the way because the same statement is
-- just moving him is moved first. What is left of an overlap is refused, but for time that p_had names or where p_keep says so; then
-- it holds the rest. Called by occupy_spaces.
-- locks: as occupy_spaces
-- raises: slot_conflict
create or replace function ticketdb.occupy_around(
    p_source text,
    p_source_id bigint,
    p_space_id int,
    p_starts_at timestamptz,
    p_ends_at timestamptz,
    p_had tstzmultirange,
    p_keep boolean
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_space constant int8range := int8range(p_space_id, p_space_id, '[]');
    v_wanted constant tstzmultirange := tstzmultirange(tstzrange(p_starts_at, p_ends_at));
    v_taken tstzmultirange;
    v_schedules int[];
    v_bookings bigint[];
begin
    for v_attempt in 1 .. 100 loop
        -- where overlaps are kept, his own turn comes
        select
            array_agg(o.source_id::int) filter (where o.source = 'schedule'),
            array_agg(o.source_id) filter (where o.source = 'booking')
        into v_schedules, v_bookings
        from ticketdb.space_occupations as o
        where not p_keep
          and int8range(o.space_id, o.space_id, '[]') && v_space
          and o.holds && v_wanted
          -- looked up one by one: joined, the claims of everybody would be worked out
          and not exists (
              select from ticketdb.schedule_claims as c
              where o.source = 'schedule'
                and (c.schedule_id, c.space_id, c.starts_at, c.ends_at) = (o.source_id, o.space_id, o.starts_at, o.ends_at)
              offset 0
          )
          and not exists (
              select from ticketdb.booking_claims as c
              where o.source = 'booking'
                and (c.booking_id, c.space_id, c.starts_at, c.ends_at) = (o.source_id, o.space_id, o.starts_at, o.ends_at)
              offset 0
          );
        if coalesce(v_schedules, v_bookings::int[]) is not null then
            perform ticketdb.occupy_spaces(coalesce(v_schedules, '{}'), coalesce(v_bookings, '{}'));
        end if;

        select coalesce(range_agg(o.holds), '{}') * v_wanted into v_taken
        from ticketdb.space_occupations as o
        where int8range(o.space_id, o.space_id, '[]') && v_space and o.holds && v_wanted;
        if not p_keep and not isempty(v_taken - coalesce(p_had, '{}')) then
            perform ticketdb.refuse_slot(p_space_id, v_taken - coalesce(p_had, '{}'));
        end if;
        begin
            insert into ticketdb.space_occupations (source, source_id, space_id, starts_at, ends_at, holds)
            values (
                p_source, p_source_id, p_space_id, p_starts_at, p_ends_at, v_wanted - v_taken
            );
            return;
        exception
            -- somebody was faster, and is seen now
            when exclusion_violation then null;
        end;
        exit when current_setting('transaction_isolation') <> 'read committed';
    end loop;
    -- he is not seen in a snapshot from before
    perform ticketdb.refuse_slot(p_space_id, v_wanted);
end
$$;
revoke execute on function ticketdb.occupy_around(text, bigint, int, timestamptz, timestamptz, tstzmultirange, boolean) from public;
comment on function ticketdb.occupy_around(text, bigint, int, timestamptz, timestamptz, tstzmultirange, boolean) is
'Enter one occupation beside those that are there

p_had: time it had already, null for none; p_keep: keep an overlap rather than refuse it.';
-- <<< sql/functions/occupy_around.sql

-- >>> sql/functions/occupy_spaces.sql
-- Brings the occupations of some occurrences and bookings up to what they claim now (space_claims): what is claimed no more goes, what
-- is new comes, the rest stays. Time that they had already they may keep, even where it overlaps; new time must be free. What they
-- give up goes to those who shared it. Called by the triggers of both tables and of event_definitions, and by fill_space_occupations.
-- p_keep: overlaps are kept rather than refused, as within link_legacy_data.
-- locks: bookings (those that occurrences name), event_definitions (share), space_occupations; waits for whoever is just taking the same time
-- raises: slot_conflict
create or replace function ticketdb.occupy_spaces(
    p_schedules int[],
    p_bookings bigint[],
    p_keep boolean default false
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_keep constant boolean := p_keep or coalesce(current_setting('ticketdb.keep_overlaps', true) = 'on', false);
    -- elsewhere "on conflict" would end in 40001
    v_at_once constant boolean := current_setting('transaction_isolation') = 'read committed';
    v_gone ticketdb.space_occupations[];
    v_freed ticketdb.space_occupations[];
    v_left ticketdb.space_occupations[];
    v_heirs ticketdb.space_occupations[];
    v_more ticketdb.space_occupations[];
    v_claim ticketdb.space_occupations;
begin
    perform from public.bookings as b where b.id = any (p_bookings) order by b.id for no key update;
    perform
    from public.event_definitions as d
    where d.id in (select s.event_definition_id from public.event_schedules as s where s.id = any (p_schedules))
    order by d.id
    for share;

    with claims as materialized (
        -- not by space_claims: its ids, made alike, are found by no index
        select 'schedule' as source, s.schedule_id::bigint as source_id, s.space_id, s.starts_at, s.ends_at
        from ticketdb.schedule_claims as s
        where s.schedule_id = any (p_schedules)
        union all
        select 'booking', b.booking_id, b.space_id, b.starts_at, b.ends_at
        from ticketdb.booking_claims as b
        where b.booking_id = any (p_bookings)
    ),
    gone as (
        delete from ticketdb.space_occupations as o
        where (
            (o.source = 'schedule' and o.source_id = any (p_schedules))
            or (o.source = 'booking' and o.source_id = any (p_bookings))
        )
        and not exists (
            select from claims as c
            where (c.source, c.source_id, c.space_id, c.starts_at, c.ends_at)
                = (o.source, o.source_id, o.space_id, o.starts_at, o.ends_at)
        )
        returning o.*
    ),
    missing as materialized (
        select
            c.source, c.source_id, c.space_id, c.starts_at, c.ends_at,
            tstzmultirange(tstzrange(c.starts_at, c.ends_at)) as holds
        from claims as c
        where not exists (
            select from ticketdb.space_occupations as o
            where (o.source, o.source_id, o.space_id, o.starts_at, o.ends_at)
                = (c.source, c.source_id, c.space_id, c.starts_at, c.ends_at)
        )
    ),
    placed as (
        insert into ticketdb.space_occupations as o (source, source_id, space_id, starts_at, ends_at, holds)
        select m.source, m.source_id, m.space_id, m.starts_at, m.ends_at, m.holds
        from missing as m
        -- what goes must be gone first
        where v_at_once and (select count(*) from gone) >= 0
        order by m.space_id, m.starts_at
        on conflict on constraint space_taken_once do nothing
        returning o.source, o.source_id, o.starts_at
    )
    select
        (select array_agg(row(g.*)::ticketdb.space_occupations) from gone as g),
        (
            -- less what they take again, as an occurrence does from the booking that announced it
            select array_agg(
                row(g.source, g.source_id, g.space_id, g.starts_at, g.ends_at, f.holds)::ticketdb.space_occupations
            )
            from gone as g
            cross join lateral (
                select g.holds - coalesce(range_agg(m.holds), '{}') as holds
                from missing as m
                where m.space_id = g.space_id and m.starts_at < g.ends_at and m.ends_at > g.starts_at
            ) as f
            where not isempty(f.holds)
        ),
        (
            select array_agg(row(m.*)::ticketdb.space_occupations order by m.space_id, m.starts_at)
            from missing as m
            where not exists (
                select from placed as p
                where (p.source, p.source_id, p.starts_at) = (m.source, m.source_id, m.starts_at)
            )
        )
    into v_gone, v_freed, v_left;

    -- those who shared what was given up come to it after the others
    while v_freed is not null loop
        with heirs as (
            delete from ticketdb.space_occupations as o
            using unnest(v_freed) as g
            where o.space_id = g.space_id
              and o.holds <> tstzmultirange(tstzrange(o.starts_at, o.ends_at))
              and tstzrange(o.starts_at, o.ends_at) && g.holds
            returning o.*
        )
        select array_agg(row(h.*)::ticketdb.space_occupations) into v_more from heirs as h;
        exit when v_more is null;
        v_heirs := v_heirs || v_more;
    end loop;

    foreach v_claim in array coalesce(v_left, '{}') loop
        perform ticketdb.occupy_around(
            v_claim.source, v_claim.source_id, v_claim.space_id, v_claim.starts_at, v_claim.ends_at,
            case when not v_keep then (
                select range_agg(tstzrange(h.starts_at, h.ends_at))
                from (
                    select g.space_id, g.starts_at, g.ends_at from unnest(v_gone) as g
                    union all
                    select o.space_id, o.starts_at, o.ends_at
                    from ticketdb.space_occupations as o
                    where (o.source = 'schedule' and o.source_id = any (p_schedules))
                       or (o.source = 'booking' and o.source_id = any (p_bookings))
                ) as h
                where h.space_id = v_claim.space_id
            ) end,
            v_keep
        );
    end loop;
    foreach v_claim in array coalesce(v_heirs, '{}') loop
        perform ticketdb.occupy_around(
            v_claim.source, v_claim.source_id, v_claim.space_id, v_claim.starts_at, v_claim.ends_at, null, true
        );
    end loop;
end
$$;
revoke execute on function ticketdb.occupy_spaces(int[], bigint[], boolean) from public;
comment on function ticketdb.occupy_spaces(int[], bigint[], boolean) is
'Bring the occupations of some occurrences and bookings up to date

p_keep: keep overlaps rather than refuse them.';
-- <<< sql/functions/occupy_spaces.sql

-- >>> sql/functions/occurrence_conflicts.sql
-- The occurrences of a recurring event in a period whose space is taken, and by whom: by somebody else, or by the occurrence of the event
-- before it. One reading for generating, which leaves them out, and for the preview, which names them.
-- locks: none
-- raises: nothing
create or replace function ticketdb.occurrence_conflicts(
    p_event_definition_id int,
    p_from date,
    p_to date,
    out schedule_date date,
    out start_time time,
    out conflict text
)
returns setof record
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_event record;
begin
    select d.event_code, d.space_id, d.timezone, d.setup_minutes, d.teardown_minutes into v_event
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    -- most events have no space, and no year of dates to look at
    if v_event.space_id is null then
        return;
    end if;
    return query
    select w.schedule_date, w.start_time, coalesce(taken.who, 'schedule ' || v_event.event_code || ' before it')
    from (
        select
            o.schedule_date, o.start_time, t.taken_from, t.taken_until,
            -- what is there already, moved or called off maybe, has what occupied_spaces says
            max(t.taken_until) filter (where not t.is_there) over (
                order by t.taken_from rows between unbounded preceding and 1 preceding
            ) > t.taken_from as is_own
        from ticketdb.definition_occurrences(p_event_definition_id, p_from, p_to) as o
        cross join lateral ticketdb.schedule_times(
            o.schedule_date, o.start_time, o.end_time, o.extra_days, v_event.timezone
        ) as i
        cross join lateral (
            select
                i.starts_at - make_interval(mins => v_event.setup_minutes) as taken_from,
                i.ends_at + make_interval(mins => v_event.teardown_minutes) as taken_until,
                exists (
                    select from public.event_schedules as e
                    where e.event_definition_id = p_event_definition_id
                      and e.schedule_date = o.schedule_date and e.start_time = o.start_time
                )
                or exists (
                    select from public.event_schedules as e
                    where e.event_definition_id = p_event_definition_id
                      and e.original_start = o.schedule_date + o.start_time
                ) as is_there
        ) as t
    ) as w
    left join lateral (
        select q.source || ' ' || q.reference || ' ' || q.period as who
        from ticketdb.occupied_spaces as q
        left join public.event_schedules as s on s.id = q.schedule_id
        where int8range(q.space_id, q.space_id, '[]') && int8range(v_event.space_id, v_event.space_id, '[]')
          and q.holds && tstzrange(w.taken_from, w.taken_until)
          -- the occurrence itself, where it is there already
          and (s.event_definition_id, s.schedule_date, s.start_time)
              is distinct from (p_event_definition_id, w.schedule_date, w.start_time)
        order by q.starts_at, q.source, q.source_id
        limit 1
    ) as taken on true
    where taken.who is not null or w.is_own;
end
$$;
revoke execute on function ticketdb.occurrence_conflicts(int, date, date) from public;
comment on function ticketdb.occurrence_conflicts(int, date, date) is
'Occurrences of an event in a period whose space is taken, and by whom';
-- <<< sql/functions/occurrence_conflicts.sql

-- >>> sql/functions/offer_freed_seats.sql
-- Offers seats that a transaction freed, or a higher capacity that it wrote, to those who wait. Called by trigger when the transaction
-- ends: what gives up seats to take others, such as a booking that changes, gets its own back first. Until then nobody else
-- sees them free, for their buckets are locked.
-- locks, raises: as offer_seats
create or replace function ticketdb.offer_freed_seats()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_table_name = 'event_schedules' then
        perform ticketdb.offer_seats(new.id);
    else
        perform ticketdb.offer_seats(old.schedule_id);
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.offer_freed_seats() from public;
comment on function ticketdb.offer_freed_seats() is 'Trigger: offer seats that a transaction freed to those who wait';
-- <<< sql/functions/offer_freed_seats.sql

drop function ticketdb.pass_receipt;

-- >>> sql/functions/pass_receipt.sql
-- A pass as its buyer gets to see it. Called by the faces of passes.
-- locks: none
-- raises: nothing
create or replace function ticketdb.pass_receipt(
    p_pass_id bigint,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select
        e.id, e.pass_code, e.event_definition_id, e.kind, e.starts_on, e.ends_on, e.visits,
        ticketdb.pass_visits_left(e.id), e.price, e.status, e.expires_at, e.renews,
        (select coalesce(sum(p.refund_due), 0) from ticketdb.pass_payments(e.id) as p)
    into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price, status,
        expires_at, renews, refund_due
    from public.event_passes as e
    where e.id = p_pass_id;
end
$$;
revoke execute on function ticketdb.pass_receipt(bigint) from public;
comment on function ticketdb.pass_receipt(bigint) is 'A pass as its buyer gets to see it';
-- <<< sql/functions/pass_receipt.sql

-- >>> sql/functions/pass_start.sql
-- The first day from which a pass of an event can be good: not before today, and not on a day on which something of it has begun.
-- Called where a pass begins.
-- locks: none
-- raises: nothing
create or replace function ticketdb.pass_start(p_event_definition_id int, p_from date default null)
returns date
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_today constant date := (
        select (now() at time zone d.timezone)::date from public.event_definitions as d where d.id = p_event_definition_id
    );
begin
    if p_from > v_today then
        return p_from;
    end if;
    return case
        when exists (
            select
            from public.event_schedules as s
            where s.event_definition_id = p_event_definition_id and s.schedule_date = v_today
              and s.starts_at <= now() and s.status <> 'cancelled' and not s.is_blocked
        ) then v_today + 1
        else v_today
    end;
end
$$;
revoke execute on function ticketdb.pass_start(int, date) from public;
comment on function ticketdb.pass_start(int, date) is
'First day from which a pass can be good

p_from: not before; null means today.';
-- <<< sql/functions/pass_start.sql

-- >>> sql/functions/pay_pass.sql
-- A payment for a pass arrived. As confirm_payment for a reservation: it is put on record first; where the places are gone, it
-- stays there as a refund that is due. The inside of confirm_pass.
-- locks: as lock_pass; ticket_payments (new row); then as seat_pass
-- raises: invalid_argument, pass_not_found, payment_reference_reused, amount_mismatch
create or replace function ticketdb.pay_pass(p_pass_id bigint, p_payment_reference text, p_amount numeric)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass record;
    v_payment record;
    v_payment_id bigint;
begin
    perform ticketdb.require_read_committed();
    if coalesce(length(p_payment_reference), 0) not between 1 and 255 then
        perform ticketdb.refuse_reference_length(p_payment_reference);
    end if;
    v_pass := ticketdb.lock_pass(p_pass_id);
    if p_amount is null or p_amount = v_pass.price then
        insert into public.ticket_payments (pass_id, payment_reference, amount)
        values (p_pass_id, p_payment_reference, v_pass.price)
        on conflict on constraint payment_reference_unique do nothing
        returning id into v_payment_id;
    end if;
    if v_payment_id is null then
        select p.pass_id, p.amount, p.refund_due + p.refunded as sent_back into v_payment
        from public.ticket_payments as p
        where p.payment_reference = p_payment_reference;
        if not found then
            perform ticketdb.raise_error(
                'amount_mismatch',
                format('%s was paid for pass %s, %s is due', p_amount, p_pass_id, v_pass.price),
                'Charge what is due, or refund the payment; nothing was recorded.',
                jsonb_build_object('paid', p_amount, 'due', v_pass.price)
            );
        end if;
        if v_payment.pass_id is distinct from p_pass_id or v_payment.amount <> p_amount then
            perform ticketdb.refuse_payment_reference(p_payment_reference);
        end if;
        return case when v_pass.status = 'active' and v_payment.sent_back = 0 then 'active' else 'refund_due' end;
    end if;

    if v_pass.status in ('held', 'released') then
        if ticketdb.seat_pass(p_pass_id) then
            return 'active';
        end if;
        update public.event_passes as e
        set status = 'refund_due', closed_at = clock_timestamp(), renews = false
        where e.id = p_pass_id;
        update public.ticket_reservations as r
        set status = 'released', closed_at = clock_timestamp()
        where r.pass_id = p_pass_id and r.status = 'held';
    end if;
    -- no places left, paid already, or called off: this payment goes back
    update public.ticket_payments as p
    set refund_due = p.amount
    where p.id = v_payment_id and p.amount > 0;
    -- nothing more was paid for a free pass
    return case when v_pass.status = 'active' and not found then 'active' else 'refund_due' end;
end
$$;
revoke execute on function ticketdb.pay_pass(bigint, text, numeric) from public;
comment on function ticketdb.pay_pass(bigint, text, numeric) is
'Record the payment of a pass; active or refund_due

p_amount: null means what is due.';
-- <<< sql/functions/pay_pass.sql

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
    conflict text,
    extra_days int
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
        c.conflict, o.extra_days
    from public.event_definitions as d
    cross join ticketdb.definition_occurrences(d.id, p_start_date::date, p_end_date::date) as o
    cross join lateral ticketdb.schedule_times(o.schedule_date, o.start_time, o.end_time, o.extra_days, d.timezone) as i
    left join ticketdb.occurrence_conflicts(p_event_definition_id, p_start_date::date, p_end_date::date) as c
        on c.schedule_date = o.schedule_date and c.start_time = o.start_time
    where d.id = p_event_definition_id
    order by o.schedule_date, o.start_time;
end
$$;
revoke execute on function public.preview_recurring_schedules(int, timestamp, timestamp) from public;
comment on function public.preview_recurring_schedules(int, timestamp, timestamp) is
'Preview schedules

The occurrences that generate_recurring_schedules would make, those that exist already, and for each who
has the space at that time already (conflict): those are left out. Writes nothing. p_event_definition_id: from event_definitions;
p_start_date and p_end_date: both included. Errors: not_allowed, invalid_argument, definition_not_found,
not_recurring.';
-- <<< sql/functions/preview_recurring_schedules.sql

-- >>> sql/functions/read_event.sql
-- Reads an event of a calendar and refuses what we do not have: several rules, rules of exclusion, an event that is cancelled or lasts for
-- days. An event without a rule takes place once. Called by save_event.
-- locks: none
-- raises: invalid_argument, invalid_recurrence
create or replace function ticketdb.read_event(
    p_event jsonb,
    out uid text,
    out title text,
    out timezone text,
    out rule text,
    out first_start timestamp,
    out length interval
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_list text;
    v_starts_at constant text := p_event ->> 'starts_at';
begin
    foreach v_list in array array['rules', 'exclusion_rules', 'exdates', 'rdates', 'overrides'] loop
        if jsonb_typeof(coalesce(p_event -> v_list, '[]')) <> 'array' then
            perform ticketdb.raise_error('invalid_argument', format('%s is no list', v_list), 'Give a JSON array.');
        end if;
    end loop;
    uid := p_event ->> 'uid';
    title := btrim(p_event ->> 'title');
    if coalesce(length(uid), 0) not between 1 and 500 or coalesce(title, '') = '' or length(title) > 255
        or length(p_event ->> 'event_category') > 50 or length(p_event ->> 'event_type') > 50
    then
        perform ticketdb.raise_error(
            'invalid_argument', 'an event has a uid of at most 500 letters, a title of at most 255, and category and type of at most 50',
            'Give it a title (SUMMARY) in the calendar that it comes from, and export it again.'
        );
    end if;
    if p_event ->> 'status' = 'CANCELLED' then
        perform ticketdb.raise_error(
            'invalid_argument', 'the event is cancelled in the calendar',
            'Leave it out; if it is here already, call its occurrences off with cancel_schedule.'
        );
    end if;
    if jsonb_array_length(coalesce(p_event -> 'rules', '[]')) > 1 or jsonb_array_length(coalesce(p_event -> 'exclusion_rules', '[]')) > 0 then
        perform ticketdb.refuse_rrule(
            coalesce(p_event #>> '{exclusion_rules,0}', p_event #>> '{rules,1}'),
            'an event has one recurrence rule, and none that excludes',
            'Make an event of each RRULE, and EXDATEs of what an EXRULE says.'
        );
    end if;
    rule := p_event #>> '{rules,0}';
    timezone := coalesce(
        p_event ->> 'timezone',
        -- a calendar writes in UTC what takes place once, wherever it is
        case when v_starts_at ~ '[Z+]|-..:' and rule is not null then 'UTC' end,
        p_event ->> 'calendar_timezone',
        case when v_starts_at ~ '[Z+]|-..:' then 'UTC' else ticketdb.database_time_zone() end
    );
    perform ticketdb.check_time_zone(timezone);
    first_start := ticketdb.calendar_moment(v_starts_at, timezone);
    -- an hour where the calendar does not say, as for every new event
    length := coalesce(ticketdb.calendar_length(p_event, timezone), interval '1 hour');
    rule := coalesce(rule, 'FREQ=DAILY;COUNT=1');
    perform ticketdb.check_rrule(rule);
    rule := ticketdb.normalise_rrule(rule, first_start);
end
$$;
revoke execute on function ticketdb.read_event(jsonb) from public;
comment on function ticketdb.read_event(jsonb) is 'What an event of a calendar is here

p_event: as of import_event.';
-- <<< sql/functions/read_event.sql

drop function ticketdb.read_notifications;

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

drop function ticketdb.read_scans;

-- >>> sql/functions/read_scans.sql
-- The rows of a batch of scans, one for each element, whatever it is; problem says why one cannot be a scan. A code that is no uuid
-- is of somebody else's ticket: ticket_code stays null. Called by scan_tickets.
-- locks: none
-- raises: nothing
create or replace function ticketdb.read_scans(
    p_scans jsonb,
    out line int,
    out ticket_code uuid,
    out schedule_id int,
    out gate text,
    out scan_id uuid,
    out scanned_at timestamptz,
    out problem text
)
returns setof record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_scan jsonb;
    v_field text;
begin
    line := 0;
    for v_scan in select s.scan from jsonb_array_elements(p_scans) as s (scan) loop
        line := line + 1;
        ticket_code := null;
        schedule_id := null;
        gate := null;
        scan_id := null;
        scanned_at := null;
        problem := null;
        if jsonb_typeof(v_scan) <> 'object' then
            problem := 'not an object';
        elsif v_scan ->> 'ticket_code' is null or v_scan ->> 'scan_id' is null or v_scan ->> 'scanned_at' is null then
            problem := 'ticket_code, scan_id and scanned_at are all needed';
        elsif v_scan ->> 'scanned_at' !~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$' then
            problem := 'scanned_at is not a date and a time with their offset from UTC';
        else
            begin
                v_field := 'scan_id';
                scan_id := (v_scan ->> 'scan_id')::uuid;
                v_field := 'scanned_at';
                scanned_at := (v_scan ->> 'scanned_at')::timestamptz;
                v_field := 'schedule_id';
                schedule_id := (v_scan ->> 'schedule_id')::int;
                gate := v_scan ->> 'gate';
                v_field := 'ticket_code';
                ticket_code := (v_scan ->> 'ticket_code')::uuid;
            exception
                when data_exception then
                    if v_field <> 'ticket_code' then
                        problem := format('%s %L cannot be read', v_field, v_scan ->> v_field);
                    end if;
            end;
        end if;
        return next;
    end loop;
end
$$;
revoke execute on function ticketdb.read_scans(jsonb) from public;
comment on function ticketdb.read_scans(jsonb) is 'The rows of a batch of scans, those that cannot be read with their problem';
-- <<< sql/functions/read_scans.sql

drop function public.redeem_pass;

-- >>> sql/functions/redeem_pass.sql
-- The face of ticketdb.take_visit, and of redeem_pass_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.redeem_pass(
    p_pass_id bigint,
    p_schedule_id int,
    out reservation_id bigint,
    out reservation_code text,
    out pass_id bigint,
    out schedule_id int,
    out status text,
    out ticket_codes uuid[],
    out visits_left int
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
begin
    if not ticketdb.may_sell() then
        select r.* into
            reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
        from ticketdb.redeem_pass_for_caller(p_pass_id, p_schedule_id) as r;
        return;
    end if;
    v_id := ticketdb.take_visit(p_pass_id, p_schedule_id);
    select r.* into
        reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
    from ticketdb.visit_receipt(v_id) as r;
end
$$;
revoke execute on function public.redeem_pass(bigint, int) from public;
comment on function public.redeem_pass(bigint, int) is
'Redeem a pass

One visit of a pass becomes a place on an occurrence of its event, with a ticket, at once. A monthly pass gets back a place that it
gave up. Asked again for the same occurrence it answers with the place that is there. A signed-in buyer uses his own passes. Where a
pass is not valid, the problem in the error''s detail is held, refund_due, released, cancelled, other_event, outside_period, paused or
used_up. p_pass_id: from buy_pass; p_schedule_id: an occurrence in its period. Errors: those of reserve_tickets, pass_not_found,
pass_not_valid.';
-- <<< sql/functions/redeem_pass.sql

drop function ticketdb.redeem_pass_for_caller;

-- >>> sql/functions/redeem_pass_for_caller.sql
-- Uses a pass of the signed-in buyer who calls. Those of others do not exist for him. The way of redeem_pass for whoever may not
-- run the inside of selling.
-- locks: as take_visit
-- raises: not_allowed, and what take_visit raises
create or replace function ticketdb.redeem_pass_for_caller(
    p_pass_id bigint,
    p_schedule_id int,
    out reservation_id bigint,
    out reservation_code text,
    out pass_id bigint,
    out schedule_id int,
    out status text,
    out ticket_codes uuid[],
    out visits_left int
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
begin
    perform ticketdb.require_own_pass(p_pass_id);
    -- an event that is not public yet does not exist for him
    if exists (
        select
        from public.event_schedules as s
        inner join public.event_definitions as d on d.id = s.event_definition_id
        where s.id = p_schedule_id and not d.is_active
    ) then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    v_id := ticketdb.take_visit(p_pass_id, p_schedule_id);
    select r.* into
        reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
    from ticketdb.visit_receipt(v_id) as r;
end
$$;
revoke execute on function ticketdb.redeem_pass_for_caller(bigint, int) from public;
comment on function ticketdb.redeem_pass_for_caller(bigint, int) is
'Redeem a pass of the signed-in buyer who calls';
-- <<< sql/functions/redeem_pass_for_caller.sql

-- >>> sql/functions/refuse_rrule_mix.sql
-- Refuses parts of a rule that may not stand together, by RFC 5545 or because libraries read them differently. Called by check_rrule,
-- when each part by itself is right.
-- locks: none
-- raises: invalid_recurrence
create or replace function ticketdb.refuse_rrule_mix(p_rrule text, p_names text[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rule record;
    v_problem text;
    v_part text;
    v_hint text;
begin
    if 'FREQ' <> all (p_names) then
        perform ticketdb.refuse_rrule(p_rrule, 'the rule does not say how often', 'Add FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.');
    end if;
    v_rule := ticketdb.parse_rrule(p_rrule);
    case
        when v_rule.max_count is not null and v_rule.until_at is not null then
            v_part := 'COUNT'; v_problem := 'COUNT and UNTIL cannot both end a rule'; v_hint := 'Keep one of them.';
        when v_rule.week_numbers is not null and v_rule.freq <> 'YEARLY' then
            v_part := 'BYWEEKNO'; v_problem := 'weeks of the year need FREQ=YEARLY'; v_hint := 'Use FREQ=YEARLY, or BYDAY.';
        when v_rule.week_numbers is not null and v_rule.step > 1 then
            v_part := 'INTERVAL'; v_problem := 'every so many years of weeks is read in different ways';
            v_hint := 'Leave INTERVAL out, or name the days without BYWEEKNO.';
        when v_rule.year_days is not null and v_rule.freq <> 'YEARLY' then
            v_part := 'BYYEARDAY'; v_problem := 'days of the year need FREQ=YEARLY'; v_hint := 'Use FREQ=YEARLY, or BYMONTHDAY.';
        when v_rule.month_days is not null and v_rule.freq = 'WEEKLY' then
            v_part := 'BYMONTHDAY'; v_problem := 'a week has no days of the month';
            v_hint := 'Use FREQ=MONTHLY, or BYDAY; for both, FREQ=DAILY.';
        when v_rule.nth_weekdays is not null and v_rule.freq not in ('MONTHLY', 'YEARLY') then
            v_part := 'BYDAY'; v_problem := 'an ordinal of a weekday is of a month or a year';
            v_hint := 'Use FREQ=MONTHLY or YEARLY, or weekdays alone.';
        when v_rule.nth_weekdays is not null and v_rule.week_numbers is not null then
            v_part := 'BYDAY'; v_problem := 'a week has each weekday once'; v_hint := 'Leave the ordinal out, or BYWEEKNO.';
        when v_rule.nth_weekdays is not null and v_rule.freq = 'YEARLY'
            and (v_rule.month_days is not null or v_rule.year_days is not null) and v_rule.months is null
        then
            v_part := 'BYDAY'; v_problem := 'whether the ordinal counts in the month or in the year is left open here';
            v_hint := 'Add BYMONTH, or leave the ordinal out.';
        when v_rule.positions is not null and not exists (
            select from unnest(p_names) as n (name) where n.name like 'BY%' and n.name <> 'BYSETPOS'
        ) then
            v_part := 'BYSETPOS'; v_problem := 'there is no set to choose from'; v_hint := 'Add another BY part, such as BYDAY.';
        else
            return;
    end case;
    select x.part into v_part
    from unnest(string_to_array(ticketdb.rrule_text(p_rrule), ';')) as x (part)
    where split_part(x.part, '=', 1) = v_part;
    perform ticketdb.refuse_rrule(v_part, v_problem, v_hint);
end
$$;
revoke execute on function ticketdb.refuse_rrule_mix(text, text[]) from public;
comment on function ticketdb.refuse_rrule_mix(text, text[]) is
'Refuse parts of a recurrence rule that may not stand together

p_names: the names of its parts.';
-- <<< sql/functions/refuse_rrule_mix.sql

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

drop function ticketdb.release_for_caller;

-- >>> sql/functions/release_for_caller.sql
-- Gives up a hold of the signed-in buyer who calls. Those of others do not exist for him. The way of release_reservation for whoever
-- may not run the inside of selling.
-- locks: as release_hold
-- raises: not_allowed, and what release_hold raises
create or replace function ticketdb.release_for_caller(
    p_reservation_id bigint,
    out reservation_id bigint,
    out reservation_code text,
    out schedule_id int,
    out ticket_type_id int,
    out quantity int,
    out unit_price numeric,
    out total_amount numeric,
    out status text,
    out expires_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(null);
begin
    if p_reservation_id is not null and not exists (
        select from public.ticket_reservations as r where r.id = p_reservation_id and r.user_id = v_user_id
    ) then
        perform ticketdb.refuse_reservation(p_reservation_id);
    end if;
    perform ticketdb.release_hold(p_reservation_id);
    select r.* into
        reservation_id, reservation_code, schedule_id, ticket_type_id, quantity, unit_price, total_amount, status,
        expires_at
    from ticketdb.reservation_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function ticketdb.release_for_caller(bigint) from public;
comment on function ticketdb.release_for_caller(bigint) is 'Give up a hold of the signed-in buyer who calls';
-- <<< sql/functions/release_for_caller.sql

drop function public.release_reservation;

-- >>> sql/functions/release_reservation.sql
-- The face of ticketdb.release_hold, and of release_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.release_reservation(
    p_reservation_id bigint,
    out reservation_id bigint,
    out reservation_code text,
    out schedule_id int,
    out ticket_type_id int,
    out quantity int,
    out unit_price numeric,
    out total_amount numeric,
    out status text,
    out expires_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select r.* into
            reservation_id, reservation_code, schedule_id, ticket_type_id, quantity, unit_price, total_amount, status,
            expires_at
        from ticketdb.release_for_caller(p_reservation_id) as r;
        return;
    end if;
    perform ticketdb.release_hold(p_reservation_id);
    select r.* into
        reservation_id, reservation_code, schedule_id, ticket_type_id, quantity, unit_price, total_amount, status,
        expires_at
    from ticketdb.reservation_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function public.release_reservation(bigint) from public;
comment on function public.release_reservation(bigint) is
'Release a reservation

The buyer walked away before paying: the tickets go back on sale at once. A second release answers like the first. A
signed-in buyer releases what is his own. p_reservation_id: from reserve_tickets. Errors: not_allowed, reservation_not_found,
already_confirmed, reservation_expired, reservation_cancelled.';
-- <<< sql/functions/release_reservation.sql

-- >>> sql/functions/repeated_scan.sql
-- What the door is told when a ticket that has admitted its holder is scanned again: the admission policy of the event decides, by the
-- scans on record, in the order in which they came here. Called by scan_ticket with the ticket locked; so it must be volatile, to see
-- what was written by whoever had the lock before.
-- locks: none
-- raises: nothing
create or replace function ticketdb.repeated_scan(p_ticket_id bigint, p_schedule_id int, p_scanned_at timestamptz)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_event record;
    v_past record;
begin
    select d.admission_policy, d.max_entries, d.timezone into v_event
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    where s.id = p_schedule_id;
    if v_event.admission_policy = 'once' then
        return 'already_used';
    end if;

    select
        count(*) filter (where c.result = 'admitted') as entries,
        count(*) filter (where c.result = 'exited') as exits,
        coalesce(bool_or(
            c.result = 'admitted'
            and (c.scanned_at at time zone v_event.timezone)::date = (p_scanned_at at time zone v_event.timezone)::date
        ), false) as came_that_day
    into v_past
    from public.ticket_check_ins as c
    where c.ticket_id = p_ticket_id;
    return case
        when v_event.admission_policy = 'in_and_out' and v_past.entries > v_past.exits then 'exited'
        when v_event.admission_policy = 'n_entries' and v_past.entries >= v_event.max_entries then 'already_used'
        when v_event.admission_policy = 'once_a_day' and v_past.came_that_day then 'already_used'
        else 'admitted'
    end;
end
$$;
revoke execute on function ticketdb.repeated_scan(bigint, int, timestamptz) from public;
comment on function ticketdb.repeated_scan(bigint, int, timestamptz) is
'Verdict on a further scan of a ticket: admitted, exited or already_used';
-- <<< sql/functions/repeated_scan.sql

-- >>> sql/functions/report_attendance.sql
-- Who came to what took place, by the day of the occurrence.
-- locks: none
-- raises: not_allowed, invalid_argument
create or replace function public.report_attendance(p_start_date date default null, p_end_date date default null)
returns table (
    schedule_id int,
    schedule_date date,
    start_time time,
    event_code text,
    title text,
    event_type text,
    max_tickets int,
    tickets_sold int,
    admitted int,
    no_shows int,
    attendance_rate numeric
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant date := coalesce(p_start_date, '-infinity');
    v_last constant date := coalesce(p_end_date, 'infinity');
begin
    perform ticketdb.require_staff();
    perform ticketdb.check_report_period(p_start_date, p_end_date);
    return query
    select
        s.schedule_id, s.schedule_date, s.start_time, s.event_code::text, s.title::text, s.event_type::text,
        s.max_tickets, s.tickets_sold, t.admitted,
        -- until it is over they may still come
        case when s.ends_at <= statement_timestamp() then t.tickets - t.admitted end,
        round(t.admitted::numeric / nullif(t.tickets, 0), 4)
    from ticketdb.held_schedules as s
    cross join lateral (
        select coalesce(sum(st.tickets), 0)::int as tickets, coalesce(sum(st.admitted), 0)::int as admitted
        from ticketdb.sold_tickets as st
        where st.schedule_id = s.schedule_id
    ) as t
    where s.schedule_date between v_first and v_last
    order by s.schedule_date, s.start_time, s.schedule_id;
end
$$;
revoke execute on function public.report_attendance(date, date) from public;
comment on function public.report_attendance(date, date) is
'Report attendance

Who came, one row for each occurrence that has begun, by its own date; called off and blocked ones are left out.
admitted counts tickets whose holder was let in, no_shows those whose holder was not (null until it is over),
attendance_rate is the admitted part of the valid tickets, from 0 to 1.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
-- <<< sql/functions/report_attendance.sql

-- >>> sql/functions/report_no_shows.sql
-- Who did not come, by the day of the occurrence.
-- locks: none
-- raises: not_allowed, invalid_argument
create or replace function public.report_no_shows(p_start_date date default null, p_end_date date default null)
returns table (
    schedule_id int,
    schedule_date date,
    start_time time,
    event_code text,
    title text,
    reservation_id bigint,
    reservation_code text,
    user_id int,
    tickets int,
    no_shows int
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant date := coalesce(p_start_date, '-infinity');
    v_last constant date := coalesce(p_end_date, 'infinity');
begin
    perform ticketdb.require_staff();
    perform ticketdb.check_report_period(p_start_date, p_end_date);
    return query
    select
        s.schedule_id, s.schedule_date, s.start_time, s.event_code::text, s.title::text, st.reservation_id, st.reservation_code,
        st.user_id, st.tickets, st.tickets - st.admitted
    from ticketdb.held_schedules as s
    cross join lateral (
        select t.reservation_id, t.reservation_code, t.user_id, t.tickets, t.admitted
        from ticketdb.sold_tickets as t
        where t.schedule_id = s.schedule_id
        -- keeps it together: the sales of each occurrence are found by key, those of all others are not read
        offset 0
    ) as st
    where s.schedule_date between v_first and v_last
      and s.ends_at <= statement_timestamp()
      and st.admitted < st.tickets
    order by s.schedule_date, s.start_time, s.schedule_id, st.reservation_id;
end
$$;
revoke execute on function public.report_no_shows(date, date) from public;
comment on function public.report_no_shows(date, date) is
'Report no-shows

Who did not come, one row for each sale with a valid ticket whose holder was not let in, for occurrences that are over, by their own
date. no_shows counts such tickets.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
-- <<< sql/functions/report_no_shows.sql

-- >>> sql/functions/report_sales.sql
-- What was sold on each day, by event: sums of sales_ledger by the day of the movement, which for a payment is the day it arrived.
-- locks: none
-- raises: not_allowed, invalid_argument
create or replace function public.report_sales(p_start_date date default null, p_end_date date default null)
returns table (
    sale_date date,
    event_definition_id int,
    event_code text,
    title text,
    event_type text,
    payments int,
    tickets_sold int,
    tickets_returned int,
    gross numeric,
    refunds numeric,
    net numeric
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant date := coalesce(p_start_date, '-infinity');
    v_last constant date := coalesce(p_end_date, 'infinity');
begin
    perform ticketdb.require_staff();
    perform ticketdb.check_report_period(p_start_date, p_end_date);
    return query
    select
        l.local_date, d.id, d.event_code::text, d.title::text, d.event_type::text,
        l.payments, l.tickets_sold, l.tickets_returned, l.gross, l.refunds, l.gross - l.refunds
    from (
        select
            m.local_date, m.event_definition_id,
            count(*) filter (where m.kind = 'payment')::int as payments,
            coalesce(sum(m.tickets) filter (where m.kind = 'sale'), 0)::int as tickets_sold,
            coalesce(-sum(m.tickets) filter (where m.kind = 'return'), 0)::int as tickets_returned,
            coalesce(sum(m.amount) filter (where m.kind = 'payment'), 0.00) as gross,
            coalesce(-sum(m.amount) filter (where m.kind = 'refund'), 0.00) as refunds
        from ticketdb.sales_ledger as m
        where m.local_date between v_first and v_last
          -- no clock is more than a day from the universal one
          and m.moved_at >= (v_first::timestamp - interval '1 day') at time zone 'UTC'
          and m.moved_at < (v_last::timestamp + interval '2 days') at time zone 'UTC'
        group by m.local_date, m.event_definition_id
    ) as l
    inner join public.event_definitions as d on d.id = l.event_definition_id
    order by l.local_date, d.event_code;
end
$$;
revoke execute on function public.report_sales(date, date) from public;
comment on function public.report_sales(date, date) is
'Report sales

What was sold on each day, one row for each day and event on which money or tickets moved. A day is one of the event''s time
zone; a payment counts on the day on which it arrived, a refund on the day on which it became due, whenever the event takes place.
gross is money that arrived, refunds what became due back, net the difference.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
-- <<< sql/functions/report_sales.sql

drop function ticketdb.reservation_receipt;

-- >>> sql/functions/reservation_receipt.sql
-- A reservation as its buyer gets to see it. Called by reserve_tickets and release_reservation.
-- locks: none
-- raises: nothing
create or replace function ticketdb.reservation_receipt(
    p_reservation_id bigint,
    out reservation_id bigint,
    out reservation_code text,
    out schedule_id int,
    out ticket_type_id int,
    out quantity int,
    out unit_price numeric,
    out total_amount numeric,
    out status text,
    out expires_at timestamptz
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        r.id, r.reservation_code, r.schedule_id, r.ticket_type_id, r.quantity, r.unit_price, r.total_amount, r.status,
        r.expires_at
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
$$;
revoke execute on function ticketdb.reservation_receipt(bigint) from public;
comment on function ticketdb.reservation_receipt(bigint) is 'A reservation as its buyer gets to see it';
-- <<< sql/functions/reservation_receipt.sql

drop function ticketdb.reserve_for_caller;

-- >>> sql/functions/reserve_for_caller.sql
-- Reserves for the signed-in buyer who calls: for himself, for no longer than usual, and only what is public. The way of reserve_tickets
-- for whoever may not run the inside of selling.
-- locks: as hold_tickets
-- raises: not_allowed, schedule_not_found, and what hold_tickets_once raises
create or replace function ticketdb.reserve_for_caller(
    p_schedule_id int,
    p_quantity int,
    p_ticket_type_id int,
    p_user_id int,
    p_hold_for interval,
    p_idempotency_key text,
    p_contact jsonb,
    out reservation_id bigint,
    out reservation_code text,
    out schedule_id int,
    out ticket_type_id int,
    out quantity int,
    out unit_price numeric,
    out total_amount numeric,
    out status text,
    out expires_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(p_user_id);
    v_key constant text := ticketdb.caller_key(v_user_id, p_idempotency_key);
    v_hold record;
    v_id bigint;
begin
    if p_hold_for > ticketdb.default_hold() then
        perform ticketdb.raise_error(
            'not_allowed', format('tickets cannot be held for %s', p_hold_for),
            format('Hold them for %s at most.', ticketdb.default_hold()), jsonb_build_object('hold_for', p_hold_for)
        );
    end if;
    if p_schedule_id is not null and not exists (
        select
        from public.event_schedules as s
        inner join public.event_definitions as d on d.id = s.event_definition_id
        where s.id = p_schedule_id and d.is_active
    ) then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;

    if v_key is null then
        v_hold := ticketdb.hold_tickets(p_schedule_id, p_quantity, p_ticket_type_id, v_user_id, p_hold_for, p_contact);
        v_id := v_hold.reservation_id;
    else
        v_id := ticketdb.hold_tickets_once(
            p_schedule_id, p_quantity, p_ticket_type_id, v_user_id, p_hold_for, p_contact, v_key
        );
    end if;
    select r.* into
        reservation_id, reservation_code, schedule_id, ticket_type_id, quantity, unit_price, total_amount, status,
        expires_at
    from ticketdb.reservation_receipt(v_id) as r;
end
$$;
revoke execute on function ticketdb.reserve_for_caller(int, int, int, int, interval, text, jsonb) from public;
comment on function ticketdb.reserve_for_caller(int, int, int, int, interval, text, jsonb) is
'Reserve tickets for the signed-in buyer who calls';
-- <<< sql/functions/reserve_for_caller.sql

drop function public.reserve_series;

-- >>> sql/functions/reserve_series.sql
-- The face of ticketdb.hold_series, and of reserve_series_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.reserve_series(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp,
    p_quantity int default 1,
    p_user_id int default null,
    p_idempotency_key text default null,
    p_contact jsonb default null
)
returns table (
    reservation_id bigint,
    reservation_code text,
    schedule_id int,
    ticket_type_id int,
    quantity int,
    unit_price numeric,
    total_amount numeric,
    status text,
    expires_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        return query
        select s.*
        from ticketdb.reserve_series_for_caller(
            p_event_definition_id, p_start_date, p_end_date, p_quantity, p_user_id, p_idempotency_key, p_contact
        ) as s;
        return;
    end if;
    return query
    select s.*
    from ticketdb.series_receipt(ticketdb.hold_series(
        p_event_definition_id, p_start_date, p_end_date, p_quantity, p_user_id, p_idempotency_key, p_contact
    )) as s;
end
$$;
revoke execute on function public.reserve_series(int, timestamp, timestamp, int, int, text, jsonb) from public;
comment on function public.reserve_series(int, timestamp, timestamp, int, int, text, jsonb) is
'Reserve a series

Reserves p_quantity tickets of every occurrence of an event from p_start_date to p_end_date, both included: all of them or
none, as for a monthly pass. Occurrences that are cancelled or blocked do not take place and are left out. Each reservation
is paid, released or cancelled on its own. The same p_idempotency_key with the same arguments returns the same
reservations. A signed-in buyer reserves for himself. p_event_definition_id: from event_definitions; p_user_id: a row of users,
null for a guest; p_contact: {"name", "mobile", "email"}. Errors: those of reserve_tickets, definition_not_found.';
-- <<< sql/functions/reserve_series.sql

drop function ticketdb.reserve_series_for_caller;

-- >>> sql/functions/reserve_series_for_caller.sql
-- Reserves a series for the signed-in buyer who calls. The way of reserve_series for whoever may not run the inside of selling.
-- locks: as hold_series
-- raises: not_allowed, definition_not_found, and what hold_series raises
create or replace function ticketdb.reserve_series_for_caller(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp,
    p_quantity int,
    p_user_id int,
    p_idempotency_key text,
    p_contact jsonb
)
returns table (
    reservation_id bigint,
    reservation_code text,
    schedule_id int,
    ticket_type_id int,
    quantity int,
    unit_price numeric,
    total_amount numeric,
    status text,
    expires_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(p_user_id);
begin
    -- an event that is not public yet does not exist for him
    if exists (select from public.event_definitions as d where d.id = p_event_definition_id and not d.is_active) then
        perform ticketdb.refuse_definition(p_event_definition_id);
    end if;
    return query
    select r.*
    from ticketdb.series_receipt(ticketdb.hold_series(
        p_event_definition_id, p_start_date, p_end_date, p_quantity, v_user_id,
        ticketdb.caller_key(v_user_id, p_idempotency_key), p_contact
    )) as r;
end
$$;
revoke execute on function ticketdb.reserve_series_for_caller(int, timestamp, timestamp, int, int, text, jsonb) from public;
comment on function ticketdb.reserve_series_for_caller(int, timestamp, timestamp, int, int, text, jsonb) is
'Reserve a series for the signed-in buyer who calls';
-- <<< sql/functions/reserve_series_for_caller.sql

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
    v_expired int;
    v_setting text;
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
        -- tells watch_waitlist to wait for no bucket
        v_setting := set_config('ticketdb.resizing', new.id::text, true);
        v_expired := ticketdb.expire_lapsed_holds(new.id, v_buckets);
        v_setting := set_config('ticketdb.resizing', '', true);
        continue when v_expired > 0;
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

drop function public.return_visit;

-- >>> sql/functions/return_visit.sql
-- The face of ticketdb.give_visit_back, and of return_visit_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.return_visit(
    p_reservation_id bigint,
    out reservation_id bigint,
    out reservation_code text,
    out pass_id bigint,
    out schedule_id int,
    out status text,
    out ticket_codes uuid[],
    out visits_left int
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select r.* into
            reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
        from ticketdb.return_visit_for_caller(p_reservation_id) as r;
        return;
    end if;
    perform ticketdb.give_visit_back(p_reservation_id);
    select r.* into
        reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
    from ticketdb.visit_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function public.return_visit(bigint) from public;
comment on function public.return_visit(bigint) is
'Return a visit

The holder of a pass does not come after all: before the occurrence begins its place goes back on sale, and the visit back to the
pass. Later it is not valid any more. A signed-in buyer returns his own. p_reservation_id: from redeem_pass, or another place of a
pass. Errors: reservation_not_found, pass_not_valid, reservation_released, reservation_expired, not_allowed.';
-- <<< sql/functions/return_visit.sql

drop function ticketdb.return_visit_for_caller;

-- >>> sql/functions/return_visit_for_caller.sql
-- Gives a visit of the signed-in buyer who calls back. Those of others do not exist for him. The way of return_visit for whoever
-- may not run the inside of selling.
-- locks: as give_visit_back
-- raises: not_allowed, and what give_visit_back raises
create or replace function ticketdb.return_visit_for_caller(
    p_reservation_id bigint,
    out reservation_id bigint,
    out reservation_code text,
    out pass_id bigint,
    out schedule_id int,
    out status text,
    out ticket_codes uuid[],
    out visits_left int
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(null);
begin
    if p_reservation_id is not null and not exists (
        select
        from public.ticket_reservations as r
        inner join public.event_passes as e on e.id = r.pass_id
        where r.id = p_reservation_id and e.user_id = v_user_id
    ) then
        perform ticketdb.refuse_reservation(p_reservation_id);
    end if;
    perform ticketdb.give_visit_back(p_reservation_id);
    select r.* into
        reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
    from ticketdb.visit_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function ticketdb.return_visit_for_caller(bigint) from public;
comment on function ticketdb.return_visit_for_caller(bigint) is
'Return a visit of the signed-in buyer who calls';
-- <<< sql/functions/return_visit_for_caller.sql

drop function ticketdb.rrule_days;

-- >>> sql/functions/rrule_days.sql
-- The days that a rule names between two dates, and for each the period (year, month, week or day) it is of, for BYSETPOS: the one
-- predicate over a calendar of days. The calendar is made month by month, for arithmetic with a month's first day is much cheaper
-- than taking each date apart. DTSTART says where periods are counted from, and what the rule leaves open.
-- locks: none
-- raises: nothing
create or replace function ticketdb.rrule_days(
    p_freq text,
    p_step int,
    p_week_start int,
    p_months int[],
    p_week_numbers int[],
    p_year_days int[],
    p_month_days int[],
    p_weekdays int[],
    p_nth_weekdays int[],
    p_start date,
    p_first date,
    p_last date
)
returns table (day date, period int)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
-- one plan for all rules: making one takes longer than most expansions; and no compiler for it
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
    -- a Monday
    v_epoch constant date := date '2001-01-01';
    v_month constant int := date_part('year', p_start)::int * 12 + date_part('month', p_start)::int - 1;
    v_weekday constant int := date_part('isodow', p_start)::int;
    v_week constant int := p_start - v_epoch - (v_weekday - p_week_start + 7) % 7;
    v_first_month constant int := date_part('year', p_first)::int * 12 + date_part('month', p_first)::int - 1;
    v_last_month constant int := date_part('year', p_last)::int * 12 + date_part('month', p_last)::int - 1;
    -- INTERVAL, of what the rule counts; null for the others, and where it leaves nothing out
    v_year_step constant int := case p_freq when 'YEARLY' then nullif(p_step, 1) end;
    v_month_step constant int := case p_freq when 'MONTHLY' then nullif(p_step, 1) end;
    v_week_step constant int := case p_freq when 'WEEKLY' then nullif(p_step, 1) end;
    v_day_step constant int := case p_freq when 'DAILY' then nullif(p_step, 1) end;
    -- what DTSTART says where the rule names no day; null where it does
    v_is_open constant boolean := coalesce(p_weekdays, p_nth_weekdays, p_month_days, p_year_days) is null;
    v_open_weekday constant int := case when v_is_open and (p_freq = 'WEEKLY' or p_week_numbers is not null) then v_weekday end;
    v_open_month_day constant int := case when v_is_open and p_freq in ('MONTHLY', 'YEARLY') and p_week_numbers is null then
        date_part('day', p_start)::int
    end;
    v_open_month constant int := case when v_open_month_day is not null and p_freq = 'YEARLY' and p_months is null then v_month % 12 end;
    -- ordinals of weekdays count within the month
    v_nth_of_month constant boolean := p_freq = 'MONTHLY' or p_months is not null;
begin
    return query
    select
        c.day,
        case p_freq
            when 'DAILY' then c.day - v_epoch
            when 'WEEKLY' then c.week
            when 'MONTHLY' then c.month
            else case when p_week_numbers is null then c.month / 12 else ticketdb.week_number(c.day, p_week_start) / 10000 end
        end
    from (
        select
            m.first_day + (n.month_day - 1) as day,
            m.month,
            n.month_day,
            m.days as month_days,
            (m.first_weekday + n.month_day - 1) % 7 + 1 as weekday,
            m.days_before + n.month_day as year_day,
            m.year_days,
            m.first_day + (n.month_day - 1) - v_epoch - ((m.first_weekday + n.month_day - p_week_start) % 7 + 7) % 7 as week
        from (
            select
                i.n as month,
                f.first_day,
                ((f.first_day - v_epoch) % 7 + 7) % 7 as first_weekday,
                make_date((i.n + 1) / 12, (i.n + 1) % 12 + 1, 1) - f.first_day as days,
                f.first_day - make_date(i.n / 12, 1, 1) as days_before,
                make_date(i.n / 12 + 1, 1, 1) - make_date(i.n / 12, 1, 1) as year_days
            from generate_series(v_first_month, v_last_month) as i (n)
            cross join lateral (select make_date(i.n / 12, i.n % 12 + 1, 1) as first_day) as f
            where (p_months is null or i.n % 12 + 1 = any (p_months))
              and (v_open_month is null or i.n % 12 = v_open_month)
              and (v_month_step is null or (i.n - v_month) % v_month_step = 0)
              and (v_year_step is null or (i.n / 12 - v_month / 12) % v_year_step = 0)
            -- once for each month, not written out wherever a day needs it
            offset 0
        ) as m
        -- read again for each month, not made again
        inner join generate_series(1, 31) as n (month_day) on n.month_day <= m.days
    ) as c
    where c.day between p_first and p_last
      and (v_week_step is null or (c.week - v_week) / 7 % v_week_step = 0)
      and (v_day_step is null or (c.day - p_start) % v_day_step = 0)
      and (v_open_weekday is null or c.weekday = v_open_weekday)
      and (v_open_month_day is null or c.month_day = v_open_month_day)
      and (p_year_days is null or c.year_day = any (p_year_days) or c.year_day - c.year_days - 1 = any (p_year_days))
      and (p_month_days is null or c.month_day = any (p_month_days) or c.month_day - c.month_days - 1 = any (p_month_days))
      and (
          (p_weekdays is null and p_nth_weekdays is null)
          or c.weekday = any (p_weekdays)
          or case
              when p_nth_weekdays is null then false
              when v_nth_of_month then
                  ((c.month_day - 1) / 7 + 1) * 8 + c.weekday = any (p_nth_weekdays)
                  or ((c.month_day - c.month_days) / 7 - 1) * 8 + c.weekday = any (p_nth_weekdays)
              else
                  ((c.year_day - 1) / 7 + 1) * 8 + c.weekday = any (p_nth_weekdays)
                  or ((c.year_day - c.year_days) / 7 - 1) * 8 + c.weekday = any (p_nth_weekdays)
          end
      )
      and (p_week_numbers is null or ticketdb.is_in_week(c.day, p_week_start, p_week_numbers));
end
$$;
revoke execute on function ticketdb.rrule_days(
    text, int, int, int[], int[], int[], int[], int[], int[], date, date, date
) from public;
comment on function ticketdb.rrule_days(
    text, int, int, int[], int[], int[], int[], int[], int[], date, date, date
) is
'Days that a recurrence rule names

The parts as parse_rrule gives them; p_start: DTSTART''s date; p_first and p_last: both included.';
-- <<< sql/functions/rrule_days.sql

-- >>> sql/functions/rrule_starts.sql
-- When a rule that check_rrule has let pass takes place, between two local times, both included: the one expander. Starts at the
-- period of p_from, however long ago the rule began; only a rule with COUNT is counted from its beginning, and a plain daily or
-- weekly one not even then. Called by expand_rrule, recurrence_starts and refuse_endless_wait.
-- locks: none
-- raises: nothing
create or replace function ticketdb.rrule_starts(
    p_rrule text,
    p_dtstart timestamp,
    p_from timestamp,
    p_to timestamp,
    p_timezone text default null
)
returns setof timestamp
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
    v_rule record;
    v_times time[];
    v_from timestamp := greatest(p_from, p_dtstart);
    v_to timestamp := p_to;
    v_first date;
    v_last date;
    v_until timestamptz;
begin
    v_rule := ticketdb.parse_rrule(p_rrule);
    v_times := case
        when v_rule.hours is null and v_rule.minutes is null then array[p_dtstart::time]
        else array(
            select distinct make_time(h.n, m.n, 0) + (date_part('second', p_dtstart) * interval '1 second')
            from unnest(coalesce(v_rule.hours, array[date_part('hour', p_dtstart)::int])) as h (n)
            cross join unnest(coalesce(v_rule.minutes, array[date_part('minute', p_dtstart)::int])) as m (n)
            order by 1
        )
    end;
    if v_rule.until_is_utc and p_timezone is not null then
        v_until := v_rule.until_at at time zone 'UTC';
        -- no clock change is as long as a day but the Pacific's lost ones
        v_to := least(v_to, v_until at time zone p_timezone + interval '2 days');
    else
        v_to := least(v_to, v_rule.until_at);
    end if;
    if v_rule.max_count is not null then
        if v_rule.freq in ('DAILY', 'WEEKLY')
            and coalesce(v_rule.months, v_rule.month_days, v_rule.positions) is null
            and (v_rule.freq = 'WEEKLY' or v_rule.weekdays is null)
        then
            v_to := least(v_to, ticketdb.rrule_last_counted(
                v_rule.freq, v_rule.step, v_rule.week_start, v_rule.weekdays, v_times, p_dtstart, v_rule.max_count
            ));
            v_rule.max_count := null;
        else
            v_from := p_dtstart;
        end if;
    end if;
    if v_to < v_from then
        return;
    end if;

    v_first := v_from::date;
    v_last := v_to::date;
    if v_rule.positions is null then
        return query
        select s.at
        from (
            select d.day + t.at as at
            from ticketdb.rrule_days(
                v_rule.freq, v_rule.step, v_rule.week_start, v_rule.months, v_rule.week_numbers, v_rule.year_days,
                v_rule.month_days, v_rule.weekdays, v_rule.nth_weekdays, p_dtstart::date, v_first, v_last
            ) as d
            cross join unnest(v_times) as t (at)
            where d.day + t.at between v_from and v_to
            order by 1
            limit v_rule.max_count
        ) as s
        where s.at >= p_from
          and (v_until is null or ticketdb.local_instant(s.at, p_timezone) <= v_until);
        return;
    end if;

    -- positions are counted in whole periods
    case v_rule.freq
        when 'YEARLY' then
            -- a year of weeks can begin in the one before and end in the one after
            v_first := make_date(date_part('year', v_first)::int - case when v_rule.week_numbers is null then 0 else 1 end, 1, 1) - 7;
            v_last := make_date(date_part('year', v_last)::int + case when v_rule.week_numbers is null then 0 else 1 end, 12, 31) + 7;
        when 'MONTHLY' then
            v_first := date_trunc('month', v_first::timestamp)::date;
            v_last := (date_trunc('month', v_last::timestamp) + interval '1 month -1 day')::date;
        when 'WEEKLY' then
            v_first := v_first - 6;
            v_last := v_last + 6;
        else
            null;
    end case;
    return query
    select s.at
    from (
        select p.at
        from (
            select
                d.day + t.at as at,
                row_number() over (partition by d.period order by d.day + t.at) as place,
                count(*) over (partition by d.period) as places
            from ticketdb.rrule_days(
                v_rule.freq, v_rule.step, v_rule.week_start, v_rule.months, v_rule.week_numbers, v_rule.year_days,
                v_rule.month_days, v_rule.weekdays, v_rule.nth_weekdays, p_dtstart::date, v_first, v_last
            ) as d
            cross join unnest(v_times) as t (at)
        ) as p
        where (p.place = any (v_rule.positions) or p.place - p.places - 1 = any (v_rule.positions))
          and p.at between v_from and v_to
        order by 1
        limit v_rule.max_count
    ) as s
    where s.at >= p_from
      and (v_until is null or ticketdb.local_instant(s.at, p_timezone) <= v_until);
end
$$;
revoke execute on function ticketdb.rrule_starts(text, timestamp, timestamp, timestamp, text) from public;
comment on function ticketdb.rrule_starts(text, timestamp, timestamp, timestamp, text) is
'Local starts of a recurrence rule in a period, ascending

p_timezone: zone of the local times, in which an UNTIL in UTC is compared; null: as if they were in UTC.';
-- <<< sql/functions/rrule_starts.sql

-- >>> sql/functions/sale_receipt.sql
-- A sale as its buyer gets to see it. Called by confirm_reservation and cancel_reservation.
-- locks: none
-- raises: nothing
create or replace function ticketdb.sale_receipt(
    p_reservation_id bigint,
    out reservation_id bigint,
    out status text,
    out tickets_sold int,
    out ticket_codes uuid[],
    out refund_due numeric
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select
        r.id, r.status, s.tickets_sold,
        (select coalesce(sum(p.refund_due), 0) from public.ticket_payments as p where p.reservation_id = r.id)
    into reservation_id, status, tickets_sold, refund_due
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.id = p_reservation_id;
    ticket_codes := ticketdb.valid_ticket_codes(p_reservation_id);
end
$$;
revoke execute on function ticketdb.sale_receipt(bigint) from public;
comment on function ticketdb.sale_receipt(bigint) is 'A sale as its buyer gets to see it';
-- <<< sql/functions/sale_receipt.sql

-- >>> sql/functions/save_event.sql
-- Makes an event of one of a calendar, or brings the one up to date that was made of it before, known by its UID. A new event is a draft
-- (not active): a calendar names no price. Where the calendar says what holds here already, nothing is written. The inside of import_event.
-- locks: event_definitions, then schedule_exceptions
-- raises: invalid_argument, invalid_recurrence
create or replace function ticketdb.save_event(
    p_event jsonb,
    out result text,
    out event_definition_id int,
    out event_code text,
    out title text,
    out uid text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_read record;
    v_ours record;
    v_changes int := 0;
    v_more int;
    v_category text := coalesce(p_event ->> 'event_category', p_event ->> 'event_type');
    v_is_same_rule boolean;
begin
    perform ticketdb.require_read_committed();
    v_read := ticketdb.read_event(p_event);
    uid := v_read.uid;
    title := v_read.title;
    if not exists (
        select from public.event_definitions as d where ticketdb.calendar_uid(d.calendar_uid, d.id, d.created_at) = v_read.uid
    ) then
        if v_category is null then
            perform ticketdb.raise_error(
                'invalid_argument', 'the event has no category', 'Give event_category, such as wellness, live-show or workshop.'
            );
        end if;
        insert into public.event_definitions as d (
            event_code, title, description, event_category, event_type, timezone, recurrence_type, rrule, recurrence_starts_on,
            default_start_time, default_end_time, is_active, calendar_uid, created_by_user_id
        )
        values (
            ticketdb.calendar_event_code(v_read.title, v_read.uid), v_read.title, p_event ->> 'description', v_category,
            coalesce(p_event ->> 'event_type', v_category), v_read.timezone, 'rrule', v_read.rule, v_read.first_start::date,
            v_read.first_start::time, (v_read.first_start + v_read.length)::time, false, v_read.uid, ticketdb.caller_user_id()
        )
        -- somebody may be importing the same
        on conflict on constraint calendar_uid_unique do nothing
        returning d.id, d.event_code::text into event_definition_id, event_code;
    end if;
    if event_definition_id is not null then
        result := 'created';
    else
        select d.id, d.event_code::text, d.event_category::text, d.event_type::text, d.timezone
        into v_ours
        from public.event_definitions as d
        where ticketdb.calendar_uid(d.calendar_uid, d.id, d.created_at) = v_read.uid
        for no key update;
        event_definition_id := v_ours.id;
        event_code := v_ours.event_code;
        select
            r.rule is not null and v_ours.timezone = v_read.timezone
            and (ticketdb.normalise_rrule(r.rule, r.first_start), r.first_start, r.length)
                = (v_read.rule, v_read.first_start, v_read.length)
        into v_is_same_rule
        from ticketdb.calendar_rule(v_ours.id) as r;
        update public.event_definitions as d
        set
            title = v_read.title,
            description = p_event ->> 'description',
            event_category = coalesce(v_category, d.event_category),
            event_type = coalesce(p_event ->> 'event_type', d.event_type)
        where d.id = v_ours.id
          and (d.title, d.description, d.event_category, d.event_type)
              is distinct from (
                  v_read.title, p_event ->> 'description',
                  coalesce(v_category, d.event_category), coalesce(p_event ->> 'event_type', d.event_type)
              );
        get diagnostics v_changes = row_count;
        if v_is_same_rule is not true then
            update public.event_definitions as d
            set
                timezone = v_read.timezone, recurrence_type = 'rrule', recurrence_days = null, rrule = v_read.rule,
                recurrence_starts_on = v_read.first_start::date, default_start_time = v_read.first_start::time,
                default_end_time = (v_read.first_start + v_read.length)::time, default_extra_days = 0
            where d.id = v_ours.id
              and (
                  d.timezone, d.recurrence_type, d.rrule, d.recurrence_starts_on, d.default_start_time, d.default_end_time,
                  d.default_extra_days
              ) is distinct from (
                  v_read.timezone, 'rrule', v_read.rule, v_read.first_start::date, v_read.first_start::time,
                  (v_read.first_start + v_read.length)::time, 0
              );
            get diagnostics v_more = row_count;
            v_changes := v_changes + v_more;
        end if;
    end if;
    v_changes := v_changes + ticketdb.save_event_dates(event_definition_id, p_event, v_read.timezone, v_read.length);
    result := coalesce(result, case when v_changes > 0 then 'updated' else 'unchanged' end);
end
$$;
revoke execute on function ticketdb.save_event(jsonb) from public;
comment on function ticketdb.save_event(jsonb) is 'Make an event of one of a calendar, or bring it up to date

p_event: as of import_event.';
-- <<< sql/functions/save_event.sql

-- >>> sql/functions/save_event_dates.sql
-- Makes the imported exceptions of an event those of the calendar that it comes from: takes away what that no longer has, and adds what
-- does not hold here already, by the rule, a holiday or an exception of ours. Returns how many rows that were. Called by save_event,
-- with the event locked and its rule saved.
-- locks: schedule_exceptions
-- raises: invalid_argument
create or replace function ticketdb.save_event_dates(
    p_event_definition_id int,
    p_event jsonb,
    p_timezone text,
    p_length interval
)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_date record;
    v_changes int;
begin
    delete from public.schedule_exceptions as x
    where x.event_definition_id = p_event_definition_id and x.is_imported
      and not exists (
          select from ticketdb.event_dates(p_event, p_timezone, p_length) as d
          where (d.kind, d.exception_date) = (x.kind, x.exception_date)
            and (d.start_time, d.end_time) is not distinct from (x.start_time, x.end_time)
      );
    get diagnostics v_changes = row_count;
    for v_date in
        select d.kind, d.exception_date, d.start_time, d.end_time
        from ticketdb.event_dates(p_event, p_timezone, p_length) as d
        -- what is added shows what it is added to
        order by d.kind desc, d.exception_date, d.start_time
    loop
        continue when v_date.kind = 'added' and exists (
            select from ticketdb.definition_occurrences(p_event_definition_id, v_date.exception_date, v_date.exception_date) as o
            where o.start_time = v_date.start_time
              and ticketdb.local_length(o.start_time, o.end_time)
                  = coalesce(ticketdb.local_length(v_date.start_time, v_date.end_time), p_length)
        );
        continue when v_date.kind = 'excluded' and not exists (
            select from ticketdb.definition_occurrences(p_event_definition_id, v_date.exception_date, v_date.exception_date) as o
            where v_date.start_time is null or o.start_time = v_date.start_time
        );
        insert into public.schedule_exceptions (event_definition_id, kind, exception_date, start_time, end_time, is_imported)
        values (p_event_definition_id, v_date.kind, v_date.exception_date, v_date.start_time, v_date.end_time, true)
        on conflict do nothing;
        if found then
            v_changes := v_changes + 1;
        end if;
    end loop;
    return v_changes;
end
$$;
revoke execute on function ticketdb.save_event_dates(int, jsonb, text, interval) from public;
comment on function ticketdb.save_event_dates(int, jsonb, text, interval) is
'Keep the exceptions that an event of a calendar has; returns how many rows changed';
-- <<< sql/functions/save_event_dates.sql

-- >>> sql/functions/scan_ticket.sql
-- Admits the holder of a ticket: whoever scans it first, at whichever gate, for the ticket stays locked until that is
-- written. What a later scan is told, repeated_scan decides. Every scan of a ticket is put on record. The inside of check_in and,
-- row by row, of check_in_batch.
-- locks: event_tickets, then (the application's) program_participants
-- raises: invalid_argument. A p_scan_id that was of another ticket is the result scan_id_reused: what it means is for the caller
create or replace function ticketdb.scan_ticket(
    p_ticket_code uuid,
    p_schedule_id int,
    p_gate text,
    p_scan_id uuid,
    p_scanned_at timestamptz,
    out result text,
    out ticket_id bigint,
    out name text,
    out quantity int,
    out scan_count int,
    out first_scanned_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ticket record;
    v_scanned record;
begin
    perform ticketdb.require_read_committed();
    if p_ticket_code is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_ticket_code is null', 'Pass the code of a row of event_tickets.'
        );
    end if;
    select t.id, t.status, t.scan_count, t.first_scanned_at, t.participant_id, r.schedule_id into v_ticket
    from public.event_tickets as t
    inner join public.ticket_reservations as r on r.id = t.reservation_id
    where t.ticket_code = p_ticket_code
    for no key update of t;
    if not found then
        result := 'unknown';
        return;
    end if;
    ticket_id := v_ticket.id;
    quantity := 1;
    scan_count := v_ticket.scan_count;
    first_scanned_at := v_ticket.first_scanned_at;
    if v_ticket.participant_id is not null then
        select p.name::text into name
        from public.program_participants as p
        where p.id = v_ticket.participant_id;
    end if;

    if p_scan_id is not null then
        select c.ticket_id, c.result into v_scanned
        from public.ticket_check_ins as c
        where c.scan_id = p_scan_id;
        result := case when v_scanned.ticket_id <> v_ticket.id then 'scan_id_reused' else v_scanned.result end;
        if result is not null then
            return;
        end if;
    end if;

    result := case
        when v_ticket.schedule_id <> p_schedule_id then 'wrong_schedule'
        when v_ticket.status = 'void' then 'void'
        when v_ticket.first_scanned_at is null then 'admitted'
        else ticketdb.repeated_scan(v_ticket.id, v_ticket.schedule_id, p_scanned_at)
    end;
    insert into public.ticket_check_ins (ticket_id, scan_id, result, gate, scanned_at)
    values (v_ticket.id, p_scan_id, result, p_gate, p_scanned_at)
    on conflict do nothing;
    if not found then
        -- somebody used it for another ticket a moment ago
        result := 'scan_id_reused';
        return;
    end if;
    if result in ('admitted', 'exited', 'already_used') then
        scan_count := v_ticket.scan_count + 1;
        first_scanned_at := coalesce(v_ticket.first_scanned_at, p_scanned_at);
        update public.event_tickets as t
        set scan_count = scan_ticket.scan_count, first_scanned_at = scan_ticket.first_scanned_at
        where t.id = v_ticket.id;
    end if;
    if result = 'admitted' and v_ticket.participant_id is not null then
        perform ticketdb.verify_participant(v_ticket.participant_id);
    end if;
end
$$;
revoke execute on function ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz) from public;
comment on function ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz) is 'Admit the holder of a ticket';
-- <<< sql/functions/scan_ticket.sql

drop function ticketdb.scan_tickets;

-- >>> sql/functions/scan_tickets.sql
-- Scans that a scanner made while it was offline: each is done as scan_ticket does it, in the order in which they were scanned, and
-- answered from the record, so that a batch that is sent again gets the same answers. What a door has done stands, whenever the
-- other door's scans arrive; who may have let somebody in twice is told so. The inside of check_in_batch.
-- locks: event_tickets, then (the application's) program_participants, each ascending
-- raises: invalid_argument
create or replace function ticketdb.scan_tickets(
    p_scans jsonb,
    out line int,
    out scan_id uuid,
    out ticket_code text,
    out result text,
    out ticket_id bigint,
    out name text,
    out quantity int,
    out scan_count int,
    out first_scanned_at timestamptz,
    out conflict boolean,
    out problem text
)
returns setof record
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_most constant int := 1000;
begin
    perform ticketdb.require_read_committed();
    if jsonb_typeof(p_scans) is distinct from 'array' or jsonb_array_length(p_scans) > v_most then
        perform ticketdb.raise_error(
            'invalid_argument', format('p_scans is not an array of at most %s scans', v_most),
            'Pass [{"ticket_code", "scan_id", "scanned_at", "schedule_id", "gate"}, …], a part at a time where there are more.',
            jsonb_build_object('at_most', v_most)
        );
    end if;
    perform ticketdb.lock_scanned(
        array(select s.ticket_code from ticketdb.read_scans(p_scans) as s where s.problem is null and s.ticket_code is not null)
    );
    perform ticketdb.scan_ticket(d.ticket_code, d.schedule_id, d.gate, d.scan_id, d.scanned_at)
    from (
        select s.ticket_code, s.schedule_id, s.gate, s.scan_id, s.scanned_at
        from ticketdb.read_scans(p_scans) as s
        where s.problem is null and s.ticket_code is not null
        order by s.scanned_at, s.line
    ) as d;

    return query
    select
        s.line, s.scan_id, p_scans -> (s.line - 1) ->> 'ticket_code',
        case
            when s.problem is not null or c.ticket_id <> t.id then 'invalid'
            when t.id is null then 'unknown'
            else c.result
        end,
        t.id, pp.name::text, case when t.id is not null then 1 end, t.scan_count, t.first_scanned_at,
        coalesce(
            c.ticket_id = t.id and case c.result
                when 'already_used' then used.gate is distinct from c.gate or used.scanned_at > c.scanned_at
                when 'void' then c.scanned_at < t.voided_at
            end,
            false
        ),
        case when c.ticket_id <> t.id then 'the scan_id was of another ticket' else s.problem end
    from ticketdb.read_scans(p_scans) as s
    left join public.event_tickets as t on t.ticket_code = s.ticket_code and s.problem is null
    left join public.program_participants as pp on pp.id = t.participant_id
    left join public.ticket_check_ins as c on c.scan_id = s.scan_id and t.id is not null
    -- the scan that used it up
    left join lateral (
        select a.gate, a.scanned_at
        from public.ticket_check_ins as a
        where a.ticket_id = c.ticket_id and a.result = 'admitted' and a.id < c.id
        order by a.id desc
        limit 1
    ) as used on true
    order by s.line;
end
$$;
revoke execute on function ticketdb.scan_tickets(jsonb) from public;
comment on function ticketdb.scan_tickets(jsonb) is 'Do the scans that a scanner made while it was offline';
-- <<< sql/functions/scan_tickets.sql

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

-- >>> sql/functions/schedules_ics.sql
-- The occurrences of an event or in a space as a calendar to subscribe to. It reads as its caller: what he may not see is not in it.
-- locks: none
-- raises: invalid_argument, definition_not_found
create or replace function public.schedules_ics(
    p_event_definition_id int default null,
    p_space_id int default null,
    p_from_date date default null,
    p_to_date date default null
)
returns ticketdb."*/*" -- noqa: RF05
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_today constant date := (now() at time zone 'UTC')::date;
    v_from constant date := coalesce(p_from_date, least(v_today - 30, p_to_date));
    v_to constant date := coalesce(p_to_date, greatest(v_today, v_from) + 366);
    v_name text;
    v_zones text;
    v_events text;
begin
    if num_nonnulls(p_event_definition_id, p_space_id) <> 1 then
        perform ticketdb.raise_error(
            'invalid_argument', 'a calendar is of one event or of one space',
            'Pass either p_event_definition_id or p_space_id.'
        );
    end if;
    if v_to < v_from or not isfinite(v_from) or not isfinite(v_to) or v_from < v_to - interval '10 years' then
        perform ticketdb.raise_error(
            'invalid_argument', format('no calendar is made from %s to %s', v_from, v_to),
            'Pass the earlier date first, and at most ten years.'
        );
    end if;
    if p_event_definition_id is not null then
        select d.title::text into v_name from public.event_definitions as d where d.id = p_event_definition_id;
        if not found then
            perform ticketdb.refuse_definition(p_event_definition_id);
        end if;
    end if;

    with entries as materialized (
        select e.*
        from ticketdb.calendar_entries as e
        where (e.event_definition_id = p_event_definition_id or e.space_id = p_space_id)
          and e.schedule_date between v_from and v_to
    )
    select
        coalesce(v_name, (select max(e.space_name) from entries as e)),
        (
            select string_agg(ticketdb.ics_zone(z.timezone, z.first_start - interval '24 hours', z.last_end), '' order by z.timezone)
            from (
                select e.timezone, min(e.starts_at) as first_start, max(e.ends_at) as last_end
                from entries as e
                group by e.timezone
            ) as z
        ),
        (
            select string_agg(
                ticketdb.ics_event(
                    e.uid, e.sequence, e.changed_at, e.starts_at, e.ends_at, e.timezone, e.status = 'cancelled',
                    e.title, e.description, e.location, e.event_category
                ),
                '' order by e.starts_at, e.schedule_id
            )
            from entries as e
        )
    into v_name, v_zones, v_events;
    -- PostgREST reads it; to others it is nothing
    perform set_config('response.headers', '[{"Content-Type": "text/calendar; charset=utf-8"}]', true);
    return concat(
        ticketdb.ics_fold('BEGIN:VCALENDAR'),
        ticketdb.ics_fold('VERSION:2.0'),
        ticketdb.ics_fold('PRODID:-//ticketdb//ticketdb//EN'),
        ticketdb.ics_fold('X-WR-CALNAME:' || ticketdb.ics_text(v_name)),
        -- a calendar must have something in it
        coalesce(v_zones, ticketdb.ics_zone('UTC', v_from::timestamp at time zone 'UTC', v_to::timestamp at time zone 'UTC')),
        v_events,
        ticketdb.ics_fold('END:VCALENDAR')
    )::ticketdb."*/*"; -- noqa: RF05
end
$$;
revoke execute on function public.schedules_ics(int, int, date, date) from public;
comment on function public.schedules_ics(int, int, date, date) is
'Schedules as iCalendar

A calendar (text/calendar, RFC 5545) of the occurrences of an event or in a space, to subscribe to or to import. Each keeps its UID
when it is moved; cancelled ones say so; blocked slots and private bookings are not in it. p_event_definition_id or p_space_id: whose,
one of them; p_from_date, p_to_date: local dates, both included, by default from 30 days ago for a year ahead, at most ten years.
Errors: invalid_argument, definition_not_found.';
-- <<< sql/functions/schedules_ics.sql

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

drop function ticketdb.series_receipt;

-- >>> sql/functions/series_receipt.sql
-- The reservations of a series as their buyer gets to see them, in order of their occurrences. Called by reserve_series.
-- locks: none
-- raises: nothing
create or replace function ticketdb.series_receipt(
    p_series_id bigint,
    out reservation_id bigint,
    out reservation_code text,
    out schedule_id int,
    out ticket_type_id int,
    out quantity int,
    out unit_price numeric,
    out total_amount numeric,
    out status text,
    out expires_at timestamptz
)
returns setof record
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        r.id, r.reservation_code, r.schedule_id, r.ticket_type_id, r.quantity, r.unit_price, r.total_amount, r.status,
        r.expires_at
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.series_id = p_series_id
    order by s.starts_at, r.schedule_id;
$$;
revoke execute on function ticketdb.series_receipt(bigint) from public;
comment on function ticketdb.series_receipt(bigint) is 'The reservations of a series as their buyer gets to see them';
-- <<< sql/functions/series_receipt.sql

drop function public.set_pass_renewal;

-- >>> sql/functions/set_pass_renewal.sql
-- The face of ticketdb.change_renewal, and of set_pass_renewal_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.set_pass_renewal(
    p_pass_id bigint,
    p_renews boolean,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select r.* into
            pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left,
            price, status, expires_at, renews, refund_due
        from ticketdb.set_pass_renewal_for_caller(p_pass_id, p_renews) as r;
        return;
    end if;
    perform ticketdb.change_renewal(p_pass_id, p_renews);
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function public.set_pass_renewal(bigint, boolean) from public;
comment on function public.set_pass_renewal(bigint, boolean) is
'Set the renewal of a pass

Whether the daily round makes the next period of a pass before it ends: a pass of its own, held until it begins, to be paid
with confirm_pass. A signed-in buyer decides for his own. p_pass_id: from buy_pass; p_renews: true or false.
Errors: invalid_argument, pass_not_found, pass_not_valid, not_allowed.';
-- <<< sql/functions/set_pass_renewal.sql

drop function ticketdb.set_pass_renewal_for_caller;

-- >>> sql/functions/set_pass_renewal_for_caller.sql
-- Decides on the renewal of a pass of the signed-in buyer who calls. Those of others do not exist for him. The way of
-- set_pass_renewal for whoever may not run the inside of selling.
-- locks: as change_renewal
-- raises: not_allowed, and what change_renewal raises
create or replace function ticketdb.set_pass_renewal_for_caller(
    p_pass_id bigint,
    p_renews boolean,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_own_pass(p_pass_id);
    perform ticketdb.change_renewal(p_pass_id, p_renews);
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function ticketdb.set_pass_renewal_for_caller(bigint, boolean) from public;
comment on function ticketdb.set_pass_renewal_for_caller(bigint, boolean) is
'Set the renewal of a pass of the signed-in buyer who calls';
-- <<< sql/functions/set_pass_renewal_for_caller.sql

-- >>> sql/functions/spoken_days.sql
-- The days that a rule names, in English. Called by spoken_rrule, which knows what goes before a weekday there.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_days(p_rule jsonb, p_before_ordinal text, p_before_weekday text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select string_agg(k.words, ', if that is ' order by k.place)
        from (
            select 1, 'the ' || ticketdb.spoken_list(array_agg(
                ticketdb.spoken_ordinal(y.day::int) || ' day' order by y.day::int < 0, y.day::int
            )) || ' of the year'
            from jsonb_array_elements_text(nullif(p_rule -> 'year_days', 'null')) as y (day)
            union all
            select 2, 'the ' || ticketdb.spoken_list(array_agg(
                ticketdb.spoken_ordinal(m.day::int) || ' day' order by m.day::int < 0, m.day::int
            )) || ' of the month'
            from jsonb_array_elements_text(nullif(p_rule -> 'month_days', 'null')) as m (day)
            union all
            select 3, ticketdb.spoken_list(array(
                select g.words
                from (
                    select 1, p_before_ordinal || ticketdb.spoken_list(array_agg(d.words order by d.ordinal < 0, d.ordinal, d.weekday)) || case
                        when p_rule ->> 'freq' = 'MONTHLY' then ' of the month'
                        when p_rule -> 'months' <> 'null' then ''
                        else ' of the year'
                    end
                    from (
                        select x.weekday, (x.n - x.weekday) / 8 as ordinal,
                            ticketdb.spoken_ordinal((x.n - x.weekday) / 8) || to_char(date '2000-12-31' + x.weekday, ' FMDay') as words
                        from (
                            select n.day::int as n, (n.day::int % 8 + 8) % 8 as weekday
                            from jsonb_array_elements_text(nullif(p_rule -> 'nth_weekdays', 'null')) as n (day)
                        ) as x
                    ) as d
                    union all
                    select 2, p_before_weekday || ticketdb.spoken_list(array_agg(
                        to_char(date '2000-12-31' + w.day::int, 'FMDay') order by w.day::int
                    ))
                    from jsonb_array_elements_text(nullif(p_rule -> 'weekdays', 'null')) as w (day)
                ) as g (place, words)
                where g.words is not null
                order by g.place
            ))
        ) as k (place, words)
        where k.words is not null
    );
end
$$;
revoke execute on function ticketdb.spoken_days(jsonb, text, text) from public;
comment on function ticketdb.spoken_days(jsonb, text, text) is
'The days of a recurrence rule in English; null where it names none

p_rule: what parse_rrule gives, as JSON; p_before_ordinal, p_before_weekday: such as every.';
-- <<< sql/functions/spoken_days.sql

drop function ticketdb.spoken_list;

-- >>> sql/functions/spoken_list.sql
-- Words in a row, as people say them: a, b and c. Called by describe_rrule and what it asks.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_list(p_words text[])
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_words constant int := cardinality(p_words);
begin
    return case
        when v_words > 1 then array_to_string(p_words[:v_words - 1], ', ') || ' and ' || p_words[v_words]
        else p_words[1]
    end;
end
$$;
revoke execute on function ticketdb.spoken_list(text[]) from public;
comment on function ticketdb.spoken_list(text[]) is 'Words in a row, with commas and an and; null for none';
-- <<< sql/functions/spoken_list.sql

drop function ticketdb.spoken_ordinal;

-- >>> sql/functions/spoken_ordinal.sql
-- A place in a row, from the beginning or, negative, from the end: first, 23rd, last, third to last. Called by describe_rrule and
-- spoken_days.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_ordinal(p_place int)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_place constant int := abs(p_place);
    v_ordinal constant text := case
        when v_place <= 5 then (array['first', 'second', 'third', 'fourth', 'fifth'])[v_place]
        when v_place % 100 between 11 and 13 then v_place || 'th'
        else v_place || case v_place % 10 when 1 then 'st' when 2 then 'nd' when 3 then 'rd' else 'th' end
    end;
begin
    return case when p_place = -1 then 'last' when p_place < 0 then v_ordinal || ' to last' else v_ordinal end;
end
$$;
revoke execute on function ticketdb.spoken_ordinal(int) from public;
comment on function ticketdb.spoken_ordinal(int) is 'A place in a row in English; negative counts from the end';
-- <<< sql/functions/spoken_ordinal.sql

-- >>> sql/functions/spoken_rrule.sql
-- The inside of describe_rrule. What DTSTART would say is left out.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_rrule(p_rrule text)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rule record;
    v_unit text;
    v_every text;
    v_days text;
    v_at text;
    v_ends text;
begin
    v_rule := ticketdb.parse_rrule(p_rrule);
    v_unit := case v_rule.freq when 'DAILY' then 'day' when 'WEEKLY' then 'week' when 'MONTHLY' then 'month' else 'year' end;
    v_every := case when v_rule.step > 1 then format('every %s %ss', v_rule.step, v_unit) else 'every ' || v_unit end;
    if v_rule.positions is not null then
        v_every := v_every || ': the ' || ticketdb.spoken_list(array(
            select ticketdb.spoken_ordinal(p.n) from unnest(v_rule.positions) as p (n) order by p.n < 0, p.n
        )) || ' of';
        v_days := coalesce(ticketdb.spoken_days(to_jsonb(v_rule), 'the ', ''), 'them');
    elsif coalesce(v_rule.month_days, v_rule.year_days) is not null then
        v_days := 'on ' || ticketdb.spoken_days(to_jsonb(v_rule), 'the ', 'a ');
    elsif v_rule.step = 1 and coalesce(v_rule.weekdays, v_rule.nth_weekdays) is not null then
        -- the days say how often
        v_every := null;
        v_days := ticketdb.spoken_days(to_jsonb(v_rule), 'every ', 'every ');
    else
        v_days := ticketdb.spoken_days(to_jsonb(v_rule), 'on the ', 'on ');
    end if;
    if v_rule.hours is not null and v_rule.minutes is not null then
        v_at := 'at ' || ticketdb.spoken_list(array(
            select distinct to_char(make_time(h.n, m.n, 0), 'HH24:MI')
            from unnest(v_rule.hours) as h (n)
            cross join unnest(v_rule.minutes) as m (n)
            order by 1
        ));
    else
        -- DTSTART says the rest
        v_at := coalesce(
            'in hour ' || ticketdb.spoken_list(array(select h.n::text from unnest(v_rule.hours) as h (n) order by h.n)),
            'at minute ' || ticketdb.spoken_list(array(select m.n::text from unnest(v_rule.minutes) as m (n) order by m.n))
        );
    end if;
    v_ends := case
        when v_rule.max_count is not null then ', ' || v_rule.max_count || case v_rule.max_count when 1 then ' time' else ' times' end
        when v_rule.until_at::time = time '23:59:59.999999' then to_char(v_rule.until_at, '", until "FMDD FMMonth YYYY')
        else to_char(v_rule.until_at, '", until "FMDD FMMonth YYYY HH24:MI') || case when v_rule.until_is_utc then ' UTC' else '' end
    end;
    return concat_ws(
        ' ',
        v_every,
        v_days,
        'in ' || ticketdb.spoken_list(array(
            select to_char(make_date(2001, m.month, 1), 'FMMonth') from unnest(v_rule.months) as m (month) order by m.month
        )),
        'in week ' || ticketdb.spoken_list(array(select w.n::text from unnest(v_rule.week_numbers) as w (n) order by w.n < 0, w.n)),
        v_at
    ) || coalesce(v_ends, '');
end
$$;
revoke execute on function ticketdb.spoken_rrule(text) from public;
comment on function ticketdb.spoken_rrule(text) is 'A recurrence rule in English; it has passed check_rrule';
-- <<< sql/functions/spoken_rrule.sql

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

-- >>> sql/functions/time_zone_named.sql
-- The IANA name that somebody will have meant who wrote something else: another spelling, a city alone, an abbreviation, a country's old
-- name, whole hours from UTC. Called by check_time_zone, for its hint.
-- locks: none
-- raises: nothing
create or replace function ticketdb.time_zone_named(p_timezone text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_meant constant text := replace(lower(btrim(p_timezone)), ' ', '_');
    v_hours constant int := substring(v_meant, '^(?:utc|gmt)?([+-][0-9]{1,2})(?::?00)?$')::int;
begin
    if v_hours = 0 then
        return 'UTC';
    end if;
    -- a POSIX zone counts hours to the west
    if v_hours between -12 and 14 then
        return 'Etc/GMT' || case when v_hours > 0 then '-' else '+' end || abs(v_hours);
    end if;
    return coalesce(
        (
            select m.name
            from (
                values
                ('utc', 'UTC'), ('z', 'UTC'), ('gmt', 'GMT'), ('+05:30', 'Asia/Kolkata'), ('ist', 'Asia/Kolkata'),
                ('est', 'America/New_York'), ('edt', 'America/New_York'), ('est5edt', 'America/New_York'),
                ('cst', 'America/Chicago'), ('cdt', 'America/Chicago'), ('cst6cdt', 'America/Chicago'),
                ('mst', 'America/Denver'), ('mdt', 'America/Denver'), ('mst7mdt', 'America/Denver'),
                ('pst', 'America/Los_Angeles'), ('pdt', 'America/Los_Angeles'), ('pst8pdt', 'America/Los_Angeles'),
                ('wet', 'Europe/Lisbon'), ('bst', 'Europe/London'), ('gb', 'Europe/London'), ('eire', 'Europe/Dublin'),
                ('cet', 'Europe/Paris'), ('cest', 'Europe/Paris'), ('met', 'Europe/Paris'), ('eet', 'Europe/Athens'),
                ('msk', 'Europe/Moscow'), ('w-su', 'Europe/Moscow'), ('poland', 'Europe/Warsaw'), ('portugal', 'Europe/Lisbon'),
                ('turkey', 'Europe/Istanbul'), ('iceland', 'Atlantic/Reykjavik'), ('israel', 'Asia/Jerusalem'),
                ('iran', 'Asia/Tehran'), ('egypt', 'Africa/Cairo'), ('libya', 'Africa/Tripoli'), ('jst', 'Asia/Tokyo'),
                ('japan', 'Asia/Tokyo'), ('rok', 'Asia/Seoul'), ('prc', 'Asia/Shanghai'), ('roc', 'Asia/Taipei'),
                ('hongkong', 'Asia/Hong_Kong'), ('aest', 'Australia/Sydney'), ('nz', 'Pacific/Auckland'),
                ('cuba', 'America/Havana'), ('navajo', 'America/Denver'), ('hst', 'Pacific/Honolulu')
            ) as m (meant, name)
            where m.meant = v_meant
        ),
        (
            select z.name
            from pg_timezone_names as z
            where z.name ~ '^(?!posix/|right/|SystemV/)[A-Z][^/]*/'
              and (lower(z.name) = v_meant or lower(substring(z.name, '[^/]*$')) = v_meant or lower(z.name) = substring(v_meant, '^posix/(.*)'))
            order by lower(z.name) <> v_meant, z.name
            limit 1
        )
    );
end
$$;
revoke execute on function ticketdb.time_zone_named(text) from public;
comment on function ticketdb.time_zone_named(text) is 'IANA name that was probably meant; null where nobody can tell';
-- <<< sql/functions/time_zone_named.sql

drop function ticketdb.visit_receipt;

-- >>> sql/functions/visit_receipt.sql
-- A place of a pass as its holder gets to see it. Called by redeem_pass and return_visit.
-- locks: none
-- raises: nothing
create or replace function ticketdb.visit_receipt(
    p_reservation_id bigint,
    out reservation_id bigint,
    out reservation_code text,
    out pass_id bigint,
    out schedule_id int,
    out status text,
    out ticket_codes uuid[],
    out visits_left int
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select r.id, r.reservation_code, r.pass_id, r.schedule_id, r.status, ticketdb.pass_visits_left(r.pass_id)
    into reservation_id, reservation_code, pass_id, schedule_id, status, visits_left
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    ticket_codes := ticketdb.valid_ticket_codes(p_reservation_id);
end
$$;
revoke execute on function ticketdb.visit_receipt(bigint) from public;
comment on function ticketdb.visit_receipt(bigint) is 'A place of a pass as its holder gets to see it';
-- <<< sql/functions/visit_receipt.sql

drop function ticketdb.waitlist_receipt;

-- >>> sql/functions/waitlist_receipt.sql
-- A place in the waiting list as who has it gets to see it. Called by join_waitlist and leave_waitlist and their ways for buyers.
-- locks: none
-- raises: nothing
create or replace function ticketdb.waitlist_receipt(
    p_entry_id bigint,
    out entry_id bigint,
    out schedule_id int,
    out quantity int,
    out status text,
    out "position" int,
    out reservation_id bigint,
    out expires_at timestamptz
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select w.entry_id, w.schedule_id, w.quantity, w.status, w.position, w.reservation_id, w.expires_at
    into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
    from public.v_waitlist as w
    where w.entry_id = p_entry_id;
end
$$;
revoke execute on function ticketdb.waitlist_receipt(bigint) from public;
comment on function ticketdb.waitlist_receipt(bigint) is 'A place in the waiting list as who has it gets to see it';
-- <<< sql/functions/waitlist_receipt.sql

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

-- >>> sql/functions/week_number.sql
-- The week of a date where weeks begin on a weekday of choice: its fourth day decides which year it is of, and 28 December is always in
-- the last week of its year. Called by rrule_days, for each day of a rule with BYWEEKNO.
-- locks: none
-- raises: nothing
create or replace function ticketdb.week_number(p_day date, p_week_start int)
returns int
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_middle constant date := p_day - (date_part('isodow', p_day)::int - p_week_start + 7) % 7 + 3;
    v_year constant int := date_part('year', v_middle)::int;
    v_last constant date := make_date(v_year, 12, 28);
begin
    return v_year * 10000
        + (date_part('doy', v_middle)::int + 6) / 7 * 100
        + (date_part('doy', v_last - (date_part('isodow', v_last)::int - p_week_start + 7) % 7 + 3)::int + 6) / 7;
end
$$;
revoke execute on function ticketdb.week_number(date, int) from public;
comment on function ticketdb.week_number(date, int) is
'Week of a date: its year * 10000 + its number * 100 + the number of weeks of that year

p_week_start: ISO weekday with which weeks begin.';
-- <<< sql/functions/week_number.sql

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
    ('function', 'public.schedules_ics(int, int, date, date)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'public.definition_ics(int)', 'execute', '{anon,authenticated,service_role}'),
    -- orders, written by functions alone
    ('table', 'public.ticket_reservations', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_payments', 'select', '{authenticated,service_role}'),
    ('table', 'public.event_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_tickets', 'select', '{authenticated,service_role}'),
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
    ('table', 'public.v_attendance', 'select', '{authenticated,service_role}'),
    ('table', 'public.legacy_link_issues', 'select', '{authenticated,service_role}'),
    ('function', 'public.generate_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.preview_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.schedule_exceptions', 'select, insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.schedule_exceptions_id_seq', 'usage', '{authenticated,service_role}'),
    ('function', 'public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.move_schedule(int, date, time, time, int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_schedule(int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.import_event(jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.expand_rrule(text, timestamp, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.describe_rrule(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'public.list_moved_schedules()', 'execute', '{authenticated,service_role}'),
    ('function', 'public.move_unsold_schedules()', 'execute', '{authenticated,service_role}'),
    ('function', 'public.check_in(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'public.check_in_batch(jsonb)', 'execute', '{service_role}'),
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
    ('table', 'ticketdb.calendar_entries', 'select', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.calendar_place(jsonb, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.definition_calendar_for_caller(int)', 'execute', '{anon,authenticated}'),
    ('function', 'ticketdb.ics_text(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.ics_fold(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.ics_offset(interval)', 'execute', '{anon,authenticated,service_role}'),
    (
        'function',
        'ticketdb.ics_event(text, int, timestamptz, timestamptz, timestamptz, text, boolean, text, text, text, text)',
        'execute', '{anon,authenticated,service_role}'
    ),
    ('function', 'ticketdb.ics_zone(text, timestamptz, timestamptz)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.zone_changes(text, timestamptz, timestamptz)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.zone_offset(timestamptz, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.refuse_definition(int)', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_people', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sales_ledger', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.held_schedules', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sold_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.due_refunds', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.ticket_cards', 'select', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.save_event_as_admin(jsonb)', 'execute', '{authenticated}'),
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
    ('function', 'ticketdb.check_rrule(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.rrule_starts(text, timestamp, timestamp, timestamp, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.spoken_rrule(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.moved_schedules()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.move_unsold()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.schedule_times(date, time, time, int, text)', 'execute', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.definition_calendar(int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.save_event(jsonb)', 'execute', '{service_role}'),
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
    ('function', 'ticketdb.scan_tickets(jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.refuse_scan_id(uuid)', 'execute', '{service_role}'),
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

-- >>> sql/views/sold_tickets.sql
-- The valid tickets of each sale, and how many of them let somebody in. It reads with its owner's rights, and shows staff everything
-- and others nothing.
create or replace view ticketdb.sold_tickets
with (security_barrier = true)
as
select
    r.schedule_id,
    r.id as reservation_id,
    r.reservation_code,
    r.user_id,
    t.tickets,
    t.admitted
from public.ticket_reservations as r
cross join lateral (
    select
        count(*) filter (where et.status = 'valid')::int as tickets,
        count(*) filter (where et.status = 'valid' and et.first_scanned_at is not null)::int as admitted
    from public.event_tickets as et
    where et.reservation_id = r.id
) as t
where r.status = 'confirmed' and (select ticketdb.is_staff());
revoke all on ticketdb.sold_tickets from public;
comment on view ticketdb.sold_tickets is 'Valid and used tickets of each sale, for staff';
comment on column ticketdb.sold_tickets.schedule_id is 'Occurrence';
comment on column ticketdb.sold_tickets.reservation_id is 'Reservation';
comment on column ticketdb.sold_tickets.reservation_code is 'Its code for people';
comment on column ticketdb.sold_tickets.user_id is 'Buyer, where known';
comment on column ticketdb.sold_tickets.tickets is 'Valid tickets';
comment on column ticketdb.sold_tickets.admitted is 'Those whose holder was let in';
-- <<< sql/views/sold_tickets.sql

-- >>> sql/views/v_attendance.sql
-- Who came, per occurrence, in numbers; staff only. Tickets count by the scans of the door. Whom the application itself marks as
-- verified, and who has no ticket that the door scanned, counts with his ticket_quantity, apart from them: imported participants
-- of past occurrences have no tickets.
create or replace view public.v_attendance
with (security_invoker = true)
as
select
    es.id as schedule_id,
    es.event_definition_id,
    ed.event_code,
    ed.title,
    ed.event_category,
    ed.event_type,
    es.schedule_date,
    es.start_time,
    es.starts_at,
    es.ends_at,
    ed.timezone,
    es.status,
    coalesce(es.space_id, ed.space_id) as space_id,
    ed.venue_id,
    ed.admission_policy,
    es.tickets_sold,
    door.tickets_admitted,
    app.verified_without_scan,
    least(door.tickets_admitted + app.verified_without_scan, es.tickets_sold) as attended,
    case
        when es.status <> 'cancelled' and es.ends_at <= now()
            then es.tickets_sold - least(door.tickets_admitted + app.verified_without_scan, es.tickets_sold)
    end as no_shows,
    case when ed.admission_policy = 'in_and_out' then door.entries - door.exits end as inside_now,
    door.entries,
    door.exits,
    door.refused_scans,
    door.first_scanned_at,
    door.last_scanned_at,
    door.entries_by_gate
from public.event_schedules as es
inner join public.event_definitions as ed on ed.id = es.event_definition_id
cross join lateral (
    select
        coalesce(sum(g.tickets), 0)::int as tickets_admitted,
        coalesce(sum(g.entries), 0)::int as entries,
        coalesce(sum(g.exits), 0)::int as exits,
        coalesce(sum(g.refused), 0)::int as refused_scans,
        min(g.first_scanned_at) as first_scanned_at,
        max(g.last_scanned_at) as last_scanned_at,
        coalesce(jsonb_object_agg(g.gate, g.entries order by g.gate) filter (where g.entries > 0), '{}') as entries_by_gate
    from (
        select
            coalesce(c.gate, '') as gate,
            -- a ticket is counted with the scan that admitted it first
            count(*) filter (where t.status = 'valid' and c.id = c.first_entry) as tickets,
            count(*) filter (where c.result = 'admitted') as entries,
            count(*) filter (where c.result = 'exited') as exits,
            count(*) filter (where c.result not in ('admitted', 'exited')) as refused,
            min(c.scanned_at) as first_scanned_at,
            max(c.scanned_at) as last_scanned_at
        from public.ticket_reservations as r
        inner join public.event_tickets as t on t.reservation_id = r.id
        cross join lateral (
            select
                i.id, i.gate, i.result, i.scanned_at,
                min(i.id) filter (where i.result = 'admitted') over () as first_entry
            from public.ticket_check_ins as i
            where i.ticket_id = t.id
        ) as c
        where r.schedule_id = es.id
        group by coalesce(c.gate, '')
    ) as g
) as door
cross join lateral (
    select coalesce(sum(coalesce(nullif(p.ticket_quantity, 0), 1)), 0)::int as verified_without_scan
    from ticketdb.schedule_people as p
    where p.schedule_id = es.id
      and p.is_verified and p.is_active is not false
      and not exists (
          select from public.event_tickets as t
          where t.participant_id = p.participant_id and t.first_scanned_at is not null
      )
      and not exists (
          select from public.ticket_reservations as r
          inner join public.event_tickets as t on t.reservation_id = r.id
          where r.booking_id = p.booking_id and t.first_scanned_at is not null
      )
) as app
where (select ticketdb.is_staff());
revoke all on public.v_attendance from public;
comment on view public.v_attendance is
'Attendance

Who came to each occurrence, in numbers: tickets sold, admitted, not used, people inside, scans by gate. Staff only.';
comment on column public.v_attendance.schedule_id is 'Occurrence';
comment on column public.v_attendance.event_definition_id is 'Event';
comment on column public.v_attendance.event_code is 'Code of the event';
comment on column public.v_attendance.title is 'Title of the event';
comment on column public.v_attendance.event_category is 'Category of the event';
comment on column public.v_attendance.event_type is 'Type of the event';
comment on column public.v_attendance.schedule_date is 'Local date on which it starts';
comment on column public.v_attendance.start_time is 'Local start time';
comment on column public.v_attendance.starts_at is 'Instant of the start';
comment on column public.v_attendance.ends_at is 'Instant of the end';
comment on column public.v_attendance.timezone is 'IANA name of the zone of the local times';
comment on column public.v_attendance.status is 'scheduled, cancelled or completed';
comment on column public.v_attendance.space_id is 'Space it takes place in';
comment on column public.v_attendance.venue_id is 'Venue it takes place at';
comment on column public.v_attendance.admission_policy is
'How often a ticket admits: once, n_entries, once_a_day or in_and_out';
comment on column public.v_attendance.tickets_sold is 'Confirmed tickets';
comment on column public.v_attendance.tickets_admitted is 'Valid tickets that admitted their holder at least once';
comment on column public.v_attendance.verified_without_scan is
'Tickets of participants whom the application marks as verified and of whom the door scanned no ticket';
comment on column public.v_attendance.attended is 'Both together, not more than were sold';
comment on column public.v_attendance.no_shows is
'Sold tickets whose holders did not come; null before the end and for a cancelled occurrence';
comment on column public.v_attendance.inside_now is
'Entries less exits where the policy is in_and_out; null elsewhere';
comment on column public.v_attendance.entries is 'Scans that admitted; with re-entries more than tickets';
comment on column public.v_attendance.exits is 'Scans of holders who left';
comment on column public.v_attendance.refused_scans is
'Scans that admitted nobody: already used, void or for another occurrence';
comment on column public.v_attendance.first_scanned_at is 'When the first ticket was scanned, by the scanner''s word';
comment on column public.v_attendance.last_scanned_at is 'When the last one was';
comment on column public.v_attendance.entries_by_gate is
'Entries at each gate: {"north": 12}; without a gate under the empty name';
-- <<< sql/views/v_attendance.sql

-- >>> sql/views/v_event_availability.sql
-- What can be bought: the seed's columns in the seed's order, then ours. "Today" is today where the event takes place.
create or replace view public.v_event_availability
with (security_invoker = true)
as
select
    ed.id as event_definition_id,
    ed.event_code,
    ed.title,
    ed.event_category,
    ed.event_type,
    ed.banner_image_url,
    ed.default_ticket_price,
    es.id as schedule_id,
    es.schedule_date,
    es.start_time,
    es.end_time,
    es.start_datetime,
    es.end_datetime,
    es.max_tickets,
    es.tickets_sold,
    case when sale.refusal is null then sale.seats_left else 0 end as tickets_available,
    coalesce(es.ticket_price, ed.default_ticket_price) as effective_price,
    es.status,
    coalesce(es.space_id, ed.space_id) as space_id,
    ed.venue_id,
    sale.seats_held as tickets_held,
    es.starts_at,
    es.ends_at,
    ed.timezone,
    es.is_blocked,
    sale.opens_at as sales_open_at,
    sale.closes_at as sales_close_at,
    sale.max_per_order,
    sale.limit_per_user,
    es.extra_days
from public.event_definitions as ed
inner join public.event_schedules as es on es.event_definition_id = ed.id
inner join ticketdb.schedule_sales as sale on sale.schedule_id = es.id
where ed.is_active
  and es.status = 'scheduled'
  -- what lasts for days is listed on all of them
  and (
      es.schedule_date + es.extra_days >= (now() at time zone ed.timezone)::date
      or es.extra_days > 0 and es.ends_at > now()
  )
  -- says nothing new, but lets an index on the date leave out the past before the event's zone is known
  and (es.schedule_date >= (now() at time zone 'UTC')::date - 1 or es.extra_days > 0);
revoke all on public.v_event_availability from public;
comment on view public.v_event_availability is
'Event availability

Occurrences of active events from today on, with the tickets that can be bought now.';
comment on column public.v_event_availability.event_definition_id is 'Event';
comment on column public.v_event_availability.event_code is 'Code of the event';
comment on column public.v_event_availability.title is 'Title of the event';
comment on column public.v_event_availability.event_category is 'Category of the event';
comment on column public.v_event_availability.event_type is 'Type of the event';
comment on column public.v_event_availability.banner_image_url is 'URL of a wide picture';
comment on column public.v_event_availability.default_ticket_price is 'Price of one ticket of the event';
comment on column public.v_event_availability.schedule_id is 'Occurrence';
comment on column public.v_event_availability.schedule_date is 'Local date on which it starts';
comment on column public.v_event_availability.start_time is 'Local start time';
comment on column public.v_event_availability.end_time is 'Local end time';
comment on column public.v_event_availability.start_datetime is 'Local start';
comment on column public.v_event_availability.end_datetime is 'Local end';
comment on column public.v_event_availability.max_tickets is 'Capacity in tickets';
comment on column public.v_event_availability.tickets_sold is 'Confirmed tickets';
comment on column public.v_event_availability.tickets_available is
'Tickets that can be bought now: neither sold nor held, 0 while the slot is blocked or over or the sale not open';
comment on column public.v_event_availability.effective_price is 'Price of one ticket of this occurrence';
comment on column public.v_event_availability.status is 'Always scheduled';
comment on column public.v_event_availability.space_id is 'Space it takes place in';
comment on column public.v_event_availability.venue_id is 'Venue it takes place at';
comment on column public.v_event_availability.tickets_held is 'Tickets in live holds; a lapsed hold does not count';
comment on column public.v_event_availability.starts_at is 'Instant of the start';
comment on column public.v_event_availability.ends_at is 'Instant of the end';
comment on column public.v_event_availability.timezone is 'IANA name of the zone of the local times';
comment on column public.v_event_availability.is_blocked is 'The slot is taken and nothing is sold';
comment on column public.v_event_availability.sales_open_at is 'When the sale opens; null means it always was open';
comment on column public.v_event_availability.sales_close_at is 'When the sale closes; null means when the occurrence ends';
comment on column public.v_event_availability.max_per_order is 'Most tickets in one order; null means no limit';
comment on column public.v_event_availability.limit_per_user is 'Most tickets of one user on this occurrence; null means no limit';
comment on column public.v_event_availability.extra_days is 'Full days that it lasts beyond what end_time says';
-- <<< sql/views/v_event_availability.sql

-- >>> sql/triggers/event_schedules.sql
-- Triggers of event_schedules: derive the instants, guard the counter, deal a new capacity or that of an occurrence that is put on
-- again, tell the holders of one that was moved, keep updated_at, occupy the space, log changes. Their conditions keep functions out of the way
-- of a sale, which writes tickets_sold.
create or replace trigger derive_schedule_times
before insert or update of
event_definition_id, schedule_date, start_time, end_time, extra_days, end_datetime, starts_at, ends_at
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
after update of schedule_date, start_time, end_time, extra_days, space_id on public.event_schedules
for each row when (
    (new.schedule_date, new.start_time, new.end_time, new.extra_days, new.space_id)
    is distinct from (old.schedule_date, old.start_time, old.end_time, old.extra_days, old.space_id)
)
execute function ticketdb.tell_holders();
create or replace trigger refuse_truncate
before truncate on public.event_schedules
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger touch_updated_at
before update on public.event_schedules
for each row when (new.tickets_sold = old.tickets_sold)
execute function ticketdb.touch_updated_at();
create or replace trigger follow_made_schedules
after insert on public.event_schedules
referencing new table as made
for each statement execute function ticketdb.follow_made_schedules();
create or replace trigger follow_schedule_space
after update of
event_definition_id, booking_id, schedule_date, start_time, end_time, extra_days, end_datetime, starts_at, ends_at, status, space_id
on public.event_schedules
for each row when (
    (
        new.event_definition_id, new.booking_id, new.schedule_date, new.starts_at, new.ends_at, new.space_id,
        new.status = 'cancelled'
    ) is distinct from (
        old.event_definition_id, old.booking_id, old.schedule_date, old.starts_at, old.ends_at, old.space_id,
        old.status = 'cancelled'
    )
)
execute function ticketdb.follow_schedule_space();
create or replace trigger follow_deleted_schedules
after delete on public.event_schedules
referencing old table as gone
for each statement execute function ticketdb.follow_deleted_schedules();
-- a new row tells by itself when it was made, and a year of them is generated at once
create or replace trigger log_change
after update on public.event_schedules
for each row when (new.tickets_sold = old.tickets_sold)
execute function ticketdb.log_change();
create or replace trigger log_delete
after delete on public.event_schedules
for each row execute function ticketdb.log_change();
-- <<< sql/triggers/event_schedules.sql

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

-- >>> sql/triggers/waitlist.sql
-- Triggers of the waiting list, on what frees seats or closes a sale. Their conditions keep them out of the way of everything else.
-- A constraint trigger cannot be replaced: a migration that changes one drops it first, above its generated part.
create or replace trigger follow_offer
after update on public.ticket_reservations
for each row when (old.origin = 'waitlist' and new.status <> old.status)
execute function ticketdb.follow_offer();
create or replace trigger follow_deleted_offer
before delete on public.ticket_reservations
for each row when (old.origin = 'waitlist' and old.status = 'held')
execute function ticketdb.follow_offer();
create constraint trigger offer_freed_seats
after update on public.ticket_reservations
deferrable initially deferred
for each row when (
    old.status in ('held', 'confirmed')
    and (
        new.status not in ('held', 'confirmed') or new.quantity < old.quantity or new.schedule_id <> old.schedule_id
    )
)
execute function ticketdb.offer_freed_seats();
create constraint trigger offer_deleted_seats
after delete on public.ticket_reservations
deferrable initially deferred
for each row when (old.status in ('held', 'confirmed'))
execute function ticketdb.offer_freed_seats();
create constraint trigger offer_more_seats
after update on public.event_schedules
deferrable initially deferred
for each row when (new.max_tickets > old.max_tickets)
execute function ticketdb.offer_freed_seats();
create or replace trigger close_waitlist
after update on public.event_schedules
for each row when (
    (new.status <> 'scheduled' or new.is_blocked) and old.status = 'scheduled' and not old.is_blocked
)
execute function ticketdb.close_waitlist();
-- <<< sql/triggers/waitlist.sql

drop function ticketdb.time_given_up;
drop function ticketdb.spoken_times;
drop function ticketdb.spoken_runs;
drop function ticketdb.spoken_ordinals;
drop function ticketdb.spoken_nth_weekdays;
drop function ticketdb.spoken_names;
drop function ticketdb.repeated_payment;
drop function ticketdb.refuse_second_place;
drop function ticketdb.planned_occurrences;
drop function ticketdb.offer_more_seats;
drop function ticketdb.lock_scope;
drop function ticketdb.extra_days_of;
drop function ticketdb.expected_occurrences;
drop type public.waitlist_receipt_row;
drop type public.visit_receipt_row;
drop type public.scan_answer;
drop type public.reservation_receipt_row;
drop type public.pass_receipt_row;
drop type ticketdb.offline_scan;
drop type public.claimed_notification;
-- <<< generated

do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
