-- Takes out 0019_classes. No cascade: what somebody built on it must make this fail.

drop trigger tell_holders on public.event_schedules;
-- what was called off gets its seats back, though nobody buys them
select ticketdb.deal_seats(s.id, 0, s.max_tickets, 0, 0)
from public.event_schedules as s
where s.status = 'cancelled' and s.cancelled_at is not null;

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/cancel_sale.sql
-- Undoes a sale: tickets become void, seats go back on sale, and what was paid is due back. A hold is simply released. The
-- inside of cancel_reservation; the trigger on bookings calls it. A second cancellation of a sale answers like the first.
-- locks: as lock_reservation, then (by trigger) event_schedules, ticketdb.seat_buckets
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

    update public.ticket_reservations as r
    set status = case when v_reservation.status = 'held' then 'released' else 'cancelled' end,
        closed_at = clock_timestamp(),
        close_reason = p_reason
    where r.id = p_reservation_id;
    update public.ticket_payments as p
    set refund_due = p.amount
    where p.reservation_id = p_reservation_id and p.refund_due <> p.amount;
    -- in the order in which scan_ticket locks them
    perform ticketdb.issue_tickets(p_reservation_id, 0);
    perform ticketdb.deactivate_participants(p_reservation_id);
end
$$;
revoke execute on function ticketdb.cancel_sale(bigint, text) from public;
comment on function ticketdb.cancel_sale(bigint, text) is
'Undo a sale: void its tickets, free its seats, note the refund';
-- <<< sql/functions/cancel_sale.sql

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
        select p.reservation_id, p.amount, p.refund_due into v_payment
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
            when v_reservation.status = 'confirmed' and v_payment.refund_due = 0 then 'confirmed'
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
-- The people of a cancelled sale give up their place in the application's program_participants; those of a booking are left to
-- the application. What fails in that table is noted on the reservation and keeps no seat from
-- going back. Called by cancel_sale.
-- locks: ticket_reservations (by the caller), program_participants
-- raises: nothing but a deadlock or a lock timeout
create or replace function ticketdb.deactivate_participants(p_reservation_id bigint)
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
      and pp.id in (select t.participant_id from public.event_tickets as t where t.reservation_id = p_reservation_id);
exception
    when deadlock_detected or lock_not_available or serialization_failure then
        raise;
    when others then
        update public.ticket_reservations as r
        set participants_problem = format('%s: %s', sqlstate, sqlerrm)
        where r.id = p_reservation_id;
end
$$;
revoke execute on function ticketdb.deactivate_participants(bigint) from public;
comment on function ticketdb.deactivate_participants(bigint) is 'Deactivate the participants of a cancelled sale';
-- <<< sql/functions/deactivate_participants.sql

-- >>> sql/functions/definition_occurrences.sql
-- The dates and times at which a recurring event takes place between two dates, both included. The one reading of the
-- recurrence; generating and previewing start from it.
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
    select
        g.day::date,
        d.default_start_time,
        coalesce(
            d.default_end_time,
            d.default_start_time + make_interval(mins => d.default_duration_minutes)
        )
    from public.event_definitions as d
    cross join generate_series(p_from::timestamp, p_to::timestamp, interval '1 day') as g (day)
    where d.id = p_event_definition_id
      and d.recurrence_type in ('daily', 'weekly')
      and (
          d.recurrence_days is null
          or extract(isodow from g.day)::int = any (string_to_array(d.recurrence_days, ',')::int[])
      );
$$;
revoke execute on function ticketdb.definition_occurrences(int, date, date) from public;
comment on function ticketdb.definition_occurrences(int, date, date) is
'Local dates and times at which an event takes place in a period';
-- <<< sql/functions/definition_occurrences.sql

-- >>> sql/functions/derive_schedule_times.sql
-- Derives the instants of an occurrence from its local times and its event's zone, and notes who announced it.
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
    end if;
    return new;
end
$$;
revoke execute on function ticketdb.derive_schedule_times() from public;
comment on function ticketdb.derive_schedule_times() is 'Trigger: derive starts_at, ends_at and announcement_id';
-- <<< sql/functions/derive_schedule_times.sql

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
many it inserted. Running it again inserts nothing. p_event_definition_id: from event_definitions. Errors: not_allowed, invalid_argument, definition_not_found, not_recurring.';
-- <<< sql/functions/generate_recurring_schedules.sql

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
    return ticketdb.may_sell() or coalesce(ticketdb.caller_claims() #>> '{app_metadata,role}' = 'admin', false);
end
$$;
revoke execute on function ticketdb.is_staff() from public;
comment on function ticketdb.is_staff() is
'Whether the caller is the owner, the payment server, or an admin by the claim app_metadata.role';
-- <<< sql/functions/is_staff.sql

-- >>> sql/functions/open_buckets.sql
-- Makes the buckets of an occurrence when its first ticket is asked for: schedules that nobody buys from have none. Whoever
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
    select s.max_tickets into v_capacity
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
    if not ticketdb.is_staff() then
        perform ticketdb.raise_error(
            'not_allowed', 'this takes an admin', 'Sign in as one: the claim app_metadata.role is admin.'
        );
    end if;
end
$$;
revoke execute on function ticketdb.require_staff() from public;
comment on function ticketdb.require_staff() is 'Refuse a caller who is neither the owner nor the payment server nor an admin';
-- <<< sql/functions/require_staff.sql

-- >>> sql/functions/resize_schedule.sql
-- Deals a new capacity over the buckets of an occurrence, or refuses it where more is sold and held. Its row is locked already,
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
    set refund_due = p.amount
    where p.payment_reference = p_payment_reference and p.refund_due <> p.amount;
    if v_was_seated then
        perform ticketdb.issue_tickets(p_reservation_id, 0);
        perform ticketdb.deactivate_participants(p_reservation_id);
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
        set refund_due = 0
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
        select s.id, s.max_tickets, s.tickets_sold, coalesce(c.capacity, s.max_tickets) as capacity, coalesce(n.sold, 0) as sold
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
    where s.capacity is distinct from s.max_tickets
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

-- >>> sql/triggers/event_schedules.sql
-- Triggers of event_schedules: derive the instants, guard the counter, deal a new capacity, keep updated_at. Their conditions
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
before update of max_tickets on public.event_schedules
for each row when (new.max_tickets <> old.max_tickets)
execute function ticketdb.resize_schedule();
create or replace trigger resize_updated_schedule
after update on public.event_schedules
for each row when (new.max_tickets <> old.max_tickets)
execute function ticketdb.resize_schedule();
create or replace trigger refuse_truncate
before truncate on public.event_schedules
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger touch_updated_at
before update on public.event_schedules
for each row when (new.tickets_sold = old.tickets_sold)
execute function ticketdb.touch_updated_at();
-- <<< sql/triggers/event_schedules.sql

drop function ticketdb.undo_sales;
drop function ticketdb.tell_holders;
drop function public.settle_refund;
drop function ticketdb.schedules_in_scope;
drop function ticketdb.require_admin;
drop function ticketdb.refuse_unknown_space;
drop function ticketdb.refuse_settled;
drop function ticketdb.recurrence_starts;
drop function ticketdb.record_refund;
drop function public.move_schedule;
drop function ticketdb.move_sale;
drop function public.move_reservation;
drop function ticketdb.move_participants;
drop function ticketdb.lock_live_reservations;
drop function ticketdb.keep_refund;
drop function ticketdb.keep_reason;
drop function ticketdb.is_admin;
drop function ticketdb.edit_schedules_as_admin;
drop function ticketdb.edit_schedules;
drop function ticketdb.describe_place;
drop function ticketdb.describe_occurrence;
drop function ticketdb.close_schedule;
drop function ticketdb.check_schedule_changes;
drop function public.change_schedules;
drop function ticketdb.change_occurrence;
drop function ticketdb.change_definition;
drop function public.cancel_schedule;
drop function ticketdb.call_off_schedule;
drop function ticketdb.call_off_as_admin;
-- <<< generated

alter table public.ticket_payments drop constraint refund_within_payment;
alter table public.ticket_payments add constraint refund_within_payment
check (refund_due between 0 and amount) not valid;
alter table public.ticket_payments drop column refunded_at;
alter table public.ticket_payments drop column refund_reference;
alter table public.ticket_payments drop column refunded;
comment on column public.ticket_payments.refund_due is 'Part of the amount that the buyer has to get back';

drop index public.event_schedules_original;
alter table public.event_schedules drop column cancel_reason;
alter table public.event_schedules drop column cancelled_at;
alter table public.event_schedules drop column original_start;

drop table public.schedule_exceptions;
