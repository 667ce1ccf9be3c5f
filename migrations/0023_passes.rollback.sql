-- Takes out 0023_passes. No cascade: what somebody built on it must make this fail.

drop trigger count_visits_inserted on public.ticket_reservations;
drop trigger count_visits_updated on public.ticket_reservations;
drop trigger count_visits_deleted on public.ticket_reservations;

-- >>> generated: `make freeze` writes what stands between these lines
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

-- >>> sql/functions/link_steps.sql
-- Runs the steps of link_legacy_data in order. The application goes on meanwhile: what it changes between two steps reaches the
-- reservation through follow_booking as soon as the booking is linked.
-- locks: as the steps
-- raises: nothing
create or replace function ticketdb.link_steps()
returns table (step text, rows bigint)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reservation bigint;
    v_issue bigint;
    v_schedule int;
begin
    -- what the application let overlap in a space is imported so
    perform set_config('ticketdb.keep_overlaps', 'on', true);
    select coalesce(max(r.id), 0) into v_reservation from public.ticket_reservations as r;
    select coalesce(max(s.id), 0) into v_schedule from public.event_schedules as s;
    select coalesce(max(i.id), 0) into v_issue from public.legacy_link_issues as i;

    return query select 'definitions', ticketdb.link_definitions();
    return query select 'shows', ticketdb.link_shows();
    return query select 'class_dates', ticketdb.link_class_dates();
    return query select 'purchases', ticketdb.link_purchases();
    return query select 'places', ticketdb.link_places();
    return query select 'participants', ticketdb.link_attendance();
    return query select 'payments', ticketdb.link_payments(v_reservation);
    return query select 'tickets', ticketdb.link_tickets(v_reservation);
    return query select 'issues', ticketdb.link_issues(v_issue, v_schedule, v_reservation);
    perform set_config('ticketdb.keep_overlaps', 'off', true);
end
$$;
revoke execute on function ticketdb.link_steps() from public;
comment on function ticketdb.link_steps() is 'Link the application''s data, step by step; a row for each';
-- <<< sql/functions/link_steps.sql

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

-- >>> sql/functions/maintain.sql
-- The daily round: whatever is late is done here, nothing waits for it. Seats come late, for their buckets stay locked until the
-- round is over. The inside of run_maintenance.
-- locks: event_schedules (new rows); ticket_reservations (passing over locked ones); as reclaim_lapsed_holds by schedule_id; then
--        event_schedules (passing over locked ones)
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
    v_generated bigint;
    v_completed bigint;
    v_deleted bigint;
    v_expired bigint;
begin
    perform ticketdb.require_read_committed();
    if p_horizon_days is null or p_horizon_days not between 0 and 3650 then
        perform ticketdb.raise_error(
            'invalid_argument', format('a horizon of %s days', coalesce(p_horizon_days::text, 'null')),
            'Pass 0 to 3650 days.', jsonb_build_object('horizon_days', p_horizon_days)
        );
    end if;

    select coalesce(sum(public.generate_recurring_schedules(d.id, t.today, t.today + p_horizon_days)), 0) into v_generated
    from (
        select e.id, e.timezone
        from public.event_definitions as e
        where e.is_active and e.recurrence_type <> 'none'
        order by e.id
    ) as d
    cross join lateral (select (now() at time zone d.timezone)::date as today) as t;

    -- nothing was paid for them, no booking follows them, and no series begins with them
    delete from public.ticket_reservations as r
    where r.id in (
        select c.id
        from public.ticket_reservations as c
        where c.status in ('released', 'expired') and c.closed_at < now() - interval '90 days'
          and c.booking_id is null and c.participant_id is null
          and (c.series_id is null or c.series_id <> c.id)
          and not exists (select from public.ticket_payments as p where p.reservation_id = c.id)
          and not exists (select from public.event_tickets as t where t.reservation_id = c.id)
        order by c.closed_at
        limit v_at_most
        for update skip locked
    );
    get diagnostics v_deleted = row_count;

    select coalesce(sum(ticketdb.reclaim_lapsed_holds(h.schedule_id)), 0) into v_expired
    from (
        select distinct r.schedule_id
        from (
            select l.schedule_id
            from public.ticket_reservations as l
            where l.status = 'held' and l.expires_at <= clock_timestamp()
            limit v_at_most
        ) as r
        order by r.schedule_id
    ) as h;

    update public.event_schedules as s
    set status = 'completed'
    where s.id in (
        select o.id
        from public.event_schedules as o
        where o.status = 'scheduled' and o.ends_at <= now() and o.schedule_date <= current_date + 1
        order by o.id
        limit v_at_most
        for no key update skip locked
    );
    get diagnostics v_completed = row_count;

    return jsonb_build_object(
        'schedules_generated', v_generated, 'schedules_completed', v_completed, 'holds_deleted', v_deleted,
        'holds_expired', v_expired
    );
end
$$;
revoke execute on function ticketdb.maintain(int) from public;
comment on function ticketdb.maintain(int) is 'Do what is late, a bounded number of each kind';
-- <<< sql/functions/maintain.sql

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

-- >>> sql/functions/raise_error.sql
-- The only place that raises an error for callers: SQLSTATE PTnnn makes PostgREST answer with HTTP status nnn, DETAIL is
-- JSON for programs, HINT is the next step. Called by every function that refuses something.
-- locks: none
-- raises: always
create or replace function ticketdb.raise_error(
    p_reason text,
    p_message text,
    p_hint text,
    p_detail jsonb default '{}'
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sqlstate constant text := case
        when p_reason in (
            'invalid_quantity', 'invalid_argument', 'invalid_recurrence', 'not_recurring', 'amount_mismatch'
        ) then 'PT400'
        when p_reason = 'not_allowed' then 'PT403'
        when p_reason in (
            'schedule_not_found', 'definition_not_found', 'ticket_type_not_found', 'reservation_not_found',
            'space_not_found'
        ) then 'PT404'
        when p_reason in (
            'sold_out', 'ticket_type_sold_out', 'not_on_sale', 'schedule_cancelled', 'schedule_completed',
            'schedule_blocked', 'limit_per_user', 'slot_conflict', 'idempotency_key_reused',
            'payment_reference_reused', 'already_confirmed', 'tickets_sold_is_derived', 'capacity_below_sold'
        ) then 'PT409'
        when p_reason in ('reservation_expired', 'reservation_released', 'reservation_cancelled') then 'PT410'
    end;
begin
    if v_sqlstate is null then
        raise exception 'raise_error does not know the reason %', p_reason;
    end if;
    raise exception using
        errcode = v_sqlstate,
        message = p_message,
        hint = p_hint,
        detail = (jsonb_build_object('reason', p_reason) || p_detail)::text;
end
$$;
revoke execute on function ticketdb.raise_error(text, text, text, jsonb) from public;
comment on function ticketdb.raise_error(text, text, text, jsonb) is
'Raise an error for callers

p_reason decides the SQLSTATE; p_message names the values; p_hint says the next step; p_detail is merged into DETAIL.';
-- <<< sql/functions/raise_error.sql

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

Generates what recurs up to p_horizon_days ahead, completes occurrences that are over, deletes holds that came to nothing
90 days ago, and expires lapsed holds; a bounded number of the last three, so that a big backlog takes several rounds. Returns how
many of each. Nothing depends on it for being right: run it at any time, twice, at once. Errors: invalid_argument.';
-- <<< sql/functions/run_maintenance.sql

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
    union all
    select p.schedule_id, p.problem, p.expected, p.actual
    from ticketdb.space_problems as p
    order by 1, 2;
$$;
revoke execute on function public.verify_inventory() from public;
comment on function public.verify_inventory() is
'Verify the inventory

Recomputes every counter from its rows and returns those that differ, schedule_id null where a booking has a space wrongly; no
row means all is well.';
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

-- >>> sql/triggers/ticket_reservations.sql
-- Triggers of ticket_reservations: the counters follow every statement; none passes them by.
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
create or replace trigger count_seats_updated
after update on public.ticket_reservations
referencing old table as old_rows new table as new_rows
for each statement execute function ticketdb.count_seats();
create or replace trigger count_seats_deleted
after delete on public.ticket_reservations
referencing old table as old_rows
for each statement execute function ticketdb.count_seats();
-- <<< sql/triggers/ticket_reservations.sql

drop view public.v_event_passes;
drop function ticketdb.visit_receipt;
drop function ticketdb.take_visit;
drop function ticketdb.suspend_pass;
drop function ticketdb.settle_places;
drop function ticketdb.set_pass_renewal_for_caller;
drop function public.set_pass_renewal;
drop function ticketdb.seat_pass;
drop function ticketdb.return_visit_for_caller;
drop function public.return_visit;
drop function ticketdb.require_own_pass;
drop function ticketdb.renew_passes;
drop function ticketdb.renew_pass;
drop function ticketdb.refuse_reference_length;
drop function ticketdb.refuse_pass_use;
drop function ticketdb.refuse_pass_type;
drop function ticketdb.refuse_pass;
drop function ticketdb.redeem_pass_for_caller;
drop function public.redeem_pass;
drop function ticketdb.prolong_pass;
drop function ticketdb.pay_pass;
drop function public.pause_pass;
drop function ticketdb.pass_visits_left;
drop function ticketdb.pass_start;
drop function ticketdb.pass_receipt;
drop function ticketdb.pass_payments;
drop function ticketdb.open_pass;
drop function ticketdb.lock_pass_places;
drop function ticketdb.lock_pass_of;
drop function ticketdb.lock_pass;
drop function ticketdb.link_passes;
drop function ticketdb.hold_pass;
drop function ticketdb.give_visit_back;
drop function ticketdb.find_idempotent_pass;
drop function public.extend_pass;
drop function ticketdb.count_visits;
drop function public.confirm_pass;
drop function ticketdb.close_pass;
drop function ticketdb.check_visit;
drop function ticketdb.change_renewal;
drop function ticketdb.cancel_pass_for_caller;
drop function public.cancel_pass;
drop function ticketdb.buy_pass_for_caller;
drop function public.buy_pass;
drop function ticketdb.add_pass_place;
-- <<< generated

-- the places of passes stay what they are besides: reservations
alter table public.ticket_reservations drop column pass_id;

alter policy own_or_staff on public.ticket_payments
using (
    (select ticketdb.is_staff())
    or reservation_id in (
        select r.id from public.ticket_reservations as r where r.user_id = (select ticketdb.caller_user_id())
    )
);
-- not sold passes, which nobody takes out unasked
delete from public.ticket_payments as p where p.reservation_id is null;
alter table public.ticket_payments drop constraint payment_of_one_sale;
alter table public.ticket_payments drop column pass_id;
alter table public.ticket_payments alter column reservation_id set not null;
comment on table public.ticket_payments is
'Ticket payments

One row for each payment that arrived for a reservation, kept also where no seat was left.';
comment on column public.ticket_payments.reservation_id is 'Reservation it was made for';

drop table public.pass_pauses;
drop table public.event_passes;
drop table public.pass_types;
