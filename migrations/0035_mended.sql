-- A sale pays for every trigger of the tables that it writes, and for each condition: fewer and shorter ones.
drop trigger count_visits_inserted on public.ticket_reservations;
drop trigger count_visits_updated on public.ticket_reservations;
drop trigger tell_of_sale_inserted on public.ticket_reservations;
drop trigger tell_of_sale_updated on public.ticket_reservations;
drop trigger note_new_refund on public.ticket_payments;
drop trigger tell_of_refund_inserted on public.ticket_payments;
drop trigger tell_of_refund_updated on public.ticket_payments;
-- constraint triggers cannot be replaced
drop trigger offer_freed_seats on public.ticket_reservations;
drop trigger offer_deleted_seats on public.ticket_reservations;
drop trigger offer_more_seats on public.event_schedules;

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
    v_occurrence record;
    v_name text;
    v_person record;
    v_path text;
begin
    -- row by row, as in seat_paid_reservation
    select
        r.user_id, r.booking_id, r.schedule_id, r.quantity, r.total_amount, r.contact ->> 'name' as name,
        coalesce(r.contact ->> 'mobile', r.contact ->> 'phone') as mobile
    into v_sale
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    if v_sale.booking_id is not null then
        return false;
    end if;
    select
        s.start_datetime, s.end_datetime, d.id as definition_id,
        -- the application's words: live, yoga, zumba
        case when d.event_category = 'live-show' then 'live' else left(d.event_type, 20) end as program_type,
        case when d.recurrence_type <> 'none' then 'daily' end as subscription_type
    into v_occurrence
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    where s.id = v_sale.schedule_id;
    v_name := v_sale.name;
    if v_name is null and v_sale.user_id is not null then
        select nullif(concat_ws(' ', u.first_name, u.last_name), '') into v_name
        from public.users as u
        where u.id = v_sale.user_id;
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
                    ticketdb.participant_text('name', coalesce(v_person.name, v_name)),
                    ticketdb.participant_text('mobile', coalesce(v_person.mobile, v_sale.mobile)),
                    v_occurrence.program_type, v_occurrence.subscription_type, v_person.quantity,
                    v_occurrence.start_datetime, v_occurrence.end_datetime, v_person.amount, v_sale.schedule_id,
                    v_occurrence.definition_id
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
        if tg_op = 'UPDATE' and (new.schedule_id, new.ticket_type_id) is not distinct from (old.schedule_id, old.ticket_type_id) then
            return null;
        end if;
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
    if new.bucket is not null then
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
    -- what the import wrote is counted with the pass
    if tg_op = 'UPDATE' and (new.origin <> 'pass' or new.status = old.status and old.pass_id is not null) then
        return null;
    end if;
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
    if tg_op = 'UPDATE' and new.status = old.status then
        return null;
    end if;
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
    if tg_op = 'UPDATE' and (
        new.tickets_sold is not distinct from old.tickets_sold
        or current_setting('ticketdb.counting', true) is not distinct from new.id::text
    ) then
        return new;
    end if;
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

-- >>> sql/functions/note_refund.sql
-- Keeps the history of what a payment has to give back, given back already or not (refund_movements), in the transaction
-- that changes it. Called by trigger on ticket_payments, for every payment.
-- locks: ticketdb.refund_movements (new row)
-- raises: nothing
create or replace function ticketdb.note_refund()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_amount constant numeric := new.refund_due + new.refunded
        - case when tg_op = 'UPDATE' then old.refund_due + old.refunded else 0 end;
begin
    if v_amount <> 0 then
        insert into ticketdb.refund_movements (payment_id, amount)
        values (new.id, v_amount);
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.note_refund() from public;
comment on function ticketdb.note_refund() is 'Trigger: note by how much the refund of a payment changed, and when';
-- <<< sql/functions/note_refund.sql

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
    elsif old.status in ('held', 'confirmed') and (
        tg_op = 'DELETE'
        or new.status not in ('held', 'confirmed') or new.quantity < old.quantity or new.schedule_id <> old.schedule_id
    ) then
        perform ticketdb.offer_seats(old.schedule_id);
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.offer_freed_seats() from public;
comment on function ticketdb.offer_freed_seats() is 'Trigger: offer seats that a transaction freed to those who wait';
-- <<< sql/functions/offer_freed_seats.sql

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
    if new.max_tickets = old.max_tickets and (old.status <> 'cancelled' or new.status = 'cancelled') then
        return new;
    end if;
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
declare
    v_schedule_id int;
begin
    -- row by row, as in seat_paid_reservation
    select
        r.id, r.status, r.schedule_id,
        (select coalesce(sum(p.refund_due), 0) from public.ticket_payments as p where p.reservation_id = r.id)
    into reservation_id, status, v_schedule_id, refund_due
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    select s.tickets_sold into tickets_sold
    from public.event_schedules as s
    where s.id = v_schedule_id;
    ticket_codes := ticketdb.valid_ticket_codes(p_reservation_id);
end
$$;
revoke execute on function ticketdb.sale_receipt(bigint) from public;
comment on function ticketdb.sale_receipt(bigint) is 'A sale as its buyer gets to see it';
-- <<< sql/functions/sale_receipt.sql

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
    v_before record;
    v_was_seated boolean;
begin
    -- row by row: a plan that joins may read all occurrences up to this one, where statistics know an older one alone
    select r.status, r.schedule_id, r.ticket_type_id, r.quantity into v_reservation
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    select
        s.status = 'cancelled' or s.is_blocked as is_called_off,
        (
            select coalesce(sum(p.refund_due), 0)
            from public.ticket_payments as p
            where p.reservation_id = p_reservation_id
        ) as refund_due
    into v_before
    from public.event_schedules as s
    where s.id = v_reservation.schedule_id;
    if v_before.is_called_off then
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
        refund_due := v_before.refund_due;
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
    if new.refund_due <= coalesce(old.refund_due, 0) then
        return null;
    end if;
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
    -- an imported sale is news where it is paid here after all
    if old.status is distinct from 'confirmed' and new.origin <> 'pass' and (
        new.origin <> 'legacy' or tg_op = 'UPDATE' and new.confirmed_at is distinct from old.confirmed_at
    ) then
        insert into public.ticket_notifications (kind, reservation_id)
        values ('ticket_confirmation', new.id);
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.tell_of_sale() from public;
comment on function ticketdb.tell_of_sale() is 'Trigger: put the confirmation of a sale into the outbox';
-- <<< sql/functions/tell_of_sale.sql

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
    if new.kind <> 'schedule_reminder' then
        perform pg_notify('ticketdb_notifications', '');
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.wake_senders() from public;
comment on function ticketdb.wake_senders() is 'Trigger: notify the channel ticketdb_notifications';
-- <<< sql/functions/wake_senders.sql

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
for each row execute function ticketdb.guard_schedule();
create or replace trigger guard_updated_schedule
after update on public.event_schedules
for each row execute function ticketdb.guard_schedule();
create or replace trigger resize_schedule
before update of max_tickets, status on public.event_schedules
for each row when (new.max_tickets <> old.max_tickets or old.status = 'cancelled' and new.status <> 'cancelled')
execute function ticketdb.resize_schedule();
create or replace trigger resize_updated_schedule
after update on public.event_schedules
for each row when (new.max_tickets <> old.max_tickets or new.status <> old.status)
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
for each row when (new.kind <> 'ticket_confirmation')
execute function ticketdb.wake_senders();
-- <<< sql/triggers/ticket_notifications.sql

-- >>> sql/triggers/ticket_payments.sql
-- Triggers of ticket_payments: none of its rows goes unseen; refunds are noted, changes logged, and who has money to get back is told. The
-- functions look at what changed: a condition would cost a sale more than the call (see ticket_reservations).
create or replace trigger refuse_truncate
before truncate on public.ticket_payments
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger note_refund
after insert or update on public.ticket_payments
for each row execute function ticketdb.note_refund();
-- a new row is a payment that arrived, and tells by itself
create or replace trigger log_change
after update or delete on public.ticket_payments
for each row execute function ticketdb.log_change();
create or replace trigger tell_of_refund
after insert or update on public.ticket_payments
for each row when (new.refund_due > 0)
execute function ticketdb.tell_of_refund();
-- <<< sql/triggers/ticket_payments.sql

-- >>> sql/triggers/ticket_reservations.sql
-- Triggers of ticket_reservations: the counters follow every statement; none passes them by. Changes of sales are logged. Who bought
-- is told, unless the sale was imported as it stood; of a place of a pass, its buyer is told by whatever takes it. A condition is
-- prepared anew for every statement, at 2 us a comparison, ten times what a row costs: these say as little as keeps a function out of
-- the way of a sale, and the function looks at the rest.
create or replace trigger refuse_truncate
before truncate on public.ticket_reservations
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger assign_bucket_inserted
after insert on public.ticket_reservations
for each row when (new.bucket is null)
execute function ticketdb.assign_bucket();
create or replace trigger assign_bucket_updated
after update on public.ticket_reservations
for each row when (new.bucket is null or new.status <> 'confirmed')
execute function ticketdb.assign_bucket();
create or replace trigger count_visits
after insert or update on public.ticket_reservations
for each row when (new.pass_id is not null)
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
for each row when (old.status = 'confirmed')
execute function ticketdb.log_change(
    'contact', 'request', 'bucket', 'booking_id', 'participant_id', 'pass_id', 'participants_problem'
);
create or replace trigger tell_of_sale
after insert or update on public.ticket_reservations
for each row when (new.status = 'confirmed')
execute function ticketdb.tell_of_sale();
-- <<< sql/triggers/ticket_reservations.sql

-- >>> sql/triggers/waitlist.sql
-- Triggers of the waiting list, on what frees seats or closes a sale. Their conditions say as little as keeps them out of the way of
-- a sale (see those of ticket_reservations), the functions look at the rest.
-- A constraint trigger cannot be replaced: a migration that changes one drops it first, above its generated part.
create or replace trigger follow_offer
after update on public.ticket_reservations
for each row when (old.origin = 'waitlist')
execute function ticketdb.follow_offer();
create or replace trigger follow_deleted_offer
before delete on public.ticket_reservations
for each row when (old.origin = 'waitlist' and old.status = 'held')
execute function ticketdb.follow_offer();
create constraint trigger offer_freed_seats
after update on public.ticket_reservations
deferrable initially deferred
for each row when (old.status = 'confirmed' or new.status <> 'confirmed')
execute function ticketdb.offer_freed_seats();
create constraint trigger offer_deleted_seats
after delete on public.ticket_reservations
deferrable initially deferred
for each row when (old.status in ('held', 'confirmed'))
execute function ticketdb.offer_freed_seats();
create constraint trigger offer_more_seats
after update of max_tickets on public.event_schedules
deferrable initially deferred
for each row when (new.max_tickets > old.max_tickets)
execute function ticketdb.offer_freed_seats();
create or replace trigger close_waitlist
after update of status, is_blocked on public.event_schedules
for each row when (
    (new.status <> 'scheduled' or new.is_blocked) and old.status = 'scheduled' and not old.is_blocked
)
execute function ticketdb.close_waitlist();
-- <<< sql/triggers/waitlist.sql
-- <<< generated
