-- A reservation and a payment take fewer statements and calls, and sales of one occurrence stand in line for its row instead of all
-- waking at every commit. No table changes.

-- >>> generated: `make freeze` writes what stands between these lines
drop function ticketdb.add_participants;

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

-- >>> sql/functions/booking_is_paid.sql
-- Whether a status of the application's bookings means that the booking is paid. Called wherever bookings are read.
-- locks: none
-- raises: nothing
create or replace function ticketdb.booking_is_paid(p_status text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(p_status in ('paid', 'confirmed', 'completed'), false);
end
$$;
revoke execute on function ticketdb.booking_is_paid(text) from public;
comment on function ticketdb.booking_is_paid(text) is 'Whether a status of the application''s bookings means paid';
-- <<< sql/functions/booking_is_paid.sql

-- >>> sql/functions/check_reservation_arguments.sql
-- Refuses arguments of a reservation that mean nothing. Called by hold_tickets and check_ticket_availability.
-- locks: none
-- raises: invalid_quantity, invalid_argument
create or replace function ticketdb.check_reservation_arguments(
    p_schedule_id int,
    p_quantity int,
    p_user_id int default null,
    p_hold_for interval default null,
    p_contact jsonb default null
)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_schedule_id is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_schedule_id is null', 'Pass the id of a row of event_schedules.'
        );
    end if;
    -- the same bounds as constraint reservation_quantity_in_range
    if p_quantity is null or p_quantity not between 1 and 10000 then
        perform ticketdb.raise_error(
            'invalid_quantity', format('quantity %s is not between 1 and 10000', coalesce(p_quantity::text, 'null')),
            'Ask for at least one ticket.', jsonb_build_object('requested', p_quantity)
        );
    end if;
    if p_hold_for <= interval '0' or p_hold_for > interval '30 days' then
        perform ticketdb.raise_error(
            'invalid_argument', format('tickets cannot be held for %s', p_hold_for),
            'Hold them for more than no time and for 30 days at most.', jsonb_build_object('hold_for', p_hold_for)
        );
    end if;
    if jsonb_typeof(p_contact) <> 'object' then
        perform ticketdb.raise_error(
            'invalid_argument', format('p_contact is a JSON %s', jsonb_typeof(p_contact)),
            'Pass an object such as {"name": "Asha Rao", "mobile": "+91…"}.'
        );
    end if;
    -- in two steps, for one expression with a query in it is planned anew for each guest
    if p_user_id is not null then
        if not exists (select from public.users as u where u.id = p_user_id) then
            perform ticketdb.raise_error(
                'invalid_argument', format('user %s does not exist', p_user_id),
                'Pass the id of a row of users, or null for a guest.', jsonb_build_object('user_id', p_user_id)
            );
        end if;
    end if;
    return true;
end
$$;
revoke execute on function ticketdb.check_reservation_arguments(int, int, int, interval, jsonb) from public;
comment on function ticketdb.check_reservation_arguments(int, int, int, interval, jsonb) is
'Refuse arguments of a reservation that mean nothing; true otherwise';
-- <<< sql/functions/check_reservation_arguments.sql

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

-- >>> sql/functions/count_sold_tickets.sql
-- Adds to tickets_sold of an occurrence, the one row that all its sales share: called as late in a sale as can be. The setting
-- tells guard_schedule who writes, and updated_at needs no trigger of its own here.
-- locks: as queue_for_schedule, event_schedules
-- raises: nothing
create or replace function ticketdb.count_sold_tickets(p_schedule_id int, p_tickets int)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- the table's number keeps the line apart from other advisory locks
    v_line constant int := 'public.event_schedules'::regclass::oid::int;
    v_queued constant boolean := pg_try_advisory_xact_lock(v_line, p_schedule_id)
        or ticketdb.queue_for_schedule(v_line, p_schedule_id);
    v_setting text := set_config('ticketdb.counting', p_schedule_id::text, true);
begin
    update public.event_schedules as s
    set tickets_sold = s.tickets_sold + p_tickets, updated_at = clock_timestamp()
    where s.id = p_schedule_id;
    v_setting := set_config('ticketdb.counting', '', true);
    return true;
end
$$;
revoke execute on function ticketdb.count_sold_tickets(int, int) from public;
comment on function ticketdb.count_sold_tickets(int, int) is
'Add to tickets_sold of an occurrence; a negative number takes off. True when done';
-- <<< sql/functions/count_sold_tickets.sql

-- >>> sql/functions/follow_booking.sql
-- Lets the application go on selling through its own table: a booking that names an occurrence is followed by a reservation.
-- Pending it is a hold, paid a sale, cancelled or deleted a return; attendees are its quantity. Every order and repetition of
-- these is right, for the reservation's state decides what is still to do. A payment is never refused: where no seat is
-- left it is recorded as due back. Called by trigger on bookings.
-- locks: bookings (by the application), ticket_reservations, then as hold_tickets, confirm_payment, cancel_sale
-- raises: invalid_argument (isolation); for an unpaid booking what hold_tickets raises; for more attendees sold_out
create or replace function ticketdb.follow_booking()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_booking record;
    v_wanted text;
    v_quantity int;
    v_amount numeric;
    v_reservation record;
    v_only_status_changed boolean := false;
    v_was_paid boolean := false;
begin
    perform ticketdb.require_read_committed();
    if tg_op = 'DELETE' then
        v_booking := old;
    else
        v_booking := new;
    end if;
    if tg_op = 'UPDATE' then
        v_only_status_changed := (new.event_schedule_id, new.ticket_type_id, new.attendees)
            is not distinct from (old.event_schedule_id, old.ticket_type_id, old.attendees);
        v_was_paid := ticketdb.booking_is_paid(old.status) and old.is_admin_booking is not true;
    end if;
    v_quantity := coalesce(nullif(v_booking.attendees, 0), 1);
    v_amount := case when v_booking.total_amount between 0 and 99999999.99 then v_booking.total_amount end;
    v_wanted := case
        when tg_op = 'DELETE' or v_booking.event_schedule_id is null or v_booking.status = 'cancelled' then 'none'
        -- a booking with which the venue announces an event buys nothing
        when v_booking.is_admin_booking then 'none'
        when ticketdb.booking_is_paid(v_booking.status) then 'sold'
        else 'held'
    end;

    select
        r.id, r.schedule_id, r.ticket_type_id, r.quantity, r.origin, r.participant_id,
        case when r.status = 'held' and r.expires_at <= clock_timestamp() then 'expired' else r.status end as status
    into v_reservation
    from public.ticket_reservations as r
    where r.booking_id = v_booking.id
    for no key update;

    if tg_op = 'UPDATE' and old.event_schedule_id is null and v_reservation.schedule_id = new.event_schedule_id
        and v_reservation.origin = 'legacy'
        and (
            v_reservation.participant_id is not null
            or v_reservation.status = case v_wanted when 'sold' then 'confirmed' when 'held' then 'expired' else 'cancelled' end
        )
    then
        -- link_legacy_data names the occurrence of a booking that it has just imported; where the application changed the
        -- booking meanwhile, the change is followed below
        return v_booking;
    end if;

    if v_wanted = 'none' then
        perform ticketdb.close_booking(v_reservation.id, v_booking.booking_reference);
    elsif v_wanted = 'held' and v_reservation.id is null then
        perform ticketdb.hold_tickets(
            v_booking.event_schedule_id, v_quantity, v_booking.ticket_type_id, v_booking.user_id,
            null, null, null, null, v_booking.id, v_amount
        );
    elsif v_wanted = 'held' and v_reservation.status in ('expired', 'released', 'cancelled') then
        perform ticketdb.hold_booking_again(
            v_reservation.id, v_booking.event_schedule_id, v_booking.ticket_type_id, v_quantity, v_amount
        );
    elsif v_wanted = 'sold' and v_reservation.status is distinct from 'confirmed' then
        -- what was refunded or cancelled stays so while the booking only goes from paid to confirmed to completed
        if v_reservation.id is null or not (v_was_paid and v_only_status_changed) then
            perform ticketdb.sell_booking(
                v_reservation.id, v_booking.id, v_booking.booking_reference, v_booking.user_id,
                v_booking.event_schedule_id, v_booking.ticket_type_id, v_quantity, v_amount
            );
        end if;
    elsif v_reservation.status in ('held', 'confirmed') and not v_only_status_changed and tg_op = 'UPDATE' then
        -- an imported sale may count its people differently, so only what the application changes is followed
        perform ticketdb.change_booking(
            v_reservation.id,
            case when new.event_schedule_id is distinct from old.event_schedule_id
                then new.event_schedule_id else v_reservation.schedule_id end,
            case when new.ticket_type_id is distinct from old.ticket_type_id
                then new.ticket_type_id else v_reservation.ticket_type_id end,
            case when new.attendees is distinct from old.attendees then v_quantity else v_reservation.quantity end,
            v_amount
        );
    end if;

    if tg_op = 'UPDATE' and new.event_schedule_id is distinct from old.event_schedule_id
        and new.is_admin_booking is not true
    then
        perform set_config('search_path', ticketdb.application_search_path(), true);
        update public.program_participants as pp
        set event_schedule_id = new.event_schedule_id, event_definition_id = new.event_definition_id
        where pp.booking_id = new.id and pp.event_schedule_id is distinct from new.event_schedule_id;
    end if;
    return v_booking;
end
$$;
revoke execute on function ticketdb.follow_booking() from public;
comment on function ticketdb.follow_booking() is
'Trigger: a booking that names an occurrence is followed by a reservation';
-- <<< sql/functions/follow_booking.sql

-- >>> sql/functions/hold_series.sql
-- Holds tickets of every occurrence of an event in a period, or none. Seats are taken in ascending schedule id, so that two
-- series meet in the same order and never wait for each other in a circle. The first reservation carries the idempotency key and
-- gives the series its number. The inside of reserve_series.
-- locks: users; then for each occurrence as hold_tickets
-- raises: definition_not_found, schedule_not_found, invalid_argument, idempotency_key_reused, and what hold_tickets raises
create or replace function ticketdb.hold_series(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp,
    p_quantity int,
    p_user_id int,
    p_idempotency_key text,
    p_contact jsonb
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_request constant jsonb := jsonb_build_object(
        'event_definition_id', p_event_definition_id, 'start_date', p_start_date::date, 'end_date', p_end_date::date,
        'quantity', p_quantity, 'user_id', p_user_id, 'contact', p_contact
    );
    v_id bigint := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
    v_schedule_id int;
    v_hold record;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_period(p_event_definition_id, p_start_date, p_end_date);
    perform ticketdb.check_reservation_arguments(0, p_quantity, p_user_id, null, p_contact);
    if v_id is not null then
        return v_id;
    end if;

    -- ahead of all seats, though only some occurrences may have a limit for one user
    perform from public.users as u where u.id = p_user_id for no key update;
    for v_schedule_id in
        select s.id
        from public.event_schedules as s
        where s.event_definition_id = p_event_definition_id
          and s.schedule_date between p_start_date::date and p_end_date::date
          -- what does not take place is no occurrence
          and s.status <> 'cancelled' and not s.is_blocked
        order by s.id
    loop
        v_hold := ticketdb.hold_tickets(
            v_schedule_id, p_quantity, null, p_user_id, null, p_contact,
            case when v_id is null then p_idempotency_key end,
            case when v_id is null and p_idempotency_key is not null then v_request end,
            p_series_id => v_id
        );
        v_id := coalesce(v_id, v_hold.reservation_id);
    end loop;
    if v_id is null then
        perform ticketdb.raise_error(
            'schedule_not_found',
            format(
                'event %s has no occurrence from %s to %s', p_event_definition_id, p_start_date::date, p_end_date::date
            ),
            'generate_recurring_schedules makes them.',
            jsonb_build_object('event_definition_id', p_event_definition_id)
        );
    end if;

    update public.ticket_reservations as r
    set series_id = r.id
    where r.id = v_id;
    return v_id;
exception
    when unique_violation or sqlstate 'PT409' then
        -- this very order, sent twice at once; as in hold_tickets_once
        v_id := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
        if v_id is null then
            raise;
        end if;
        return v_id;
end
$$;
revoke execute on function ticketdb.hold_series(int, timestamp, timestamp, int, int, text, jsonb) from public;
comment on function ticketdb.hold_series(int, timestamp, timestamp, int, int, text, jsonb) is
'Hold tickets of every occurrence of an event in a period; returns the number of the series';
-- <<< sql/functions/hold_series.sql

drop function ticketdb.hold_tickets;

-- >>> sql/functions/hold_tickets.sql
-- Takes tickets out of sale until they are paid or the hold lapses. The inside of reserve_tickets and of each occurrence of
-- reserve_series; the trigger on bookings calls it for the application's pending bookings. First the fast path of a hot sale:
-- one statement that takes seats from this connection's own bucket. Where that finds none, for whatever reason,
-- take_offered_seats looks closely. Every buyer of a hot sale pays for every statement and every call in here, so there are few.
-- locks: ticketdb.seat_buckets (one); where that does not serve, as take_offered_seats
-- raises: invalid_quantity, invalid_argument, and what take_offered_seats raises
create or replace function ticketdb.hold_tickets(
    p_schedule_id int,
    p_quantity int,
    p_ticket_type_id int,
    p_user_id int,
    p_hold_for interval,
    p_contact jsonb,
    p_idempotency_key text default null,
    p_request jsonb default null,
    p_booking_id int default null,
    p_total_amount numeric default null,
    p_series_id bigint default null,
    out reservation_id bigint,
    out reservation_code text,
    out unit_price numeric,
    out total_amount numeric,
    out expires_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hold_for constant interval := coalesce(p_hold_for, ticketdb.default_hold());
    v_bucket int;
    v_taken record;
begin
    -- a plain order of a guest cannot be wrong; any other is looked at
    if (
        current_setting('transaction_isolation') = 'read committed' and p_schedule_id is not null
        and p_quantity between 1 and 10000 and num_nonnulls(p_user_id, p_hold_for, p_contact) = 0
    ) is not true then
        perform ticketdb.require_read_committed();
        perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity, p_user_id, v_hold_for, p_contact);
    end if;

    if p_ticket_type_id is null then
        -- the inner transaction gives back a lock that was waited for in vain, as in try_bucket
        begin
            update ticketdb.seat_buckets as b
            set held = b.held + p_quantity
            from ticketdb.schedule_offers as o
            where o.schedule_id = p_schedule_id
              and o.refusal is null
              and (o.max_per_order is null or o.max_per_order >= p_quantity)
              and (o.limit_per_user is null or p_user_id is null)
              and b.schedule_id = p_schedule_id
              and b.ticket_type_id = 0
              -- bucket_count, written out: the call would cost as much as finding the row. A wrong guess finds none
              and b.bucket = pg_backend_pid() % least(greatest(o.max_tickets / 16, 1), 64)
              and b.held + b.sold + p_quantity <= b.capacity
            returning b.bucket, o.ticket_price into v_bucket, unit_price;
            if not found then
                raise sqlstate 'TD001';
            end if;
        exception
            when sqlstate 'TD001' then null;
        end;
    end if;
    if v_bucket is null then
        v_taken := ticketdb.take_offered_seats(p_schedule_id, p_ticket_type_id, p_quantity, p_user_id);
        v_bucket := v_taken.bucket;
        unit_price := v_taken.price;
    end if;

    total_amount := case
        when p_total_amount is not null then p_total_amount
        when p_quantity = 1 then unit_price
        else ticketdb.total_price(unit_price, p_quantity)
    end;
    expires_at := clock_timestamp() + v_hold_for;
    insert into public.ticket_reservations as r (
        schedule_id, ticket_type_id, user_id, booking_id, quantity, unit_price, total_amount, expires_at, origin,
        idempotency_key, request, contact, bucket, series_id
    )
    values (
        p_schedule_id, p_ticket_type_id, p_user_id, p_booking_id, p_quantity, hold_tickets.unit_price,
        hold_tickets.total_amount, hold_tickets.expires_at,
        case when p_booking_id is null then 'api' else 'booking' end,
        p_idempotency_key, p_request, p_contact, v_bucket, p_series_id
    )
    returning r.id, r.reservation_code into reservation_id, reservation_code;
end
$$;
revoke execute on function ticketdb.hold_tickets(
    int, int, int, int, interval, jsonb, text, jsonb, int, numeric, bigint
) from public;
comment on function ticketdb.hold_tickets(
    int, int, int, int, interval, jsonb, text, jsonb, int, numeric, bigint
) is
'Hold tickets

p_hold_for: default 15 minutes; p_total_amount: default quantity times price; p_booking_id: the application''s booking;
p_series_id: first reservation of the series that it belongs to.';
-- <<< sql/functions/hold_tickets.sql

drop function ticketdb.issue_tickets;

-- >>> sql/functions/issue_tickets.sql
-- Makes the valid tickets of a reservation as many as are wanted, and returns their codes. Missing ones are issued, the newest
-- surplus ones become void. Called wherever a reservation is confirmed, resized or cancelled.
-- locks: ticket_reservations (by the caller), event_tickets
-- raises: nothing
create or replace function ticketdb.issue_tickets(p_reservation_id bigint, p_wanted int)
returns uuid[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_codes uuid[] := ticketdb.valid_ticket_codes(p_reservation_id);
    v_valid constant int := cardinality(v_codes);
begin
    if v_valid = p_wanted then
        return v_codes;
    end if;
    if v_valid < p_wanted then
        insert into public.event_tickets (reservation_id)
        select p_reservation_id
        from generate_series(1, p_wanted - v_valid);
    end if;
    if v_valid > p_wanted then
        update public.event_tickets as t
        set status = 'void', voided_at = clock_timestamp()
        where t.id in (
            select v.id
            from public.event_tickets as v
            where v.reservation_id = p_reservation_id and v.status = 'valid'
            order by v.id desc
            limit v_valid - p_wanted
        );
    end if;
    return ticketdb.valid_ticket_codes(p_reservation_id);
end
$$;
revoke execute on function ticketdb.issue_tickets(bigint, int) from public;
comment on function ticketdb.issue_tickets(bigint, int) is
'Issue or void tickets until the valid ones match the reservation; returns their codes';
-- <<< sql/functions/issue_tickets.sql

-- >>> sql/functions/legacy_sales.sql
-- What the application's bookings with ids above p_after, up to p_to, become: legacy_purchases and legacy_class_bookings together,
-- with all that a reservation needs. Called by link_purchases.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_sales(p_after bigint, p_to bigint)
returns table (
    booking_id bigint,
    user_id bigint,
    schedule_id int,
    quantity bigint,
    unit_price numeric,
    total_amount numeric,
    status text,
    booked_at timestamptz,
    problem text,
    detail jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set jit = off
as $$
    with bookings as (
        select p.booking_id, p.schedule_id, p.quantity, p.problem, p.detail
        from ticketdb.legacy_purchases(p_after, p_to) as p
        union all
        select c.booking_id, c.schedule_id, c.quantity, c.problem, c.detail
        from ticketdb.legacy_class_bookings(p_after, p_to) as c
    )
    select
        n.booking_id, b.user_id,
        -- linked with a doubt is linked
        case when n.problem is null or n.problem = 'ambiguous_show' then n.schedule_id end,
        n.quantity, coalesce(s.ticket_price, d.default_ticket_price), greatest(coalesce(b.total_amount, 0), 0),
        case
            when ticketdb.booking_is_paid(b.status) then 'confirmed'
            when b.status = 'cancelled' then 'cancelled'
            else 'expired'
        end,
        coalesce(b.created_at at time zone d.timezone, now()),
        n.problem, n.detail
    from bookings as n
    inner join public.bookings as b on b.id = n.booking_id and b.id > p_after and b.id <= p_to
    left join public.event_schedules as s on s.id = n.schedule_id
    left join public.event_definitions as d on d.id = s.event_definition_id;
$$;
revoke execute on function ticketdb.legacy_sales(bigint, bigint) from public;
comment on function ticketdb.legacy_sales(bigint, bigint) is
'Reservations that the application''s bookings become

schedule_id is null where a booking cannot be linked; problem and detail say why, or what is doubtful.';
-- <<< sql/functions/legacy_sales.sql

-- >>> sql/functions/lock_reservation.sql
-- Locks a reservation until the end of the transaction and returns its row. Called by whatever changes one.
-- locks: bookings (key share, where it follows one), ticket_reservations
-- raises: invalid_argument, reservation_not_found
create or replace function ticketdb.lock_reservation(p_reservation_id bigint)
returns record
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_booking_id int;
    v_reservation record;
begin
    if p_reservation_id is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_reservation_id is null', 'Pass the id that reserve_tickets returned.'
        );
    end if;
    select r.* into v_reservation
    from public.ticket_reservations as r
    where r.id = p_reservation_id and r.booking_id is null
    for no key update;
    if found then
        return v_reservation;
    end if;

    select r.booking_id into v_booking_id
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    -- participants that are written later refer to the booking
    perform from public.bookings as b where b.id = v_booking_id for key share;
    select r.* into v_reservation
    from public.ticket_reservations as r
    where r.id = p_reservation_id
    for no key update;
    if not found then
        perform ticketdb.raise_error(
            'reservation_not_found', format('reservation %s does not exist', p_reservation_id),
            'Pass the id that reserve_tickets returned.', jsonb_build_object('reservation_id', p_reservation_id)
        );
    end if;
    return v_reservation;
end
$$;
revoke execute on function ticketdb.lock_reservation(bigint) from public;
comment on function ticketdb.lock_reservation(bigint) is 'Lock a reservation and return its row';
-- <<< sql/functions/lock_reservation.sql

-- >>> sql/functions/participant_text.sql
-- A text as a column of the application's program_participants takes it: cut where it is too long. Called by add_participants.
-- locks: none
-- raises: nothing
create or replace function ticketdb.participant_text(p_column text, p_text text)
returns text
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
begin
    return left(
        p_text,
        -- a varchar(n) has n + 4 here, a text has -1
        (
            select case when a.atttypmod > 4 then a.atttypmod - 4 else 10000 end
            from pg_attribute as a
            where a.attrelid = 'public.program_participants'::regclass and a.attname = p_column
        )
    );
end
$$;
revoke execute on function ticketdb.participant_text(text, text) from public;
comment on function ticketdb.participant_text(text, text) is
'A text, cut to the length of a column of program_participants; null stays null';
-- <<< sql/functions/participant_text.sql

-- >>> sql/functions/queue_for_schedule.sql
-- Stands in line for an occurrence's own row, on which every sale of it counts. Whoever waits for the row itself is woken with all
-- the others by each commit, to find it locked again: with 64 at once that costs more than the sales. In this line one is woken at
-- a time. It guards nothing: who waits in vain, because somebody before him waits for a row that he himself has changed, goes
-- on without, well before the server looks for deadlocks. Called by count_sold_tickets where somebody stands there.
-- locks: an advisory lock of its own for the occurrence, until the transaction ends
-- raises: nothing
create or replace function ticketdb.queue_for_schedule(p_line int, p_schedule_id int)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
begin
    perform pg_advisory_xact_lock(p_line, p_schedule_id);
    return true;
exception
    when lock_not_available or deadlock_detected then
        return false;
end
$$;
revoke execute on function ticketdb.queue_for_schedule(int, int) from public;
comment on function ticketdb.queue_for_schedule(int, int) is
'Wait for the others that sell an occurrence; false where that takes too long

p_line: first key of the advisory lock; the second is the occurrence.';
-- <<< sql/functions/queue_for_schedule.sql

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

drop function ticketdb.seat_paid_reservation;

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

drop function ticketdb.sell_seats;

-- >>> sql/functions/sell_seats.sql
-- Turns a reservation into a sale: participants, tickets, and last its status, with which triggers find it seats that it no longer
-- has, count them, and lock the occurrence's own row, for which all its other sales wait from there on. Called by
-- seat_paid_reservation.
-- locks: ticket_reservations (by the caller), program_participants, then (by trigger) as find_bucket and count_seats
-- raises: what find_bucket raises
create or replace function ticketdb.sell_seats(p_reservation_id bigint, p_quantity int, p_participants jsonb)
returns uuid[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_added boolean := ticketdb.add_participants(p_reservation_id, p_participants);
    v_codes constant uuid[] := ticketdb.issue_tickets(p_reservation_id, p_quantity);
begin
    update public.ticket_reservations as r
    set status = 'confirmed', confirmed_at = clock_timestamp(), closed_at = null, close_reason = null,
        bucket = case when r.status = 'held' then r.bucket end
    where r.id = p_reservation_id;
    return v_codes;
end
$$;
revoke execute on function ticketdb.sell_seats(bigint, int, jsonb) from public;
comment on function ticketdb.sell_seats(bigint, int, jsonb) is
'Turn a reservation into a sale; returns the codes of its tickets';
-- <<< sql/functions/sell_seats.sql

-- >>> sql/functions/take_offered_seats.sql
-- Takes seats for an order at the price of the moment, or says why it cannot have them. Called by hold_tickets where its fast
-- path does not serve.
-- locks: as check_limits and take_seats
-- raises: what find_offer, check_limits and take_seats raise
create or replace function ticketdb.take_offered_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_quantity int,
    p_user_id int,
    out bucket int,
    out price numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_offer record;
    v_seats record;
begin
    v_offer := ticketdb.find_offer(p_schedule_id, p_ticket_type_id);
    if v_offer.limit_per_user is not null and p_user_id is not null or p_quantity > v_offer.max_per_order then
        -- ahead of what check_limits locks or refuses: who comes too late waits for nobody, not even for another order of his own.
        -- Any other order is looked at once, by find_bucket
        v_seats := ticketdb.look_for_seats(p_schedule_id, coalesce(p_ticket_type_id, 0), p_quantity);
    end if;
    perform ticketdb.check_limits(
        p_schedule_id, p_quantity, p_user_id, v_offer.max_per_order, v_offer.limit_per_user
    );
    bucket := ticketdb.take_seats(p_schedule_id, p_ticket_type_id, p_quantity);
    price := v_offer.price;
end
$$;
revoke execute on function ticketdb.take_offered_seats(int, int, int, int) from public;
comment on function ticketdb.take_offered_seats(int, int, int, int) is
'Take seats for an order; returns their bucket and the price of one

p_ticket_type_id, p_user_id may be null.';
-- <<< sql/functions/take_offered_seats.sql

-- >>> sql/functions/take_seats.sql
-- Takes seats for a hold, of a ticket type too, and returns the bucket that they lie in. Called by take_offered_seats.
-- locks: as find_bucket
-- raises: what find_bucket raises
create or replace function ticketdb.take_seats(p_schedule_id int, p_ticket_type_id int, p_quantity int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_bucket constant int := ticketdb.find_bucket(p_schedule_id, p_ticket_type_id, p_quantity);
begin
    if not ticketdb.move_seats(p_schedule_id, 0, v_bucket, p_quantity, 0)
        or p_ticket_type_id is not null
        and not ticketdb.move_seats(p_schedule_id, p_ticket_type_id, v_bucket, p_quantity, 0)
    then
        raise exception 'bucket % of schedule % was locked and had room', v_bucket, p_schedule_id;
    end if;
    return v_bucket;
end
$$;
revoke execute on function ticketdb.take_seats(int, int, int) from public;
comment on function ticketdb.take_seats(int, int, int) is
'Take seats for a hold; returns their bucket

p_ticket_type_id may be null.';
-- <<< sql/functions/take_seats.sql

-- >>> sql/functions/valid_ticket_codes.sql
-- The codes of the valid tickets of a reservation, in order of issue. Called by issue_tickets and sale_receipt.
-- locks: none
-- raises: nothing
create or replace function ticketdb.valid_ticket_codes(p_reservation_id bigint)
returns uuid[]
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return array(
        select t.ticket_code
        from public.event_tickets as t
        where t.reservation_id = p_reservation_id and t.status = 'valid'
        order by t.id
    );
end
$$;
revoke execute on function ticketdb.valid_ticket_codes(bigint) from public;
comment on function ticketdb.valid_ticket_codes(bigint) is
'Codes of the valid tickets of a reservation; an empty array where it has none';
-- <<< sql/functions/valid_ticket_codes.sql

-- >>> sql/functions/participant_text_length.sql (gone)
drop function ticketdb.participant_text_length;
-- <<< sql/functions/participant_text_length.sql (gone)
-- <<< generated
