-- Everything that sells and shows, and the triggers on our own tables.

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/add_participants.sql
-- Writes who comes into the application's program_participants: the people that were named, and the buyer for the tickets
-- without a name. Not for a booking of the application's: there it enters them itself, and must not find them doubled. The table
-- is the application's, with lengths, constraints and triggers of its own: names are cut to fit, and a person who fails is noted
-- on the reservation and undoes neither payment nor seats nor the others. Called after a payment.
-- locks: ticket_reservations (by the caller)
-- raises: nothing but a deadlock or a lock timeout
create or replace function ticketdb.add_participants(p_reservation_id bigint, p_participants jsonb)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sale record;
    v_person record;
    v_participant_id int;
begin
    select
        r.user_id, r.booking_id, r.quantity, r.total_amount,
        coalesce(r.contact ->> 'name', nullif(concat_ws(' ', u.first_name, u.last_name), '')) as name,
        coalesce(r.contact ->> 'mobile', r.contact ->> 'phone') as mobile,
        ticketdb.participant_text_length('name') as name_length,
        ticketdb.participant_text_length('mobile') as mobile_length,
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
        return;
    end if;

    perform set_config('search_path', ticketdb.application_search_path(), true);
    for v_person in
        select n.name, n.mobile, n.quantity, n.amount
        from ticketdb.named_participants(p_participants, v_sale.quantity, v_sale.total_amount) as n
    loop
        begin
            insert into public.program_participants (
                user_id, name, mobile, program_type, subscription_type, ticket_quantity,
                start_date, end_date, amount_paid, event_schedule_id, event_definition_id
            )
            values (
                v_sale.user_id,
                left(coalesce(v_person.name, v_sale.name), v_sale.name_length),
                left(coalesce(v_person.mobile, v_sale.mobile), v_sale.mobile_length),
                v_sale.program_type, v_sale.subscription_type, v_person.quantity,
                v_sale.start_datetime, v_sale.end_datetime, v_person.amount, v_sale.schedule_id, v_sale.definition_id
            )
            returning id into v_participant_id;
            update public.event_tickets as t
            set participant_id = v_participant_id
            where t.id in (
                select v.id
                from public.event_tickets as v
                where v.reservation_id = p_reservation_id and v.status = 'valid' and v.participant_id is null
                order by v.id
                limit v_person.quantity
            );
        exception
            when deadlock_detected or lock_not_available or serialization_failure then
                raise;
            when others then
                update public.ticket_reservations as r
                set participants_problem = concat_ws('; ', r.participants_problem, format('%s: %s', sqlstate, sqlerrm))
                where r.id = p_reservation_id;
        end;
    end loop;
end
$$;
revoke execute on function ticketdb.add_participants(bigint, jsonb) from public;
comment on function ticketdb.add_participants(bigint, jsonb) is
'Write the participants of a paid reservation

p_participants: array of {"name", "mobile", "quantity"}; null means the buyer comes with all tickets.';
-- <<< sql/functions/add_participants.sql

-- >>> sql/functions/application_search_path.sql
-- The search path under which the application's own triggers expect to run: the database's setting, else the schema of its tables.
-- Functions of ours that write the application's tables take it while they do, with pg_catalog first; all that they name
-- themselves is qualified. Never the session's path: these functions run with their owner's rights.
-- locks: none
-- raises: nothing
create or replace function ticketdb.application_search_path()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select 'pg_catalog, ' || coalesce(
        (
            select substr(o.setting, length('search_path=') + 1)
            from pg_db_role_setting as c
            cross join unnest(c.setconfig) as o (setting)
            where c.setrole = 0
              and c.setdatabase in (0, (select d.oid from pg_database as d where d.datname = current_database()))
              and o.setting like 'search_path=_%'
            order by c.setdatabase desc
            limit 1
        ),
        (
            select quote_ident(n.nspname)
            from pg_class as c
            inner join pg_namespace as n on n.oid = c.relnamespace
            where c.oid = 'public.bookings'::regclass
        )
    ) || ', pg_temp';
$$;
revoke execute on function ticketdb.application_search_path() from public;
comment on function ticketdb.application_search_path() is 'Search path that the application''s own triggers expect';
-- <<< sql/functions/application_search_path.sql

-- >>> sql/functions/cancel_reservation.sql
-- The face of ticketdb.cancel_sale.
-- locks, raises: as cancel_sale
create or replace function public.cancel_reservation(
    p_reservation_id bigint,
    p_reason text default null,
    out reservation_id bigint,
    out status text,
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.cancel_sale(p_reservation_id, p_reason);
    select r.reservation_id, r.status, r.refund_due into reservation_id, status, refund_due
    from ticketdb.sale_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function public.cancel_reservation(bigint, text) from public;
comment on function public.cancel_reservation(bigint, text) is
'Cancel a reservation

After payment: its tickets become void, its seats go back on sale, and refund_due is what the buyer has to get back. A
hold is released. Cancelling a sale a second time answers like the first. Errors: reservation_not_found, reservation_expired,
reservation_released.';
-- <<< sql/functions/cancel_reservation.sql

-- >>> sql/functions/cancel_sale.sql
-- Undoes a sale: tickets become void, seats go back on sale, and what was paid is due back. A hold is simply released. The
-- inside of cancel_reservation; the trigger on bookings calls it. A second cancellation of a sale answers like the first.
-- locks: ticket_reservations, then (by trigger) event_schedules, ticketdb.seat_pools
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
    perform ticketdb.refuse_closed(v_reservation.id, v_reservation.status, v_reservation.expires_at, 'cancelled');
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
    perform ticketdb.deactivate_participants(p_reservation_id);
    perform ticketdb.issue_tickets(p_reservation_id);
end
$$;
revoke execute on function ticketdb.cancel_sale(bigint, text) from public;
comment on function ticketdb.cancel_sale(bigint, text) is
'Undo a sale: void its tickets, free its seats, note the refund';
-- <<< sql/functions/cancel_sale.sql

-- >>> sql/functions/change_booking.sql
-- The application changed what a booking with seats asks for: occurrence, ticket type or number. Called by follow_booking.
-- locks: ticket_reservations (by the caller), then as quote_tickets, event_schedules, ticketdb.seat_pools
-- raises: invalid_quantity, ticket_type_not_found, and what quote_tickets raises
create or replace function ticketdb.change_booking(
    p_reservation_id bigint,
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
    v_before record;
    v_price numeric;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    select r.schedule_id, r.quantity into v_before
    from public.ticket_reservations as r
    where r.id = p_reservation_id;

    if p_schedule_id <> v_before.schedule_id then
        v_price := ticketdb.quote_tickets(p_schedule_id, p_quantity, p_ticket_type_id);
    else
        -- on the same occurrence only the tickets that come on top need room
        if p_quantity > v_before.quantity then
            perform ticketdb.quote_tickets(p_schedule_id, p_quantity - v_before.quantity, null);
        end if;
        -- the limit of the ticket type may need the seats of lapsed holds
        while p_ticket_type_id is not null and ticketdb.reclaim_lapsed_holds(p_schedule_id) > 0 loop
            null;
        end loop;
        v_price := ticketdb.ticket_price(p_schedule_id, p_ticket_type_id);
        if v_price is null then
            perform ticketdb.refuse_ticket_type(p_schedule_id, p_ticket_type_id);
        end if;
    end if;
    update public.ticket_reservations as r
    set schedule_id = p_schedule_id, ticket_type_id = p_ticket_type_id, quantity = p_quantity,
        unit_price = v_price, total_amount = coalesce(p_total_amount, v_price * p_quantity)
    where r.id = p_reservation_id;
    perform ticketdb.issue_tickets(p_reservation_id);
end
$$;
revoke execute on function ticketdb.change_booking(bigint, int, int, int, numeric) from public;
comment on function ticketdb.change_booking(bigint, int, int, int, numeric) is
'Follow a change of occurrence, ticket type or attendees of a booking with seats';
-- <<< sql/functions/change_booking.sql

-- >>> sql/functions/check_participants.sql
-- Refuses a list of participants that does not fit its reservation. Called before a payment is recorded.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.check_participants(p_participants jsonb, p_quantity int)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_named bigint;
begin
    if p_participants is null or p_participants = 'null' then
        return;
    end if;
    if jsonb_typeof(p_participants) <> 'array'
        or exists (
            select from jsonb_array_elements(p_participants) as p (person)
            where jsonb_typeof(p.person) <> 'object'
               or coalesce(p.person ->> 'quantity', '1') !~ '^[1-9][0-9]{0,4}$'
        )
    then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_participants is not a list of people',
            'Pass a JSON array such as [{"name": "Asha Rao", "mobile": "+91…", "quantity": 1}].'
        );
    end if;
    select sum(coalesce(p.person ->> 'quantity', '1')::int) into v_named
    from jsonb_array_elements(p_participants) as p (person);
    if v_named > p_quantity then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s participants for a reservation of %s tickets', v_named, p_quantity),
            'Name as many people as there are tickets, or fewer.',
            jsonb_build_object('participants', v_named, 'quantity', p_quantity)
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_participants(jsonb, int) from public;
comment on function ticketdb.check_participants(jsonb, int) is
'Refuse a list of participants that does not fit its reservation';
-- <<< sql/functions/check_participants.sql

-- >>> sql/functions/check_recurrence_arguments.sql
-- Refuses to generate what cannot be generated. Called by generate_recurring_schedules and preview_recurring_schedules.
-- locks: none
-- raises: invalid_argument, definition_not_found, not_recurring
create or replace function ticketdb.check_recurrence_arguments(
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
declare
    v_definition record;
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
            'Generate a shorter period; it can be extended at any time.'
        );
    end if;
    select d.event_code, d.recurrence_type into v_definition
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    if not found then
        perform ticketdb.raise_error(
            'definition_not_found', format('event definition %s does not exist', p_event_definition_id),
            'event_definitions lists the events.',
            jsonb_build_object('event_definition_id', p_event_definition_id)
        );
    end if;
    if v_definition.recurrence_type = 'none' then
        perform ticketdb.raise_error(
            'not_recurring', format('event %s does not recur', v_definition.event_code),
            'Insert its dates into event_schedules, or set its recurrence_type.',
            jsonb_build_object('event_definition_id', p_event_definition_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_recurrence_arguments(int, timestamp, timestamp) from public;
comment on function ticketdb.check_recurrence_arguments(int, timestamp, timestamp) is
'Refuse to generate what cannot be generated';
-- <<< sql/functions/check_recurrence_arguments.sql

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
returns void
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
    if p_user_id is not null and not exists (select from public.users as u where u.id = p_user_id) then
        perform ticketdb.raise_error(
            'invalid_argument', format('user %s does not exist', p_user_id),
            'Pass the id of a row of users, or null for a guest.', jsonb_build_object('user_id', p_user_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_reservation_arguments(int, int, int, interval, jsonb) from public;
comment on function ticketdb.check_reservation_arguments(int, int, int, interval, jsonb) is
'Refuse arguments of a reservation that mean nothing';
-- <<< sql/functions/check_reservation_arguments.sql

-- >>> sql/functions/check_ticket_availability.sql
-- Says whether so many tickets can be bought now. Reads only.
-- locks: none
-- raises: invalid_quantity, invalid_argument
create or replace function public.check_ticket_availability(
    p_schedule_id int,
    p_quantity int default 1,
    p_ticket_type_id int default null,
    out is_available boolean,
    out message text,
    out tickets_available int
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sale record;
    v_type_active boolean;
    v_type_left int;
begin
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    is_available := false;
    tickets_available := 0;

    select s.refusal, s.seats_left into v_sale
    from ticketdb.schedule_sales as s
    where s.schedule_id = p_schedule_id;
    if not found then
        message := 'Event schedule not found';
        return;
    end if;
    if v_sale.refusal is not null then
        message := 'Event is ' || ticketdb.describe_refusal(v_sale.refusal);
        return;
    end if;

    if p_ticket_type_id is not null then
        select t.is_active, t.seats_left into v_type_active, v_type_left
        from ticketdb.type_seats(p_schedule_id, p_ticket_type_id) as t;
        if not found then
            message := 'Ticket type not found';
            return;
        end if;
        if not v_type_active then
            message := 'Ticket type is not on sale';
            return;
        end if;
    end if;

    -- a type without a limit has no number, which least() passes over
    tickets_available := least(v_sale.seats_left, v_type_left);
    is_available := tickets_available >= p_quantity;
    message := case
        when is_available then 'Tickets available'
        when tickets_available = 0 then 'Sold out'
        else format('Only %s tickets available', tickets_available)
    end;
end
$$;
revoke execute on function public.check_ticket_availability(int, int, int) from public;
comment on function public.check_ticket_availability(int, int, int) is
'Check availability

Whether p_quantity tickets of a schedule, or of one of its ticket types, can be bought now, why not, and how many can.
A missing or closed schedule is an answer, not an error. Errors: invalid_quantity, invalid_argument.';
-- <<< sql/functions/check_ticket_availability.sql

-- >>> sql/functions/close_booking.sql
-- The application cancelled, deleted or unlinked a booking: whatever its reservation still has goes back. An imported one is
-- from then on followed like any other. Called by follow_booking.
-- locks: as cancel_sale
-- raises: nothing
create or replace function ticketdb.close_booking(p_reservation_id bigint, p_booking_reference text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.ticket_reservations as r
    set origin = 'booking'
    where r.id = p_reservation_id and r.origin <> 'booking';
    update public.ticket_reservations as r
    set status = 'released', closed_at = clock_timestamp()
    where r.id = p_reservation_id and r.status = 'held';
    if not found and exists (
        select from public.ticket_reservations as r
        where r.id = p_reservation_id and r.status in ('confirmed', 'refund_due')
    ) then
        perform ticketdb.cancel_sale(p_reservation_id, 'booking ' || p_booking_reference || ' was cancelled');
    end if;
end
$$;
revoke execute on function ticketdb.close_booking(bigint, text) from public;
comment on function ticketdb.close_booking(bigint, text) is 'Close the reservation of a booking; null is passed over';
-- <<< sql/functions/close_booking.sql

-- >>> sql/functions/confirm_payment.sql
-- A payment arrived. It is put on record first, then seats are looked for: those of the hold, or after it lapsed whatever is
-- free; where nothing is, the payment stays on record as a refund that is due. The inside of confirm_reservation; the trigger on
-- bookings calls it for the application's paid bookings.
-- locks: ticket_reservations, then as seat_paid_reservation
-- raises: invalid_argument, reservation_not_found, payment_reference_reused, amount_mismatch
create or replace function ticketdb.confirm_payment(
    p_reservation_id bigint,
    p_payment_reference text,
    p_amount numeric,
    p_participants jsonb
)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reservation record;
    v_payment record;
    v_payment_id bigint;
begin
    perform ticketdb.require_read_committed();
    if coalesce(length(p_payment_reference), 0) not between 1 and 255 then
        perform ticketdb.raise_error(
            'invalid_argument',
            format('p_payment_reference has %s characters', coalesce(length(p_payment_reference)::text, 'no')),
            'Pass the reference of the payment provider, 1 to 255 characters; for a free ticket any text of your own '
            'that is unique.'
        );
    end if;

    v_reservation := ticketdb.lock_reservation(p_reservation_id);
    perform ticketdb.check_participants(p_participants, v_reservation.quantity);

    select p.reservation_id, p.amount, p.refund_due into v_payment
    from public.ticket_payments as p
    where p.payment_reference = p_payment_reference;
    if found then
        if v_payment.reservation_id <> p_reservation_id or v_payment.amount <> p_amount then
            perform ticketdb.refuse_payment_reference(p_payment_reference);
        end if;
        return case
            when v_reservation.status = 'confirmed' and v_payment.refund_due = 0 then 'confirmed'
            else 'refund_due'
        end;
    end if;

    if p_amount <> v_reservation.total_amount then
        perform ticketdb.raise_error(
            'amount_mismatch',
            format('%s was paid for reservation %s, %s is due', p_amount, p_reservation_id, v_reservation.total_amount),
            'Charge what is due, or refund the payment; nothing was recorded.',
            jsonb_build_object('paid', p_amount, 'due', v_reservation.total_amount)
        );
    end if;
    insert into public.ticket_payments (reservation_id, payment_reference, amount)
    values (p_reservation_id, p_payment_reference, coalesce(p_amount, v_reservation.total_amount))
    on conflict on constraint payment_reference_unique do nothing
    returning id into v_payment_id;
    if v_payment_id is null then
        perform ticketdb.refuse_payment_reference(p_payment_reference);
    end if;

    if v_reservation.status in ('held', 'expired', 'released') then
        if ticketdb.seat_paid_reservation(p_reservation_id, p_payment_reference) then
            perform ticketdb.add_participants(p_reservation_id, p_participants);
            return 'confirmed';
        end if;
        return 'refund_due';
    end if;

    -- paid already, or called off: this payment goes back
    update public.ticket_payments as p
    set refund_due = p.amount
    where p.id = v_payment_id and p.amount > 0;
    -- nothing more was paid for a free ticket
    return case when v_reservation.status = 'confirmed' and not found then 'confirmed' else 'refund_due' end;
end
$$;
revoke execute on function ticketdb.confirm_payment(bigint, text, numeric, jsonb) from public;
comment on function ticketdb.confirm_payment(bigint, text, numeric, jsonb) is
'Record a payment and seat its reservation; returns confirmed or refund_due

p_amount: null means what is due.';
-- <<< sql/functions/confirm_payment.sql

-- >>> sql/functions/confirm_reservation.sql
-- The face of ticketdb.confirm_payment.
-- locks, raises: as confirm_payment
create or replace function public.confirm_reservation(
    p_reservation_id bigint,
    p_payment_reference text,
    p_amount numeric default null,
    p_participants jsonb default null,
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
    status := ticketdb.confirm_payment(p_reservation_id, p_payment_reference, p_amount, p_participants);
    select r.reservation_id, r.tickets_sold, r.ticket_codes, r.refund_due
    into reservation_id, tickets_sold, ticket_codes, refund_due
    from ticketdb.sale_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function public.confirm_reservation(bigint, text, numeric, jsonb) from public;
comment on function public.confirm_reservation(bigint, text, numeric, jsonb) is
'Confirm a reservation

A payment arrived: p_amount of the venue''s currency, by default what is due. status is confirmed, or refund_due where
the hold had lapsed and the seats are gone; the payment is on record either way. tickets_sold is the schedule''s number
of tickets sold after it, ticket_codes are the valid tickets, refund_due is what the buyer has to get back.
p_participants names who comes: [{"name", "mobile", "quantity"}]; those of a booking of the applications are left to it. The same reference with the same arguments returns
the first answer. Errors: invalid_argument, reservation_not_found, amount_mismatch, payment_reference_reused.';
-- <<< sql/functions/confirm_reservation.sql

-- >>> sql/functions/count_seats.sql
-- The only writer of the seat counters: adds up what a statement changed in ticket_reservations and moves it, occurrence by
-- occurrence in ascending order. Called by trigger after every statement, so that the counters follow whoever writes.
-- locks: for each occurrence event_schedules, then ticketdb.seat_pools
-- raises: invalid_argument (isolation), sold_out, ticket_type_sold_out
create or replace function ticketdb.count_seats()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedules int[];
    v_types int[];
    v_held int[];
    v_sold int[];
    v_move record;
    v_tickets_sold int;
begin
    if tg_op in ('INSERT', 'UPDATE') then
        select
            array_agg(n.schedule_id), array_agg(n.ticket_type_id),
            array_agg(case when n.status = 'held' then n.quantity else 0 end),
            array_agg(case when n.status = 'confirmed' then n.quantity else 0 end)
        into v_schedules, v_types, v_held, v_sold
        from new_rows as n;
    end if;
    if tg_op in ('UPDATE', 'DELETE') then
        select
            v_schedules || array_agg(o.schedule_id), v_types || array_agg(o.ticket_type_id),
            v_held || array_agg(case when o.status = 'held' then -o.quantity else 0 end),
            v_sold || array_agg(case when o.status = 'confirmed' then -o.quantity else 0 end)
        into v_schedules, v_types, v_held, v_sold
        from old_rows as o;
    end if;

    for v_move in
        select
            d.schedule_id,
            case when grouping(d.ticket_type_id) = 1 then 0 else d.ticket_type_id end as ticket_type_id,
            sum(d.held)::int as held,
            sum(d.sold)::int as sold
        from unnest(v_schedules, v_types, v_held, v_sold) as d (schedule_id, ticket_type_id, held, sold)
        group by grouping sets ((d.schedule_id), (d.schedule_id, d.ticket_type_id))
        having (grouping(d.ticket_type_id) = 1 or d.ticket_type_id is not null)
           and (sum(d.held) <> 0 or sum(d.sold) <> 0)
        order by 1, 2
    loop
        -- here, for a statement that moves no seat may run at any level: a user who is deleted leaves his reservations
        perform ticketdb.require_read_committed();
        if v_move.ticket_type_id <> 0 then
            perform ticketdb.open_type_pool(v_move.schedule_id, v_move.ticket_type_id);
            perform ticketdb.move_seats(v_move.schedule_id, v_move.ticket_type_id, v_move.held, v_move.sold);
            continue;
        end if;
        -- the row of the occurrence itself comes before those of its ticket types
        perform ticketdb.lock_schedule(v_move.schedule_id);
        v_tickets_sold := ticketdb.move_seats(v_move.schedule_id, 0, v_move.held, v_move.sold);
        if v_move.sold <> 0 then
            update public.event_schedules as s
            set tickets_sold = v_tickets_sold
            where s.id = v_move.schedule_id;
        end if;
    end loop;
    return null;
end
$$;
revoke execute on function ticketdb.count_seats() from public;
comment on function ticketdb.count_seats() is
'Trigger: keep seat_pools and event_schedules.tickets_sold equal to ticket_reservations';
-- <<< sql/functions/count_seats.sql

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

-- >>> sql/functions/default_hold.sql
-- How long tickets are held where nobody says otherwise. Called wherever a hold begins.
-- locks: none
-- raises: nothing
create or replace function ticketdb.default_hold()
returns interval
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select interval '15 minutes';
$$;
revoke execute on function ticketdb.default_hold() from public;
comment on function ticketdb.default_hold() is 'How long tickets are held by default';
-- <<< sql/functions/default_hold.sql

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

-- >>> sql/functions/describe_refusal.sql
-- A reason for which nothing is sold, in words that fit behind "Event is". Called where a message is made for people.
-- locks: none
-- raises: nothing
create or replace function ticketdb.describe_refusal(p_reason text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case p_reason
        when 'schedule_cancelled' then 'cancelled'
        when 'schedule_completed' then 'completed'
        when 'schedule_blocked' then 'blocked'
        when 'not_on_sale' then 'not on sale'
    end;
$$;
revoke execute on function ticketdb.describe_refusal(text) from public;
comment on function ticketdb.describe_refusal(text) is 'A refusal of schedule_sales in words';
-- <<< sql/functions/describe_refusal.sql

-- >>> sql/functions/find_idempotent_hold.sql
-- The reservation that an idempotency key stands for already, if any. Called by hold_tickets.
-- locks: none
-- raises: idempotency_key_reused, invalid_argument
create or replace function ticketdb.find_idempotent_hold(p_idempotency_key text, p_request jsonb)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reservation record;
begin
    if length(p_idempotency_key) not between 1 and 255 then
        perform ticketdb.raise_error(
            'invalid_argument', format('p_idempotency_key has %s characters', length(p_idempotency_key)),
            'Pass a key of your own for this order, 1 to 255 characters, or null.'
        );
    end if;
    select r.id, r.request into v_reservation
    from public.ticket_reservations as r
    where r.idempotency_key = p_idempotency_key;
    if v_reservation.request <> p_request then
        perform ticketdb.raise_error(
            'idempotency_key_reused',
            format('idempotency key %L was used with other arguments', p_idempotency_key),
            'Use a new key for a new order.', jsonb_build_object('idempotency_key', p_idempotency_key)
        );
    end if;
    return v_reservation.id;
end
$$;
revoke execute on function ticketdb.find_idempotent_hold(text, jsonb) from public;
comment on function ticketdb.find_idempotent_hold(text, jsonb) is
'Id of the reservation that an idempotency key stands for, or null';
-- <<< sql/functions/find_idempotent_hold.sql

-- >>> sql/functions/find_offer.sql
-- One look at an occurrence: what a ticket costs, or why so many cannot be had. seats_uncounted is how many the counters could
-- give at once; the rest of what is left are seats of lapsed holds, to be reclaimed. Called by quote_tickets.
-- locks: none
-- raises: as quote_tickets
create or replace function ticketdb.find_offer(
    p_schedule_id int,
    p_quantity int,
    p_ticket_type_id int,
    out price numeric,
    out seats_uncounted int
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_refusal text;
    v_left int;
    v_type_active boolean;
    v_type_left int;
    v_type_uncounted int;
begin
    select s.refusal, s.ticket_price, s.seats_left, s.seats_uncounted
    into v_refusal, price, v_left, seats_uncounted
    from ticketdb.schedule_sales as s
    where s.schedule_id = p_schedule_id;
    if not found then
        perform ticketdb.raise_error(
            'schedule_not_found', format('schedule %s does not exist', p_schedule_id),
            'v_event_availability lists what is on sale.', jsonb_build_object('schedule_id', p_schedule_id)
        );
    end if;
    if v_refusal is not null then
        perform ticketdb.raise_error(
            v_refusal,
            format('schedule %s sells no tickets: it is %s', p_schedule_id, ticketdb.describe_refusal(v_refusal)),
            'v_event_availability lists what is on sale.', jsonb_build_object('schedule_id', p_schedule_id)
        );
    end if;
    if p_ticket_type_id is not null then
        select t.is_active, t.price, t.seats_left, t.seats_uncounted
        into v_type_active, price, v_type_left, v_type_uncounted
        from ticketdb.type_seats(p_schedule_id, p_ticket_type_id) as t;
        if not found then
            perform ticketdb.refuse_ticket_type(p_schedule_id, p_ticket_type_id);
        end if;
        if not v_type_active then
            perform ticketdb.raise_error(
                'not_on_sale', format('ticket type %s is not on sale', p_ticket_type_id),
                'Choose another ticket type.', jsonb_build_object('ticket_type_id', p_ticket_type_id)
            );
        end if;
    end if;
    if v_left < p_quantity then
        perform ticketdb.refuse_sold_out(p_schedule_id, 0, v_left, p_quantity);
    end if;
    if v_type_left < p_quantity then
        perform ticketdb.refuse_sold_out(p_schedule_id, p_ticket_type_id, v_type_left, p_quantity);
    end if;
    -- a type without a limit has no number, which least() passes over
    seats_uncounted := least(seats_uncounted, v_type_uncounted);
end
$$;
revoke execute on function ticketdb.find_offer(int, int, int) from public;
comment on function ticketdb.find_offer(int, int, int) is
'Price of one ticket, and how many the counters could give at once

p_ticket_type_id may be null.';
-- <<< sql/functions/find_offer.sql

-- >>> sql/functions/follow_booking.sql
-- Lets the application go on selling through its own table: a booking that names an occurrence is followed by a reservation.
-- Pending it is a hold, paid a sale, cancelled or deleted a return; attendees are its quantity. Every order and repetition of
-- these is right, for the reservation's state decides what is still to do. A payment is never refused: where no seat is
-- left it is recorded as due back. Called by trigger on bookings.
-- locks: bookings (by the application), event_schedules by id, ticket_reservations, then as hold_tickets, confirm_payment,
--        cancel_sale
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
        v_was_paid := old.status in ('paid', 'confirmed', 'completed') and old.is_admin_booking is not true;
    end if;
    v_quantity := coalesce(nullif(v_booking.attendees, 0), 1);
    v_amount := case when v_booking.total_amount between 0 and 99999999.99 then v_booking.total_amount end;
    v_wanted := case
        when tg_op = 'DELETE' or v_booking.event_schedule_id is null or v_booking.status = 'cancelled' then 'none'
        -- a booking with which the venue announces an event buys nothing
        when v_booking.is_admin_booking then 'none'
        when v_booking.status in ('paid', 'confirmed', 'completed') then 'sold'
        else 'held'
    end;

    perform ticketdb.lock_schedule(s.schedule_id)
    from (
        select r.schedule_id from public.ticket_reservations as r where r.booking_id = v_booking.id
        union
        select v_booking.event_schedule_id
        order by 1
    ) as s;
    select
        r.id, r.schedule_id, r.ticket_type_id, r.quantity, r.origin, r.participant_id,
        case when r.status = 'held' and r.expires_at <= clock_timestamp() then 'expired' else r.status end as status
    into v_reservation
    from public.ticket_reservations as r
    where r.booking_id = v_booking.id
    for update;

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
            null, null, null, v_booking.id, v_amount
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

-- >>> sql/functions/follow_definition_time_zone.sql
-- Derives the instants of coming occurrences again when their event's zone changes. Called by trigger.
-- locks: event_schedules
-- raises: nothing
create or replace function ticketdb.follow_definition_time_zone()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- naming the column fires derive_schedule_times
    update public.event_schedules as s
    set start_time = s.start_time
    where s.event_definition_id = new.id and s.ends_at > now();
    return null;
end
$$;
revoke execute on function ticketdb.follow_definition_time_zone() from public;
comment on function ticketdb.follow_definition_time_zone() is
'Trigger: move coming occurrences to the new time zone';
-- <<< sql/functions/follow_definition_time_zone.sql

-- >>> sql/functions/generate_recurring_schedules.sql
-- Inserts the occurrences of a recurring event that are missing, in one statement. Safe beside itself: what another run
-- inserts meanwhile is passed over. Dates arrive as timestamps, so that CURRENT_DATE + INTERVAL '30 days' can be passed as it is.
-- locks: event_schedules, ticketdb.seat_pools (new rows only)
-- raises: invalid_argument, definition_not_found, not_recurring
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
many it inserted. Running it again inserts nothing. Errors: invalid_argument, definition_not_found, not_recurring.';
-- <<< sql/functions/generate_recurring_schedules.sql

-- >>> sql/functions/guard_definition.sql
-- Says clearly what is wrong with a definition before a constraint says it tersely, and refuses time zones that are not IANA
-- names. Called by trigger before a definition is written.
-- locks: none
-- raises: invalid_recurrence, invalid_argument
create or replace function ticketdb.guard_definition()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.recurrence_type is null or new.recurrence_type not in ('none', 'daily', 'weekly') then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('recurrence_type %L is not known', new.recurrence_type),
            'Use none, daily or weekly.', jsonb_build_object('recurrence_type', new.recurrence_type)
        );
    end if;
    if new.recurrence_days !~ '^[1-7](,[1-7])*$' or new.recurrence_days ~ '([1-7]).*\1' then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('recurrence_days %L is not a list of weekdays', new.recurrence_days),
            'Give ISO weekdays, comma-separated and each once: 1,3,5 is Monday, Wednesday, Friday.',
            jsonb_build_object('recurrence_days', new.recurrence_days)
        );
    end if;
    if new.recurrence_type = 'weekly' and new.recurrence_days is null then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('weekly event %s does not say on which days', new.event_code),
            'Set recurrence_days, such as 1,3,5 for Monday, Wednesday, Friday.'
        );
    end if;
    if new.recurrence_type <> 'none' and new.default_start_time is null then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('recurring event %s has no start time', new.event_code),
            'Set default_start_time, such as 07:00.'
        );
    end if;

    -- the list of zones takes milliseconds to read: skip it for a zone that is in use already
    if (tg_op = 'INSERT' or new.timezone is distinct from old.timezone)
        and not exists (select from public.event_definitions as d where d.timezone = new.timezone)
        and not exists (
            select from pg_timezone_names as z
            where z.name = new.timezone
              and (z.name ~ '^(?!posix/|right/|SystemV/)[A-Z][^/]*/' or z.name in ('UTC', 'GMT'))
        )
    then
        perform ticketdb.raise_error(
            'invalid_argument', format('time zone %L is not an IANA name', new.timezone),
            'Use a name such as Asia/Kolkata, Europe/Paris or UTC, spelt exactly so; pg_timezone_names lists them.',
            jsonb_build_object('timezone', new.timezone)
        );
    end if;
    return new;
end
$$;
revoke execute on function ticketdb.guard_definition() from public;
comment on function ticketdb.guard_definition() is 'Trigger: refuse a malformed recurrence or an unknown time zone';
-- <<< sql/functions/guard_definition.sql

-- >>> sql/functions/guard_schedule.sql
-- Guards the two numbers of an occurrence. tickets_sold may only be what its seat pool says, so that a write by hand is
-- refused whoever tries it; a new capacity is handed to the pool, or refused. Called by trigger twice: before the write, for an
-- error that says what is wrong, and after it, for what other triggers made of the row.
-- locks: event_schedules (by the write itself), then as reclaim_lapsed_holds
-- raises: tickets_sold_is_derived, capacity_below_sold
create or replace function ticketdb.guard_schedule()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sold int := 0;
    v_held int := 0;
    v_capacity int := new.max_tickets;
begin
    if tg_op = 'UPDATE' then
        select p.capacity, p.sold into v_capacity, v_sold
        from ticketdb.seat_pools as p
        where p.schedule_id = new.id and p.ticket_type_id = 0;
    end if;
    if new.tickets_sold is distinct from v_sold and (tg_op = 'INSERT' or new.tickets_sold is distinct from old.tickets_sold)
    then
        perform ticketdb.raise_error(
            'tickets_sold_is_derived', format('tickets_sold cannot be set to %s by hand', new.tickets_sold),
            'Leave it out; reserve_tickets and confirm_reservation move it.',
            jsonb_build_object('schedule_id', new.id, 'tickets_sold', v_sold)
        );
    end if;

    while v_capacity <> new.max_tickets loop
        update ticketdb.seat_pools as p
        set capacity = new.max_tickets
        where p.schedule_id = new.id and p.ticket_type_id = 0 and p.held + p.sold <= new.max_tickets;
        exit when found;
        if ticketdb.reclaim_lapsed_holds(new.id) = 0 then
            select p.sold, p.held into v_sold, v_held
            from ticketdb.seat_pools as p
            where p.schedule_id = new.id and p.ticket_type_id = 0;
            perform ticketdb.raise_error(
                'capacity_below_sold',
                format(
                    'capacity of schedule %s cannot become %s: %s sold and %s held',
                    new.id, new.max_tickets, v_sold, v_held
                ),
                'Cancel reservations first, or wait until holds lapse.',
                jsonb_build_object('sold', v_sold, 'held', v_held, 'requested', new.max_tickets)
            );
        end if;
    end loop;
    return new;
end
$$;
revoke execute on function ticketdb.guard_schedule() from public;
comment on function ticketdb.guard_schedule() is
'Trigger: refuse tickets_sold written by hand, pass a new capacity to the seat pool';
-- <<< sql/functions/guard_schedule.sql

-- >>> sql/functions/hold_booking_again.sql
-- A booking whose hold had ended is pending again: it takes seats like a new one. Called by follow_booking.
-- locks: ticket_reservations (by the caller), then as quote_tickets
-- raises: what quote_tickets raises
create or replace function ticketdb.hold_booking_again(
    p_reservation_id bigint,
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
    v_price numeric;
begin
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    -- a lapsed hold gives up its old seats first
    update public.ticket_reservations as r
    set status = 'expired'
    where r.id = p_reservation_id and r.status = 'held';
    v_price := ticketdb.quote_tickets(p_schedule_id, p_quantity, p_ticket_type_id);
    update public.ticket_reservations as r
    set schedule_id = p_schedule_id, ticket_type_id = p_ticket_type_id, quantity = p_quantity,
        unit_price = v_price, total_amount = coalesce(p_total_amount, v_price * p_quantity),
        status = 'held', expires_at = clock_timestamp() + ticketdb.default_hold(),
        closed_at = null, close_reason = null
    where r.id = p_reservation_id;
end
$$;
revoke execute on function ticketdb.hold_booking_again(bigint, int, int, int, numeric) from public;
comment on function ticketdb.hold_booking_again(bigint, int, int, int, numeric) is
'Hold tickets again for a booking whose hold had ended';
-- <<< sql/functions/hold_booking_again.sql

-- >>> sql/functions/hold_tickets.sql
-- Takes tickets out of sale until they are paid or the hold lapses. The inside of reserve_tickets; the trigger on bookings
-- calls it for the application's pending bookings.
-- locks: as quote_tickets; then (by trigger) ticketdb.seat_pools
-- raises: invalid_quantity, invalid_argument, idempotency_key_reused, and what quote_tickets raises
create or replace function ticketdb.hold_tickets(
    p_schedule_id int,
    p_quantity int,
    p_ticket_type_id int,
    p_user_id int,
    p_hold_for interval,
    p_idempotency_key text,
    p_contact jsonb,
    p_booking_id int default null,
    p_total_amount numeric default null
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hold_for constant interval := coalesce(p_hold_for, ticketdb.default_hold());
    v_request constant jsonb := jsonb_build_object(
        'schedule_id', p_schedule_id, 'quantity', p_quantity, 'ticket_type_id', p_ticket_type_id,
        'user_id', p_user_id, 'hold_seconds', extract(epoch from p_hold_for), 'contact', p_contact
    );
    v_price numeric;
    v_id bigint;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity, p_user_id, v_hold_for, p_contact);

    v_id := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
    if v_id is not null then
        return v_id;
    end if;

    if p_idempotency_key is null then
        v_price := ticketdb.quote_tickets(p_schedule_id, p_quantity, p_ticket_type_id);
    else
        begin
            v_price := ticketdb.quote_tickets(p_schedule_id, p_quantity, p_ticket_type_id);
        exception
            when sqlstate 'PT409' then
                -- the last seats may have gone to this very order, sent twice at once
                v_id := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
                if v_id is null then
                    raise;
                end if;
                return v_id;
        end;
    end if;
    if v_price * p_quantity > 99999999.99 then
        perform ticketdb.raise_error(
            'invalid_quantity', format('%s tickets at %s cost more than an amount can be', p_quantity, v_price),
            'Ask for fewer tickets.', jsonb_build_object('requested', p_quantity)
        );
    end if;
    insert into public.ticket_reservations (
        schedule_id, ticket_type_id, user_id, booking_id, quantity, unit_price, total_amount, status,
        expires_at, origin, idempotency_key, request, contact
    )
    values (
        p_schedule_id, p_ticket_type_id, p_user_id, p_booking_id, p_quantity, v_price,
        coalesce(p_total_amount, v_price * p_quantity), 'held',
        clock_timestamp() + v_hold_for,
        case when p_booking_id is null then 'api' else 'booking' end,
        p_idempotency_key, case when p_idempotency_key is not null then v_request end, p_contact
    )
    on conflict on constraint idempotency_key_unique do nothing
    returning id into v_id;
    if v_id is null then
        -- somebody else came first with the same key, a moment ago
        v_id := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
    end if;
    return v_id;
end
$$;
revoke execute on function ticketdb.hold_tickets(int, int, int, int, interval, text, jsonb, int, numeric) from public;
comment on function ticketdb.hold_tickets(int, int, int, int, interval, text, jsonb, int, numeric) is
'Hold tickets; returns the id of the reservation

p_hold_for: default 15 minutes; p_total_amount: default quantity times price; p_booking_id: the application''s booking.';
-- <<< sql/functions/hold_tickets.sql

-- >>> sql/functions/issue_tickets.sql
-- Makes the valid tickets of a reservation as many as it has seats: its quantity while confirmed, none otherwise. Missing ones
-- are issued, the newest surplus ones become void. Called wherever a reservation is confirmed, resized or cancelled.
-- locks: ticket_reservations (by the caller)
-- raises: nothing
create or replace function ticketdb.issue_tickets(p_reservation_id bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_wanted int;
    v_valid int;
begin
    select case when r.status = 'confirmed' then r.quantity else 0 end into v_wanted
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    select count(*) into v_valid
    from public.event_tickets as t
    where t.reservation_id = p_reservation_id and t.status = 'valid';

    insert into public.event_tickets (reservation_id)
    select p_reservation_id
    from generate_series(1, v_wanted - v_valid);

    if v_valid > v_wanted then
        update public.event_tickets as t
        set status = 'void', voided_at = clock_timestamp()
        where t.id in (
            select v.id
            from public.event_tickets as v
            where v.reservation_id = p_reservation_id and v.status = 'valid'
            order by v.id desc
            limit v_valid - v_wanted
        );
    end if;
end
$$;
revoke execute on function ticketdb.issue_tickets(bigint) from public;
comment on function ticketdb.issue_tickets(bigint) is
'Issue or void tickets until the valid ones match the reservation';
-- <<< sql/functions/issue_tickets.sql

-- >>> sql/functions/lapsed_seats.sql
-- Seats of holds that have lapsed but are not reclaimed yet: they are in the counters, and free all the same. Called by the
-- views, and only where something is held.
-- locks: none
-- raises: nothing
create or replace function ticketdb.lapsed_seats(p_schedule_id int, p_ticket_type_id int default 0)
returns int
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(sum(r.quantity), 0)::int
    from public.ticket_reservations as r
    where r.schedule_id = p_schedule_id
      and r.status = 'held'
      and r.expires_at <= clock_timestamp()
      and (p_ticket_type_id = 0 or r.ticket_type_id = p_ticket_type_id);
$$;
revoke execute on function ticketdb.lapsed_seats(int, int) from public;
comment on function ticketdb.lapsed_seats(int, int) is
'Seats of lapsed holds that are still counted as held

p_ticket_type_id 0 means the whole occurrence.';
-- <<< sql/functions/lapsed_seats.sql

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

-- >>> sql/functions/legacy_class_bookings.sql
-- The application's bookings for classes that nobody is entered for, with ids above p_after, up to p_to, yet to be linked: they
-- count like purchases, with their attendees on their date.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_class_bookings(p_after bigint, p_to bigint)
returns table (
    booking_id bigint,
    schedule_id int,
    quantity bigint,
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
    select
        b.id, s.id, q.quantity,
        case
            when s.id is null and cardinality(m.candidates) > 1 then 'ambiguous_class'
            when s.id is null then 'no_matching_class'
            when q.quantity not between 1 and 10000 then 'unreadable_quantity'
        end,
        case
            when s.id is null
                then jsonb_build_object(
                    'event_type', b.event_type, 'start_datetime', b.start_datetime, 'candidates', m.candidates
                )
            else jsonb_build_object('quantity', q.quantity)
        end
    from ticketdb.legacy_class_matches('bookings', p_after, p_to) as m
    inner join public.bookings as b on b.id = m.source_id
    cross join lateral (select coalesce(nullif(b.attendees, 0), 1)::bigint as quantity) as q
    left join public.event_schedules as s
        on s.booking_id = m.class_id and s.schedule_date = b.start_datetime::date
    where not exists (select from public.ticket_reservations as r where r.booking_id = b.id);
$$;
revoke execute on function ticketdb.legacy_class_bookings(bigint, bigint) from public;
comment on function ticketdb.legacy_class_bookings(bigint, bigint) is
'Bookings of classes without participants that are yet to be linked';
-- <<< sql/functions/legacy_class_bookings.sql

-- >>> sql/functions/legacy_class_matches.sql
-- Which class the participants of classes are of; with p_source = 'bookings' the same for bookings of classes that have no
-- participants. Ids above p_after, up to p_to, yet to be linked. What is looked at, until it leaves exactly one class:
--   0  the announcement that the participant names
--   1  the classes with the type, space and start of the participant's own booking, on its date
--   2  those with its space and start
--   3  those of the participant's program_type that run on the participant's first day
-- A class runs on the dates of its occurrences, so that all of it is joined by hash.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_class_matches(p_source text, p_after bigint, p_to bigint)
returns table (source_id bigint, class_id bigint, candidates bigint[])
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set jit = off
as $$
    with classes as (
        select
            a.id, lower(btrim(a.event_type)) as event_type, coalesce(a.space_id, -1) as space_id,
            a.start_datetime::time as start_time, s.schedule_date
        from public.bookings as a
        inner join public.event_schedules as s on s.booking_id = a.id
        where a.is_admin_booking and a.booking_type = 'daily'
    ),
    sources as (
        select
            pp.id, lower(btrim(pp.program_type)) as event_type, pp.start_date::date as first_day,
            case when b.is_admin_booking then b.id end as announcement,
            case when b.is_admin_booking is not true then b.id end as own,
            lower(btrim(b.event_type)) as own_type, coalesce(b.space_id, -1) as own_space,
            b.start_datetime::time as own_start, b.start_datetime::date as own_date
        from public.program_participants as pp
        left join public.bookings as b on b.id = pp.booking_id and b.booking_type = 'daily'
        where p_source = 'program_participants'
          and pp.id > p_after and pp.id <= p_to
          and pp.event_schedule_id is null
          and pp.is_active is not false
        union all
        select
            b.id, lower(btrim(b.event_type)), b.start_datetime::date, null, b.id,
            lower(btrim(b.event_type)), coalesce(b.space_id, -1), b.start_datetime::time, b.start_datetime::date
        from public.bookings as b
        where p_source = 'bookings'
          and b.id > p_after and b.id <= p_to
          and b.booking_type = 'daily'
          and b.is_admin_booking is not true
          and b.event_schedule_id is null
          and not exists (select from public.program_participants as pp where pp.booking_id = b.id)
    ),
    options as (
        select s.id, 0 as level, s.announcement as class_id
        from sources as s
        where s.announcement is not null
        union all
        select s.id, case when c.event_type = s.own_type then 1 else 2 end, c.id
        from sources as s
        inner join classes as c
            on c.space_id = s.own_space and c.start_time = s.own_start and c.schedule_date = s.own_date
        where s.own is not null
        union all
        select s.id, 3, c.id
        from sources as s
        inner join classes as c on c.event_type = s.event_type and c.schedule_date = s.first_day
    ),
    found as (
        select
            s.id,
            array_agg(distinct o.class_id) filter (where o.level = 0) as named,
            array_agg(distinct o.class_id) filter (where o.level = 1) as same_type,
            array_agg(distinct o.class_id) filter (where o.level in (1, 2)) as same_start,
            array_agg(distinct o.class_id) filter (where o.level = 3) as running
        from sources as s
        left join options as o on o.id = s.id
        group by s.id
    )
    select
        f.id,
        case
            when f.named is not null then f.named[1]
            when cardinality(f.same_type) = 1 then f.same_type[1]
            when cardinality(f.same_start) = 1 then f.same_start[1]
            when cardinality(f.running) = 1 then f.running[1]
        end,
        f.running
    from found as f;
$$;
revoke execute on function ticketdb.legacy_class_matches(text, bigint, bigint) from public;
comment on function ticketdb.legacy_class_matches(text, bigint, bigint) is
'The class of each participant, or of each class booking without participants

p_source: program_participants or bookings. class_id is null where no single class is left; candidates are the classes of
the type that run on the day.';
-- <<< sql/functions/legacy_class_matches.sql

-- >>> sql/functions/legacy_code.sql
-- The event_code for what the application announced: live-TYPE for a show, TYPE-HHMM for a class. Lower case; everything but
-- letters and digits becomes a single hyphen. Letters are told by their code points, not by the database's locale, so that a
-- type has the same code on every server. Long types are cut and get a piece of their hash, so that they stay apart.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_code(p_is_class boolean, p_event_type text, p_start timestamp)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case when p_is_class then c.word || to_char(p_start, '-HH24MI') else 'live-' || c.word end
    from (
        select case
            -- event_code takes 50 characters, five of them are for live- or -HHMM
            when length(s.slug) <= 45 then s.slug
            else rtrim(left(s.slug, 36), '-') || '-' || left(encode(sha256(convert_to(s.slug, 'UTF8')), 'hex'), 8)
        end as word
        from (
            select coalesce(
                nullif(btrim(regexp_replace(
                    lower(p_event_type),
                    -- above ASCII only the blocks of punctuation, symbols and emoji are no letters
                    '[^a-z0-9\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u2c00-\u2dff\u3040-\ufe0f'
                    || '\ufe20-\ufe2f\ufe70-\ufefe\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc'
                    || '\U00010000-\U0001efff\U00020000-\U0003ffff]+',
                    '-', 'g'
                ), '-'), ''),
                case when p_is_class then 'class' else 'show' end
            ) as slug
        ) as s
    ) as c;
$$;
revoke execute on function ticketdb.legacy_code(boolean, text, timestamp) from public;
comment on function ticketdb.legacy_code(boolean, text, timestamp) is
'Code of the event for a type that the application announced

p_is_class: class or show; p_event_type: as typed, may be null; p_start: start of the class.';
-- <<< sql/functions/legacy_code.sql

-- >>> sql/functions/legacy_places.sql
-- The places of participants who hold them themselves, with ids above p_after, up to p_to, yet to be linked: those of classes, a
-- place on a day or on each day of a pass, and those entered directly on a show. Participants of a purchase are not among
-- them, their booking holds the places. Called by link_places.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_places(p_after bigint, p_to bigint)
returns table (
    participant_id bigint,
    user_id bigint,
    schedule_id int,
    booking_id bigint,
    quantity int,
    unit_price numeric,
    total_amount numeric,
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
    with classes as (
        select s.booking_id, min(s.schedule_date) as first_date, max(s.schedule_date) as last_date
        from public.bookings as a
        inner join public.event_schedules as s on s.booking_id = a.id
        where a.is_admin_booking and a.booking_type = 'daily'
        group by s.booking_id
    ),
    people as (
        select
            pp.id, pp.user_id, pp.booking_id, pp.program_type, pp.start_date,
            coalesce(nullif(pp.ticket_quantity, 0), 1) as quantity,
            greatest(coalesce(pp.amount_paid, 0), 0) as amount, pp.joined_at,
            case when b.booking_type = 'daily' and b.is_admin_booking is not true then b.id end as own_booking,
            case when b.is_admin_booking and b.booking_type like 'live-%' then b.event_schedule_id end as show_id,
            coalesce(pp.start_date, b.start_datetime)::date as first_day,
            case when lower(btrim(pp.subscription_type)) = 'monthly'
                then coalesce(pp.end_date::date, coalesce(pp.start_date, b.start_datetime)::date + 29)
                else coalesce(pp.start_date, b.start_datetime)::date
            end as last_day
        from public.program_participants as pp
        left join public.bookings as b on b.id = pp.booking_id
        where pp.id > p_after and pp.id <= p_to
          and pp.event_schedule_id is null
          and pp.is_active is not false
          and (b.id is null or b.is_admin_booking or b.booking_type is null or b.booking_type not like 'live-%')
          and not exists (select from public.ticket_reservations as r where r.participant_id = pp.id)
    ),
    dated as (
        select p.id, p.show_id as schedule_id, null::date as schedule_date, null::bigint[] as candidates
        from people as p
        where p.show_id is not null
        union all
        select p.id, s.id, s.schedule_date, m.candidates
        from people as p
        inner join ticketdb.legacy_class_matches('program_participants', p_after, p_to) as m on m.source_id = p.id
        left join classes as c on c.booking_id = m.class_id
        -- not before the class begins nor after it ends, or a pass without end would have days without end
        left join lateral generate_series(
            greatest(p.first_day, c.first_date)::timestamp, least(p.last_day, c.last_date)::timestamp, interval '1 day'
        ) as g (day) on true
        left join public.event_schedules as s on s.booking_id = m.class_id and s.schedule_date = g.day::date
        where p.show_id is null
    ),
    numbered as (
        select
            x.*,
            row_number() over (partition by x.id order by x.schedule_date) as place,
            row_number() over (partition by p.own_booking order by x.id, x.schedule_date) as place_of_booking
        from dated as x
        inner join people as p on p.id = x.id
    )
    select
        p.id, p.user_id,
        case when p.quantity between 1 and 10000 then n.schedule_id end,
        -- a booking has one reservation: the first place of its first participant
        case
            when n.place_of_booking = 1
                and not exists (select from public.ticket_reservations as r where r.booking_id = p.own_booking)
                then p.own_booking
        end,
        p.quantity,
        -- a pass is paid for once
        case when n.place = 1 then coalesce(s.ticket_price, d.default_ticket_price) else 0 end,
        case when n.place = 1 then p.amount else 0 end,
        coalesce(p.joined_at at time zone d.timezone, now()),
        case
            when p.quantity not between 1 and 10000 then 'unreadable_quantity'
            when n.schedule_id is not null then null
            when cardinality(n.candidates) > 1 then 'ambiguous_class'
            else 'orphan_participant'
        end,
        jsonb_build_object(
            'program_type', p.program_type, 'start_date', p.start_date, 'booking_id', p.booking_id,
            'quantity', p.quantity, 'candidates', n.candidates
        )
    from numbered as n
    inner join people as p on p.id = n.id
    left join public.event_schedules as s on s.id = n.schedule_id
    left join public.event_definitions as d on d.id = s.event_definition_id
    -- days on which the class does not run, beside days on which it does
    where n.schedule_id is not null or n.place = 1;
$$;
revoke execute on function ticketdb.legacy_places(bigint, bigint) from public;
comment on function ticketdb.legacy_places(bigint, bigint) is
'Places of participants that are yet to be linked

schedule_id is null where there is none; problem and detail say why.';
-- <<< sql/functions/legacy_places.sql

-- >>> sql/functions/legacy_progress.sql
-- Tells the client how far a step of link_legacy_data is: a notice whose message is JSON, from which the command line draws a bar.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_progress(p_step text, p_done bigint, p_of bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise notice '%', json_build_object('step', p_step, 'done', p_done, 'of', p_of);
end
$$;
revoke execute on function ticketdb.legacy_progress(text, bigint, bigint) from public;
comment on function ticketdb.legacy_progress(text, bigint, bigint) is
'Report progress of link_legacy_data to the client';
-- <<< sql/functions/legacy_progress.sql

-- >>> sql/functions/legacy_purchases.sql
-- The bookings for shows with ids above p_after, up to p_to, that are yet to be linked, each with the show it stands for and what
-- it bought. Of several shows at its place and time the one of its type comes first, then the one with its end, then the oldest.
-- The shows are joined by hash: at an estimate without statistics the planner would pair every purchase with every show. Compiling
-- the query for each range of ids would take longer than running it.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_purchases(p_after bigint, p_to bigint)
returns table (
    booking_id bigint,
    schedule_id int,
    quantity bigint,
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
    with shows as (
        select
            a.id, a.event_schedule_id, a.start_datetime, a.end_datetime, coalesce(a.space_id, -1) as space_id,
            lower(btrim(coalesce(a.event_type, ''))) as event_type
        from public.bookings as a
        where a.is_admin_booking and a.booking_type like 'live-%' and a.event_schedule_id is not null
    ),
    purchases as (
        select
            b.id, b.start_datetime, b.end_datetime, coalesce(b.space_id, -1) as space_id,
            lower(btrim(coalesce(b.event_type, ''))) as event_type, b.attendees
        from public.bookings as b
        where b.id > p_after and b.id <= p_to
          and b.booking_type like 'live-%'
          and b.is_admin_booking is not true
          and b.event_schedule_id is null
          and not exists (select from public.ticket_reservations as r where r.booking_id = b.id)
    ),
    people as (
        select
            pp.booking_id, sum(coalesce(nullif(pp.ticket_quantity, 0), 1)) as quantity,
            min(pp.ticket_quantity) as least_quantity
        from public.program_participants as pp
        where pp.booking_id > p_after and pp.booking_id <= p_to and pp.is_active is not false
        group by pp.booking_id
    ),
    matches as (
        select distinct on (p.id)
            p.id, p.start_datetime, p.space_id, s.id as show_id, s.event_schedule_id,
            array_agg(s.id) over same_rank as candidates,
            case
                when n.booking_id is null then coalesce(nullif(p.attendees, 0), 1)
                -- one that makes no sense spoils the sum
                when n.least_quantity < 0 then n.least_quantity
                else n.quantity
            end as quantity
        from purchases as p
        left join shows as s on s.start_datetime = p.start_datetime and s.space_id = p.space_id
        left join people as n on n.booking_id = p.id
        window same_rank as (partition by p.id, s.event_type = p.event_type, s.end_datetime = p.end_datetime)
        order by p.id, (s.event_type = p.event_type) desc, (s.end_datetime = p.end_datetime) desc, s.id
    )
    select
        m.id, m.event_schedule_id, m.quantity,
        case
            when m.event_schedule_id is null then 'no_matching_show'
            when m.quantity not between 1 and 10000 then 'unreadable_quantity'
            when cardinality(m.candidates) > 1 then 'ambiguous_show'
        end,
        case
            when m.event_schedule_id is null
                then jsonb_build_object('space_id', nullif(m.space_id, -1), 'start_datetime', m.start_datetime)
            when m.quantity not between 1 and 10000 then jsonb_build_object('quantity', m.quantity)
            else
                jsonb_build_object(
                    'chosen', m.show_id,
                    'candidates', (select jsonb_agg(c.id order by c.id) from unnest(m.candidates) as c (id))
                )
        end
    from matches as m;
$$;
revoke execute on function ticketdb.legacy_purchases(bigint, bigint) from public;
comment on function ticketdb.legacy_purchases(bigint, bigint) is
'Purchases of shows that are yet to be linked

problem ambiguous_show is a doubt: the purchase is linked all the same.';
-- <<< sql/functions/legacy_purchases.sql

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
        -- the same words as in follow_booking
        case
            when b.status in ('paid', 'confirmed', 'completed') then 'confirmed'
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

-- >>> sql/functions/link_attendance.sql
-- Lets the participants name the occurrence they come to: that of their purchase, or of their first place. A step of
-- link_legacy_data, after the reservations are made.
-- locks: program_participants
-- raises: nothing
create or replace function ticketdb.link_attendance()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_chunk constant int := 20000;
    v_after bigint := -1;
    v_to bigint;
    v_rows bigint;
    v_made bigint := 0;
    v_done bigint := 0;
    v_of bigint;
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    select count(*) into v_of
    from public.program_participants as pp
    where pp.event_schedule_id is null and pp.is_active is not false;
    loop
        select max(n.id), count(*) into v_to, v_rows
        from (
            select pp.id
            from public.program_participants as pp
            where pp.id > v_after and pp.event_schedule_id is null and pp.is_active is not false
            order by pp.id
            limit v_chunk
        ) as n;
        exit when v_to is null;
        v_done := v_done + v_rows;

        update public.program_participants as pp
        set event_schedule_id = o.schedule_id
        from (
            select p.id, b.event_schedule_id as schedule_id
            from public.program_participants as p
            inner join public.bookings as b on b.id = p.booking_id
            where p.id > v_after and p.id <= v_to
              and b.booking_type like 'live-%' and b.is_admin_booking is not true and b.event_schedule_id is not null
            union all
            (
                select distinct on (r.participant_id) r.participant_id, r.schedule_id
                from public.ticket_reservations as r
                inner join public.event_schedules as s on s.id = r.schedule_id
                where r.participant_id > v_after and r.participant_id <= v_to
                  and r.origin = 'legacy' and r.status = 'confirmed'
                order by r.participant_id, s.schedule_date
            )
        ) as o
        where pp.id = o.id and pp.event_schedule_id is null and pp.is_active is not false;
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;
        v_after := v_to;
        perform ticketdb.legacy_progress('participants', v_done, v_of);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_attendance() from public;
comment on function ticketdb.link_attendance() is
'Let participants name the occurrence they come to; returns how many';
-- <<< sql/functions/link_attendance.sql

-- >>> sql/functions/link_booking.sql
-- Fills the event of a booking that names an occurrence, and empties it again when the booking names none.
-- Called by trigger before a booking is written.
-- locks: none
-- raises: nothing
create or replace function ticketdb.link_booking()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select s.event_definition_id into new.event_definition_id
    from public.event_schedules as s
    where s.id = new.event_schedule_id;
    return new;
end
$$;
revoke execute on function ticketdb.link_booking() from public;
comment on function ticketdb.link_booking() is 'Trigger: fill event_definition_id of a booking';
-- <<< sql/functions/link_booking.sql

-- >>> sql/functions/link_capacity.sql
-- Makes room for imported sales: an occurrence that was sold above its capacity keeps the truth, and an issue has both numbers.
-- Called by the steps of link_legacy_data just before they insert sales. The pools stay locked until then, so that nobody takes
-- the room away.
-- locks: event_schedules, then ticketdb.seat_pools, by schedule_id
-- raises: nothing
create or replace function ticketdb.link_capacity(p_schedules int[], p_quantities bigint[])
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform from public.event_schedules as s where s.id = any (p_schedules) order by s.id for no key update;
    perform from ticketdb.seat_pools as p
    where p.schedule_id = any (p_schedules) and p.ticket_type_id = 0
    order by p.schedule_id
    for no key update;

    with oversold as (
        select p.schedule_id, p.capacity, p.sold + n.quantity as sold, p.held + p.sold + n.quantity as needed
        from unnest(p_schedules, p_quantities) as n (schedule_id, quantity)
        inner join ticketdb.seat_pools as p on p.schedule_id = n.schedule_id and p.ticket_type_id = 0
        where p.held + p.sold + n.quantity > p.capacity
    ),
    raised as (
        update public.event_schedules as s
        set max_tickets = o.needed
        from oversold as o
        where s.id = o.schedule_id
        returning s.id, s.booking_id, o.capacity, o.sold
    )
    insert into public.legacy_link_issues as i (source_table, source_id, problem, detail)
    select
        -- a show is one booking, a class many occurrences
        case when b.booking_type = 'daily' then 'event_schedules' else 'bookings' end,
        case when b.booking_type = 'daily' then r.id else r.booking_id end,
        'oversold',
        jsonb_build_object('capacity', r.capacity, 'sold', r.sold, 'schedule_id', r.id)
    from raised as r
    inner join public.bookings as b on b.id = r.booking_id
    order by r.id
    -- raised before: the capacity that it had first stays
    on conflict on constraint one_issue_per_source do update
    set detail = i.detail || jsonb_build_object('sold', excluded.detail -> 'sold');
end
$$;
revoke execute on function ticketdb.link_capacity(int[], bigint[]) from public;
comment on function ticketdb.link_capacity(int[], bigint[]) is
'Raise capacities to what is sold, and note it

p_schedules, p_quantities: occurrences, each once, and the seats that are about to be sold on them.';
-- <<< sql/functions/link_capacity.sql

-- >>> sql/functions/link_class_dates.sql
-- Makes an occurrence for each date of each announced class. One that was generated already is taken over rather than doubled.
-- A step of link_legacy_data.
-- locks: event_schedules, ticketdb.seat_pools (new rows only)
-- raises: nothing
create or replace function ticketdb.link_class_dates()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_class record;
    v_rows bigint;
    v_made bigint := 0;
    v_done bigint := 0;
    v_of bigint;
begin
    select count(*) into v_of from ticketdb.legacy_announcements() as a where a.is_class and a.first_date is not null;
    for v_class in
        select a.*, d.timezone
        from ticketdb.legacy_announcements() as a
        inner join public.event_definitions as d on d.id = a.definition_id
        where a.is_class and a.first_date is not null
        order by a.booking_id
    loop
        update public.event_schedules as s
        set booking_id = v_class.booking_id
        where s.event_definition_id = v_class.definition_id
          and s.schedule_date between v_class.first_date and v_class.last_date
          and s.start_time = v_class.start_time
          and s.booking_id is null
          and not exists (
              select from public.event_schedules as o
              where o.booking_id = v_class.booking_id and o.schedule_date = s.schedule_date
          );
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;

        insert into public.event_schedules (
            event_definition_id, booking_id, schedule_date, start_time, end_time, max_tickets, ticket_price, status, space_id
        )
        select
            v_class.definition_id, v_class.booking_id, g.day::date, v_class.start_time, v_class.end_time,
            v_class.capacity, v_class.price,
            case
                when v_class.status = 'cancelled' then 'cancelled'
                when i.ends_at <= now() then 'completed'
                else 'scheduled'
            end,
            v_class.space_id
        from generate_series(v_class.first_date::timestamp, v_class.last_date::timestamp, interval '1 day') as g (day)
        cross join lateral ticketdb.schedule_instants(
            g.day::date, v_class.start_time, v_class.end_time, v_class.timezone
        ) as i
        where not exists (
            select from public.event_schedules as s
            where s.booking_id = v_class.booking_id and s.schedule_date = g.day::date
        )
        order by g.day;
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;
        v_done := v_done + 1;
        perform ticketdb.legacy_progress('class_dates', v_done, v_of);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_class_dates() from public;
comment on function ticketdb.link_class_dates() is
'Make an occurrence for each date of each class that the application announced; returns how many';
-- <<< sql/functions/link_class_dates.sql

-- >>> sql/functions/link_definitions.sql
-- Makes the events: one for each type of show, one for each type and start time of class. An event that has the code already is
-- used as it is. The first step of link_legacy_data.
-- locks: bookings
-- raises: nothing
create or replace function ticketdb.link_definitions()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_made bigint;
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    insert into public.event_definitions (
        event_code, title, event_category, event_type, recurrence_type, default_start_time, default_end_time,
        max_tickets, default_ticket_price, space_id, venue_id, banner_image_url, created_by_user_id
    )
    -- the earliest announcement speaks for its type
    select distinct on (a.code)
        a.code,
        coalesce(left(initcap(a.event_type), 255), case when a.is_class then 'Daily Class' else 'Live Show' end),
        case when a.is_class then 'wellness' else 'live-show' end,
        coalesce(left(a.event_type, 50), case when a.is_class then 'class' else 'show' end),
        case when a.is_class then 'daily' else 'none' end,
        case when a.is_class then a.start_time end,
        case when a.is_class then a.end_time end,
        -- shows of one type differ in place, price and capacity: those stand with the occurrence
        case when a.is_class then a.capacity else 50 end,
        case when a.is_class then a.price else 0 end,
        case when a.is_class then a.space_id end,
        case when a.is_class then a.venue_id end,
        a.banner_image_url, a.user_id
    from ticketdb.legacy_announcements() as a
    where a.definition_id is null and a.first_date is not null
    order by a.code, a.booking_id
    on conflict on constraint event_code_unique do nothing;
    get diagnostics v_made = row_count;

    update public.bookings as b
    set event_definition_id = d.id
    from ticketdb.legacy_announcements() as a
    inner join public.event_definitions as d on d.event_code = a.code
    where b.id = a.booking_id and a.definition_id is null and a.first_date is not null;
    perform ticketdb.legacy_progress('definitions', v_made, v_made);
    return v_made;
end
$$;
revoke execute on function ticketdb.link_definitions() from public;
comment on function ticketdb.link_definitions() is
'Make the events of the shows and classes that the application announced; returns how many';
-- <<< sql/functions/link_definitions.sql

-- >>> sql/functions/link_issues.sql
-- Notes what is doubtful about the announcements themselves, and strikes out what has been linked since it was noted. A claim is
-- compared only with what this run imported: notes do not follow what is sold or cancelled later. The last step of
-- link_legacy_data; the other steps note their own issues.
-- locks: legacy_link_issues
-- raises: nothing
create or replace function ticketdb.link_issues(p_after_issue bigint, p_after_schedule int, p_after_reservation bigint)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_noted bigint;
begin
    insert into public.legacy_link_issues (source_table, source_id, problem, detail)
    select 'bookings', a.booking_id, p.problem, p.detail
    from ticketdb.legacy_announcements() as a
    inner join public.bookings as b on b.id = a.booking_id
    left join (
        -- sales of ours are not in the application's note
        select r.schedule_id, sum(r.quantity) as sold, max(r.id) as latest
        from public.ticket_reservations as r
        where r.status = 'confirmed' and r.origin <> 'api'
        group by r.schedule_id
    ) as n on n.schedule_id = b.event_schedule_id
    cross join lateral (
        values
            (a.note_problem, jsonb_build_object('note', b.customer_note)),
            (
                case when a.has_odd_times then 'unreadable_times' end,
                jsonb_build_object('start_datetime', b.start_datetime, 'end_datetime', b.end_datetime)
            ),
            (
                case
                    when not a.is_class and a.claimed <> coalesce(n.sold, 0)
                        and (b.event_schedule_id > p_after_schedule or n.latest > p_after_reservation)
                        then 'sold_mismatch'
                end,
                jsonb_build_object('claimed', a.claimed, 'sold', coalesce(n.sold, 0))
            )
    ) as p (problem, detail)
    where p.problem is not null
    order by a.booking_id, p.problem
    on conflict on constraint one_issue_per_source do nothing;

    delete from public.legacy_link_issues as i
    where (
        i.source_table = 'bookings'
        and i.problem in ('no_matching_show', 'no_matching_class', 'ambiguous_class', 'unreadable_quantity')
        and exists (
            select from public.bookings as b where b.id = i.source_id and b.event_schedule_id is not null
        )
    )
    or (
        i.source_table = 'program_participants'
        and exists (
            select from public.program_participants as pp
            where pp.id = i.source_id and pp.event_schedule_id is not null
        )
    );
    select count(*) into v_noted from public.legacy_link_issues as i where i.id > p_after_issue;
    perform ticketdb.legacy_progress('issues', v_noted, v_noted);
    return v_noted;
end
$$;
revoke execute on function ticketdb.link_issues(bigint, int, bigint) from public;
comment on function ticketdb.link_issues(bigint, int, bigint) is
'Note what is doubtful about shows and classes; returns the number of issues with ids above p_after_issue

p_after_schedule, p_after_reservation: rows with ids above them were made by this run.';
-- <<< sql/functions/link_issues.sql

-- >>> sql/functions/link_legacy_data.sql
-- The face of ticketdb.link_steps. A dry run does everything in a sub-block and undoes it by an exception of its own, so that its
-- counts are those of a real run.
-- locks: an advisory lock against a second run, then as link_steps
-- raises: invalid_argument (isolation)
create or replace function public.link_legacy_data(p_dry_run boolean default false)
returns table (step text, rows bigint)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_steps text[];
    v_rows bigint[];
begin
    perform ticketdb.require_read_committed();
    perform pg_advisory_xact_lock(hashtextextended('ticketdb.link_legacy_data', 0));
    begin
        select array_agg(l.step order by l.n), array_agg(l.rows order by l.n) into v_steps, v_rows
        from ticketdb.link_steps() with ordinality as l (step, rows, n);
        if p_dry_run then
            raise exception using errcode = 'TKDRY', message = 'dry run';
        end if;
    exception
        when sqlstate 'TKDRY' then null;
    end;
    return query select n.step, n.rows from unnest(v_steps, v_rows) as n (step, rows);
end
$$;
revoke execute on function public.link_legacy_data(boolean) from public;
comment on function public.link_legacy_data(boolean) is
'Link legacy data

Makes events, schedules and reservations of the shows, daily classes and participants that the application keeps in its
own tables, and returns how many rows each step made. What cannot be linked stands in legacy_link_issues. Running it
again links what is new and changes nothing else. p_dry_run: counts only, everything is undone. Progress comes as notices: {"step", "done", "of"}. Errors:
invalid_argument.';
-- <<< sql/functions/link_legacy_data.sql

-- >>> sql/functions/link_participant.sql
-- Links a participant whom the application enters to the occurrence of his booking. Called by trigger before the row is written.
-- locks: none
-- raises: nothing
create or replace function ticketdb.link_participant()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.event_schedule_id is null then
        select b.event_schedule_id into new.event_schedule_id
        from public.bookings as b
        where b.id = new.booking_id;
    end if;
    if new.event_schedule_id is not null then
        select s.event_definition_id into new.event_definition_id
        from public.event_schedules as s
        where s.id = new.event_schedule_id;
    end if;
    return new;
end
$$;
revoke execute on function ticketdb.link_participant() from public;
comment on function ticketdb.link_participant() is 'Trigger: link a participant to the occurrence of his booking';
-- <<< sql/functions/link_participant.sql

-- >>> sql/functions/link_payments.sql
-- Puts on record what was paid for the reservations that this run made: one payment for each purchase, one for each pass, with its
-- first place. The references are those that later payments of the same booking would have. A step of link_legacy_data.
-- locks: ticket_payments (new rows only)
-- raises: nothing
create or replace function ticketdb.link_payments(p_after_reservation bigint)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_chunk constant int := 50000;
    v_first bigint;
    v_after bigint;
    v_last bigint;
    v_rows bigint;
    v_made bigint := 0;
begin
    select min(r.id) - 1, max(r.id) into v_first, v_last
    from public.ticket_reservations as r
    where r.id > p_after_reservation;
    v_after := v_first;
    while v_after < v_last loop
        insert into public.ticket_payments (reservation_id, payment_reference, amount, received_at)
        select
            r.id, coalesce('booking ' || b.booking_reference, 'participant ' || pp.id), r.total_amount, r.confirmed_at
        from public.ticket_reservations as r
        left join public.bookings as b on b.id = r.booking_id
        left join public.program_participants as pp on pp.id = r.participant_id and pp.event_schedule_id = r.schedule_id
        where r.id > v_after and r.id <= v_after + v_chunk
          and r.origin = 'legacy' and r.status = 'confirmed'
          and (b.id is not null or pp.id is not null)
        order by r.id
        on conflict on constraint payment_reference_unique do nothing;
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;
        v_after := v_after + v_chunk;
        perform ticketdb.legacy_progress(
            'payments', least(v_after, v_last) - v_first, v_last - v_first
        );
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_payments(bigint) from public;
comment on function ticketdb.link_payments(bigint) is
'Record the payments of the reservations with ids above p_after_reservation; returns how many';
-- <<< sql/functions/link_payments.sql

-- >>> sql/functions/link_places.sql
-- Makes a reservation of each place that a participant holds: a day of a class, each day of a pass, a show that he was entered for
-- directly. His own booking names the first of them. By ranges of ids, so that memory stays flat. A step of link_legacy_data.
-- locks: bookings, ticket_reservations, then as link_capacity
-- raises: nothing
create or replace function ticketdb.link_places()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- a pass has some thirty places
    v_chunk constant int := 4000;
    v_after bigint := -1;
    v_to bigint;
    v_rows bigint;
    v_made bigint := 0;
    v_done bigint := 0;
    v_of bigint;
    v_schedules int[];
    v_quantities bigint[];
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    select count(*) into v_of
    from public.program_participants as pp
    left join public.bookings as b on b.id = pp.booking_id
    where pp.event_schedule_id is null and pp.is_active is not false
      and (b.id is null or b.is_admin_booking or b.booking_type is null or b.booking_type not like 'live-%');
    loop
        select max(n.id), count(*) into v_to, v_rows
        from (
            select pp.id
            from public.program_participants as pp
            left join public.bookings as b on b.id = pp.booking_id
            where pp.id > v_after and pp.event_schedule_id is null and pp.is_active is not false
              and (b.id is null or b.is_admin_booking or b.booking_type is null or b.booking_type not like 'live-%')
            order by pp.id
            limit v_chunk
        ) as n;
        exit when v_to is null;
        v_done := v_done + v_rows;
        -- bookings come first in the lock order, and are not to change under the step
        perform from public.bookings as b
        where b.is_admin_booking is not true and b.id in (
            select pp.booking_id from public.program_participants as pp where pp.id > v_after and pp.id <= v_to
        )
        order by b.id
        for no key update;

        insert into public.legacy_link_issues (source_table, source_id, problem, detail)
        select 'program_participants', p.participant_id, p.problem, p.detail
        from ticketdb.legacy_places(v_after, v_to) as p
        where p.problem is not null
        order by p.participant_id
        on conflict on constraint one_issue_per_source do nothing;

        select array_agg(n.schedule_id), array_agg(n.quantity) into v_schedules, v_quantities
        from (
            select p.schedule_id, sum(p.quantity) as quantity
            from ticketdb.legacy_places(v_after, v_to) as p
            where p.schedule_id is not null
            group by p.schedule_id
        ) as n;
        perform ticketdb.link_capacity(v_schedules, v_quantities);

        with made as (
            insert into public.ticket_reservations (
                schedule_id, user_id, booking_id, participant_id, quantity, unit_price, total_amount, status, expires_at,
                origin, created_at, confirmed_at
            )
            select
                p.schedule_id, p.user_id, p.booking_id, p.participant_id, p.quantity, p.unit_price, p.total_amount,
                'confirmed', p.booked_at, 'legacy', p.booked_at, p.booked_at
            from ticketdb.legacy_places(v_after, v_to) as p
            where p.schedule_id is not null
            order by p.participant_id, p.schedule_id
            returning booking_id, schedule_id
        ),
        named as (
            update public.bookings as b
            set event_schedule_id = m.schedule_id
            from made as m
            where b.id = m.booking_id
        )
        select count(*) into v_rows from made;
        v_made := v_made + v_rows;
        v_after := v_to;
        perform ticketdb.legacy_progress('places', v_done, v_of);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_places() from public;
comment on function ticketdb.link_places() is
'Make a reservation of each place that a participant holds; returns how many';
-- <<< sql/functions/link_places.sql

-- >>> sql/functions/link_purchases.sql
-- Makes a reservation of each booking for a show, and of each booking for a class that has no participants: paid ones are sold, the
-- others hold nothing. Then the booking names its occurrence. By ranges of ids, so that memory stays flat. A step of
-- link_legacy_data.
-- locks: bookings, ticket_reservations, then as link_capacity
-- raises: nothing
create or replace function ticketdb.link_purchases()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_chunk constant int := 20000;
    v_after bigint := -1;
    v_to bigint;
    v_rows bigint;
    v_made bigint := 0;
    v_done bigint := 0;
    v_of bigint;
    v_schedules int[];
    v_quantities bigint[];
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    select count(*) into v_of
    from public.bookings as b
    where (b.booking_type like 'live-%' or b.booking_type = 'daily')
      and b.is_admin_booking is not true and b.event_schedule_id is null;
    loop
        select max(n.id), count(*) into v_to, v_rows
        from (
            select b.id
            from public.bookings as b
            where b.id > v_after
              and (b.booking_type like 'live-%' or b.booking_type = 'daily')
              and b.is_admin_booking is not true and b.event_schedule_id is null
            order by b.id
            limit v_chunk
        ) as n;
        exit when v_to is null;
        v_done := v_done + v_rows;
        -- bookings come first in the lock order, and are not to change under the step
        perform from public.bookings as b where b.id > v_after and b.id <= v_to order by b.id for no key update;

        insert into public.legacy_link_issues (source_table, source_id, problem, detail)
        select 'bookings', p.booking_id, p.problem, p.detail
        from ticketdb.legacy_sales(v_after, v_to) as p
        where p.problem is not null
        order by p.booking_id
        on conflict on constraint one_issue_per_source do nothing;

        select array_agg(n.schedule_id), array_agg(n.quantity) into v_schedules, v_quantities
        from (
            select p.schedule_id, sum(p.quantity)::bigint as quantity
            from ticketdb.legacy_sales(v_after, v_to) as p
            where p.schedule_id is not null and p.status = 'confirmed'
            group by p.schedule_id
        ) as n;
        perform ticketdb.link_capacity(v_schedules, v_quantities);

        with made as (
            insert into public.ticket_reservations (
                schedule_id, user_id, booking_id, quantity, unit_price, total_amount, status, expires_at, origin,
                created_at, confirmed_at, closed_at
            )
            select
                p.schedule_id, p.user_id, p.booking_id, p.quantity, p.unit_price, p.total_amount, p.status,
                p.booked_at, 'legacy', p.booked_at,
                case when p.status = 'confirmed' then p.booked_at end,
                case when p.status <> 'confirmed' then p.booked_at end
            from ticketdb.legacy_sales(v_after, v_to) as p
            where p.schedule_id is not null
            order by p.booking_id
            returning booking_id, schedule_id
        )
        update public.bookings as b
        set event_schedule_id = m.schedule_id
        from made as m
        where b.id = m.booking_id;
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;
        v_after := v_to;
        perform ticketdb.legacy_progress('purchases', v_done, v_of);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_purchases() from public;
comment on function ticketdb.link_purchases() is
'Make a reservation of each purchase of the application; returns how many';
-- <<< sql/functions/link_purchases.sql

-- >>> sql/functions/link_shows.sql
-- Makes the occurrence of each announced show and lets its booking name it. A step of link_legacy_data.
-- locks: bookings, event_schedules, ticketdb.seat_pools (new rows only)
-- raises: nothing
create or replace function ticketdb.link_shows()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_made bigint;
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    with made as (
        insert into public.event_schedules (
            event_definition_id, booking_id, schedule_date, start_time, end_time, max_tickets, ticket_price, status, space_id
        )
        select
            a.definition_id, a.booking_id, a.first_date, a.start_time, a.end_time, a.capacity, a.price,
            case
                when a.status = 'cancelled' then 'cancelled'
                when i.ends_at <= now() then 'completed'
                else 'scheduled'
            end,
            a.space_id
        from ticketdb.legacy_announcements() as a
        inner join public.event_definitions as d on d.id = a.definition_id
        cross join lateral ticketdb.schedule_instants(a.first_date, a.start_time, a.end_time, d.timezone) as i
        where not a.is_class
          and a.first_date is not null
          and not exists (select from public.event_schedules as s where s.booking_id = a.booking_id)
        order by a.booking_id
        returning id, booking_id
    )
    update public.bookings as b
    set event_schedule_id = m.id
    from made as m
    where b.id = m.booking_id;
    get diagnostics v_made = row_count;
    perform ticketdb.legacy_progress('shows', v_made, v_made);
    return v_made;
end
$$;
revoke execute on function ticketdb.link_shows() from public;
comment on function ticketdb.link_shows() is
'Make the occurrence of each show that the application announced; returns how many';
-- <<< sql/functions/link_shows.sql

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
end
$$;
revoke execute on function ticketdb.link_steps() from public;
comment on function ticketdb.link_steps() is 'Link the application''s data, step by step; a row for each';
-- <<< sql/functions/link_steps.sql

-- >>> sql/functions/link_tickets.sql
-- Issues the tickets of the sales that this run made, for occurrences that are not over; those that are over admit nobody. Where
-- participants are known each ticket is in a name. A step of link_legacy_data.
-- locks: event_tickets (new rows only)
-- raises: nothing
create or replace function ticketdb.link_tickets(p_after_reservation bigint)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_chunk constant int := 50000;
    v_first bigint;
    v_after bigint;
    v_last bigint;
    v_rows bigint;
    v_made bigint := 0;
begin
    select min(r.id) - 1, max(r.id) into v_first, v_last
    from public.ticket_reservations as r
    where r.id > p_after_reservation;
    v_after := v_first;
    while v_after < v_last loop
        insert into public.event_tickets (reservation_id, participant_id)
        select r.id, coalesce(r.participant_id, pp.id)
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        left join public.program_participants as pp
            on r.participant_id is null and pp.booking_id = r.booking_id and pp.is_active is not false
        cross join lateral generate_series(
            1, case when pp.id is null then r.quantity else coalesce(nullif(pp.ticket_quantity, 0), 1) end
        )
        where r.id > v_after and r.id <= v_after + v_chunk
          and r.origin = 'legacy' and r.status = 'confirmed'
          and s.ends_at > now()
        order by r.id, pp.id;
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;
        v_after := v_after + v_chunk;
        perform ticketdb.legacy_progress(
            'tickets', least(v_after, v_last) - v_first, v_last - v_first
        );
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_tickets(bigint) from public;
comment on function ticketdb.link_tickets(bigint) is
'Issue the tickets of coming occurrences for the reservations with ids above p_after_reservation; returns how many';
-- <<< sql/functions/link_tickets.sql

-- >>> sql/functions/local_instant.sql
-- The instant for which a local date and time stand in a zone. A time that a clock change leaves out is read with the offset
-- before it (02:30 becomes 03:30), which PostgreSQL does by itself; of a time that comes twice the first is meant (RFC 5545),
-- where PostgreSQL alone takes the second.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.local_instant(p_local timestamp, p_timezone text)
returns timestamptz
language sql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
    -- the candidate uses the offset of the day before; it counts where it reads as the same local time
    select case
        when c.candidate at time zone p_timezone = p_local then least(c.candidate, p_local at time zone p_timezone)
        else p_local at time zone p_timezone
    end
    from (
        select (
            p_local - (
                (y.instant at time zone p_timezone) - (y.instant at time zone 'UTC')
            )
        ) at time zone 'UTC' as candidate
        from (select (p_local at time zone p_timezone) - interval '24 hours' as instant) as y
    ) as c;
$$;
revoke execute on function ticketdb.local_instant(timestamp, text) from public;
comment on function ticketdb.local_instant(timestamp, text) is
'Instant of a local date and time

p_local: date and time on the clock of the zone; p_timezone: IANA name.';
-- <<< sql/functions/local_instant.sql

-- >>> sql/functions/lock_reservation.sql
-- Locks a reservation until the end of the transaction and returns its row. Called by whatever changes one.
-- locks: bookings (key share, where it follows one), event_schedules, ticket_reservations
-- raises: invalid_argument, reservation_not_found
create or replace function ticketdb.lock_reservation(p_reservation_id bigint)
returns record
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedule_id int;
    v_booking_id int;
    v_reservation record;
begin
    if p_reservation_id is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_reservation_id is null', 'Pass the id that reserve_tickets returned.'
        );
    end if;
    loop
        select r.schedule_id, r.booking_id into v_schedule_id, v_booking_id
        from public.ticket_reservations as r
        where r.id = p_reservation_id;
        -- participants that are written later refer to the booking
        perform from public.bookings as b where b.id = v_booking_id for key share;
        perform ticketdb.lock_schedule(v_schedule_id);
        select r.* into v_reservation
        from public.ticket_reservations as r
        where r.id = p_reservation_id
        for update;
        if not found then
            perform ticketdb.raise_error(
                'reservation_not_found', format('reservation %s does not exist', p_reservation_id),
                'Pass the id that reserve_tickets returned.', jsonb_build_object('reservation_id', p_reservation_id)
            );
        end if;
        -- its booking may have moved it meanwhile
        exit when v_reservation.schedule_id = v_schedule_id;
    end loop;
    return v_reservation;
end
$$;
revoke execute on function ticketdb.lock_reservation(bigint) from public;
comment on function ticketdb.lock_reservation(bigint) is 'Lock a reservation and return its row';
-- <<< sql/functions/lock_reservation.sql

-- >>> sql/functions/lock_schedule.sql
-- Locks an occurrence until the end of the transaction. Whoever moves its seats or changes one of its reservations does this
-- first, so that within one occurrence nobody waits for anything else. A sale that is refused without it costs nobody a wait.
-- locks: event_schedules
-- raises: nothing
create or replace function ticketdb.lock_schedule(p_schedule_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- not FOR UPDATE: a new reservation's foreign key must not wait for it
    perform from public.event_schedules as s where s.id = p_schedule_id for no key update;
end
$$;
revoke execute on function ticketdb.lock_schedule(int) from public;
comment on function ticketdb.lock_schedule(int) is 'Lock an occurrence until the end of the transaction';
-- <<< sql/functions/lock_schedule.sql

-- >>> sql/functions/move_seats.sql
-- Moves held and sold seats of one occurrence, or of one ticket type on it, in a single guarded update: correct whatever
-- runs beside it. Called by count_seats alone.
-- locks: ticketdb.seat_pools
-- raises: sold_out, ticket_type_sold_out
create or replace function ticketdb.move_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_held int,
    p_sold int
)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sold int;
    v_left int;
begin
    update ticketdb.seat_pools as p
    set held = p.held + p_held, sold = p.sold + p_sold
    where p.schedule_id = p_schedule_id and p.ticket_type_id = p_ticket_type_id
      -- giving back always works; taking only what is there
      and (p_held + p_sold <= 0 or p.capacity is null or p.held + p.sold + p_held + p_sold <= p.capacity)
    returning p.sold into v_sold;
    if not found then
        select p.capacity - p.held - p.sold into v_left
        from ticketdb.seat_pools as p
        where p.schedule_id = p_schedule_id and p.ticket_type_id = p_ticket_type_id;
        perform ticketdb.refuse_sold_out(p_schedule_id, p_ticket_type_id, v_left, p_held + p_sold);
    end if;
    return v_sold;
end
$$;
revoke execute on function ticketdb.move_seats(int, int, int, int) from public;
comment on function ticketdb.move_seats(int, int, int, int) is
'Move seats of one pool; returns the seats sold after it

p_ticket_type_id 0 means the whole occurrence; p_held, p_sold: seats to add, negative to take off.';
-- <<< sql/functions/move_seats.sql

-- >>> sql/functions/named_participants.sql
-- The people of a reservation: those that were named, then one row without a name for the tickets that are left. The amount is
-- divided by tickets; what rounding leaves over stands with the first. Called by
-- add_participants.
-- locks: none
-- raises: nothing
create or replace function ticketdb.named_participants(
    p_participants jsonb,
    p_quantity int,
    p_amount numeric,
    out name text,
    out mobile text,
    out quantity int,
    out amount numeric
)
returns setof record
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    with named as (
        select
            p.position, p.person ->> 'name' as name, p.person ->> 'mobile' as mobile,
            coalesce(p.person ->> 'quantity', '1')::int as quantity
        from jsonb_array_elements(
            case when jsonb_typeof(p_participants) = 'array' then p_participants else '[]' end
        ) with ordinality as p (person, "position")
    ),
    rest as (
        select count(*) + 1 as position, p_quantity - coalesce(sum(n.quantity), 0)::int as quantity
        from named as n
    ),
    everybody as (
        select n.position, n.name, n.mobile, n.quantity from named as n
        union all
        select r.position, null, null, r.quantity from rest as r where r.quantity > 0
    ),
    shares as (
        select e.*, trunc(p_amount * e.quantity / p_quantity, 2) as share
        from everybody as e
    )
    select
        s.name, s.mobile, s.quantity,
        s.share + case when s.position = 1 then p_amount - sum(s.share) over () else 0 end
    from shares as s
    order by s.position;
$$;
revoke execute on function ticketdb.named_participants(jsonb, int, numeric) from public;
comment on function ticketdb.named_participants(jsonb, int, numeric) is 'The people of a reservation, one row each';
-- <<< sql/functions/named_participants.sql

-- >>> sql/functions/open_seat_pools.sql
-- Gives each new occurrence its seat pool. Called by trigger after occurrences are inserted.
-- locks: ticketdb.seat_pools
-- raises: nothing
create or replace function ticketdb.open_seat_pools()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into ticketdb.seat_pools (schedule_id, capacity)
    select n.id, n.max_tickets
    from new_rows as n;
    return null;
end
$$;
revoke execute on function ticketdb.open_seat_pools() from public;
comment on function ticketdb.open_seat_pools() is 'Trigger: make the seat pool of each new occurrence';
-- <<< sql/functions/open_seat_pools.sql

-- >>> sql/functions/open_type_pool.sql
-- Makes the seat pool of a ticket type on an occurrence when its first ticket is asked for. The share lock keeps the limit
-- still until the pool is there, so that a new limit finds it. Called by count_seats, and ahead of it by quote_tickets.
-- locks: ticket_types (share), ticketdb.seat_pools
-- raises: nothing
create or replace function ticketdb.open_type_pool(p_schedule_id int, p_ticket_type_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select from ticketdb.seat_pools as p
        where p.schedule_id = p_schedule_id and p.ticket_type_id = p_ticket_type_id
    ) then
        return;
    end if;
    insert into ticketdb.seat_pools (schedule_id, ticket_type_id, capacity)
    select p_schedule_id, t.id, t.max_quantity
    from (
        select tt.id, tt.max_quantity
        from public.ticket_types as tt
        where tt.id = p_ticket_type_id
        for share
    ) as t
    on conflict on constraint seat_pools_pkey do nothing;
end
$$;
revoke execute on function ticketdb.open_type_pool(int, int) from public;
comment on function ticketdb.open_type_pool(int, int) is 'Make the seat pool of a ticket type on an occurrence';
-- <<< sql/functions/open_type_pool.sql

-- >>> sql/functions/participant_text_length.sql
-- How long a text column of the application's program_participants may be. Called by add_participants.
-- locks: none
-- raises: nothing
create or replace function ticketdb.participant_text_length(p_column text)
returns int
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    -- a varchar(n) has n + 4 here, a text has -1
    select case when a.atttypmod > 4 then a.atttypmod - 4 else 10000 end
    from pg_attribute as a
    where a.attrelid = 'public.program_participants'::regclass and a.attname = p_column;
$$;
revoke execute on function ticketdb.participant_text_length(text) from public;
comment on function ticketdb.participant_text_length(text) is
'Longest text, in characters, that a column of program_participants takes';
-- <<< sql/functions/participant_text_length.sql

-- >>> sql/functions/preview_recurring_schedules.sql
-- What generate_recurring_schedules would do, without doing it.
-- locks: none
-- raises: invalid_argument, definition_not_found, not_recurring
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
event in the same space at that time (conflict). Writes nothing. Errors: invalid_argument, definition_not_found,
not_recurring.';
-- <<< sql/functions/preview_recurring_schedules.sql

-- >>> sql/functions/quote_tickets.sql
-- Decides whether tickets can be sold now and at what price, taking back the seats of lapsed holds where they are needed. It
-- looks twice: without a lock, so that those who come too late are refused at no cost to anybody, then with the occurrence
-- locked, so that what it says stays true until the seats are taken. Called before seats are taken: by hold_tickets,
-- seat_paid_reservation and for the application's bookings.
-- locks: ticket_types (share, before the first ticket of a type), event_schedules, then as reclaim_lapsed_holds
-- raises: schedule_not_found, schedule_cancelled, schedule_completed, schedule_blocked, not_on_sale, ticket_type_not_found,
--         sold_out, ticket_type_sold_out
create or replace function ticketdb.quote_tickets(p_schedule_id int, p_quantity int, p_ticket_type_id int)
returns numeric
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_offer record;
begin
    v_offer := ticketdb.find_offer(p_schedule_id, p_quantity, p_ticket_type_id);
    if p_ticket_type_id is not null and not exists (
        select from ticketdb.seat_pools as p
        where p.schedule_id = p_schedule_id and p.ticket_type_id = p_ticket_type_id
    ) then
        -- count_seats will make the pool: the lock that this takes comes before that of the occurrence
        perform from public.ticket_types as t where t.id = p_ticket_type_id for share;
    end if;

    perform ticketdb.lock_schedule(p_schedule_id);
    v_offer := ticketdb.find_offer(p_schedule_id, p_quantity, p_ticket_type_id);
    while v_offer.seats_uncounted < p_quantity loop
        perform ticketdb.reclaim_lapsed_holds(p_schedule_id);
        v_offer := ticketdb.find_offer(p_schedule_id, p_quantity, p_ticket_type_id);
    end loop;
    return v_offer.price;
end
$$;
revoke execute on function ticketdb.quote_tickets(int, int, int) from public;
comment on function ticketdb.quote_tickets(int, int, int) is
'Price of one ticket, where so many can be sold now

p_ticket_type_id may be null. The occurrence stays locked until the end of the transaction.';
-- <<< sql/functions/quote_tickets.sql

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

-- >>> sql/functions/read_show_note.sql
-- Reads what an admin typed into a show's customer_note: "Sold: 4 | Tickets: 120 @ ₹1,200.50", in any order and between other
-- text. Only a word with its number counts, so that "Sold out of chairs? bring 20" says nothing. Called by legacy_announcements.
-- locks: none
-- raises: nothing
create or replace function ticketdb.read_show_note(
    p_note text,
    out capacity int,
    out price numeric,
    out sold int,
    out problem text
)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    -- grouped by thousands, Indian lakhs included, or plain; never \d, which takes digits of every script
    v_number constant text := '([0-9]{1,3}(?:,[0-9]{2,3})+|[0-9]+)';
    v_tickets text;
    v_price text;
    v_sold text;
begin
    if p_note !~ '\S' or p_note is null then
        capacity := 50;
        price := 0;
        problem := 'no_note';
        return;
    end if;

    -- the price stands behind the number of tickets, with or without a currency
    select m.parts[1], m.parts[2] into v_tickets, v_price
    from regexp_match(
        p_note,
        '(?i)\mtickets?\s*[:=]\s*' || v_number || '(?:\s*@\s*(?:[^-0-9\s|]{1,4}\s*)?(' || v_number || '(?:\.[0-9]+)?))?'
    ) as m (parts);
    select m.parts[1] into v_sold
    from regexp_match(p_note, '(?i)\msold\s*[:=]\s*' || v_number) as m (parts);
    v_tickets := replace(v_tickets, ',', '');
    v_price := replace(v_price, ',', '');
    v_sold := replace(v_sold, ',', '');

    -- longer numbers than these fit no column
    if length(v_tickets) < 10 then
        capacity := v_tickets::int;
        if v_price ~ '^[0-9]{1,8}([.][0-9]{1,2})?$' then
            price := v_price::numeric;
        end if;
    end if;
    if length(v_sold) < 10 then
        sold := v_sold::int;
    end if;
    if price is null then
        problem := 'unreadable_note';
    end if;
    capacity := coalesce(capacity, 50);
    price := coalesce(price, 0);
end
$$;
revoke execute on function ticketdb.read_show_note(text) from public;
comment on function ticketdb.read_show_note(text) is
'Read capacity, price and claimed sales out of a note

Without a number of tickets: capacity 50, price 0. problem: no_note or unreadable_note, null where all is read.';
-- <<< sql/functions/read_show_note.sql

-- >>> sql/functions/reclaim_lapsed_holds.sql
-- Takes the seats of lapsed holds of one occurrence back, the oldest first and a bounded number at a time. Called by whoever
-- needs the seats.
-- locks: event_schedules, ticket_reservations by id, then (by trigger) ticketdb.seat_pools
-- raises: nothing
create or replace function ticketdb.reclaim_lapsed_holds(p_schedule_id int, p_limit int default 100)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids bigint[];
begin
    perform ticketdb.lock_schedule(p_schedule_id);
    select array_agg(h.id) into v_ids
    from (
        select r.id
        from public.ticket_reservations as r
        where r.schedule_id = p_schedule_id and r.status = 'held' and r.expires_at <= clock_timestamp()
        order by r.id
        limit p_limit
        for update
    ) as h;
    if v_ids is null then
        return 0;
    end if;
    update public.ticket_reservations as r
    set status = 'expired', closed_at = clock_timestamp()
    where r.id = any (v_ids);
    return cardinality(v_ids);
end
$$;
revoke execute on function ticketdb.reclaim_lapsed_holds(int, int) from public;
comment on function ticketdb.reclaim_lapsed_holds(int, int) is
'Expire lapsed holds of an occurrence; returns how many

p_limit: at most so many.';
-- <<< sql/functions/reclaim_lapsed_holds.sql

-- >>> sql/functions/refuse_closed.sql
-- Says that a reservation is closed: lapsed (swept or not), released or cancelled. The status that the caller would set is let
-- through, so that a repeat is answered like the first call. Called by release_hold and cancel_sale.
-- locks: none
-- raises: reservation_expired, reservation_released, reservation_cancelled
create or replace function ticketdb.refuse_closed(
    p_reservation_id bigint,
    p_status text,
    p_expires_at timestamptz,
    p_except text
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_status constant text := case
        when p_status = 'held' and p_expires_at <= clock_timestamp() then 'expired'
        else p_status
    end;
begin
    if v_status in ('expired', 'released', 'cancelled') and v_status <> p_except then
        perform ticketdb.raise_error(
            'reservation_' || v_status, format('reservation %s is %s', p_reservation_id, v_status),
            'Its seats are back on sale; reserve again.',
            jsonb_build_object('reservation_id', p_reservation_id, 'status', v_status)
        );
    end if;
end
$$;
revoke execute on function ticketdb.refuse_closed(bigint, text, timestamptz, text) from public;
comment on function ticketdb.refuse_closed(bigint, text, timestamptz, text) is
'Raise an error for a closed reservation

p_except: a status that is let through.';
-- <<< sql/functions/refuse_closed.sql

-- >>> sql/functions/refuse_payment_reference.sql
-- Says that a payment reference stands for another payment.
-- locks: none
-- raises: payment_reference_reused
create or replace function ticketdb.refuse_payment_reference(p_payment_reference text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'payment_reference_reused',
        format('payment reference %L is on record for another reservation or amount', p_payment_reference),
        'Each payment has a reference of its own; look it up in ticket_payments.',
        jsonb_build_object('payment_reference', p_payment_reference)
    );
end
$$;
revoke execute on function ticketdb.refuse_payment_reference(text) from public;
comment on function ticketdb.refuse_payment_reference(text) is 'Raise payment_reference_reused';
-- <<< sql/functions/refuse_payment_reference.sql

-- >>> sql/functions/refuse_sold_out.sql
-- Says that there are not enough seats, and how many there are.
-- locks: none
-- raises: sold_out, ticket_type_sold_out
create or replace function ticketdb.refuse_sold_out(
    p_schedule_id int,
    p_ticket_type_id int,
    p_available int,
    p_requested int
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        case when p_ticket_type_id = 0 then 'sold_out' else 'ticket_type_sold_out' end,
        case
            when p_ticket_type_id = 0
                then format('schedule %s has %s tickets left, %s requested', p_schedule_id, p_available, p_requested)
            else
                format(
                    'schedule %s has %s tickets of type %s left, %s requested',
                    p_schedule_id, p_available, p_ticket_type_id, p_requested
                )
        end,
        case
            when p_available > 0 then 'Ask for fewer tickets, or choose another date.'
            else 'Choose another date, or try again later: holds that are not paid come back on sale.'
        end,
        jsonb_build_object('available', p_available, 'requested', p_requested)
    );
end
$$;
revoke execute on function ticketdb.refuse_sold_out(int, int, int, int) from public;
comment on function ticketdb.refuse_sold_out(int, int, int, int) is
'Raise sold_out, or ticket_type_sold_out where p_ticket_type_id is not 0';
-- <<< sql/functions/refuse_sold_out.sql

-- >>> sql/functions/refuse_ticket_type.sql
-- Says that an occurrence's event has no such ticket type.
-- locks: none
-- raises: ticket_type_not_found
create or replace function ticketdb.refuse_ticket_type(p_schedule_id int, p_ticket_type_id int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'ticket_type_not_found', format('schedule %s has no ticket type %s', p_schedule_id, p_ticket_type_id),
        'ticket_types lists the types of each event.',
        jsonb_build_object('schedule_id', p_schedule_id, 'ticket_type_id', p_ticket_type_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_ticket_type(int, int) from public;
comment on function ticketdb.refuse_ticket_type(int, int) is 'Raise ticket_type_not_found';
-- <<< sql/functions/refuse_ticket_type.sql

-- >>> sql/functions/refuse_truncate.sql
-- A table from which counters are derived, or that they are compared with, is never emptied behind their back. Called by trigger
-- before truncate.
-- locks: none
-- raises: not_allowed
create or replace function ticketdb.refuse_truncate()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'not_allowed', format('%s cannot be truncated: the seat counters are counted from rows', tg_table_name),
        'Delete the rows instead, as far as other rows allow it.', jsonb_build_object('table', tg_table_name)
    );
    return null;
end
$$;
revoke execute on function ticketdb.refuse_truncate() from public;
comment on function ticketdb.refuse_truncate() is 'Trigger: refuse to truncate a table from which counters are derived';
-- <<< sql/functions/refuse_truncate.sql

-- >>> sql/functions/release_hold.sql
-- The buyer walked away: the seats of the hold go back on sale. The inside of release_reservation. A second release answers
-- like the first.
-- locks: ticket_reservations, then (by trigger) ticketdb.seat_pools
-- raises: reservation_not_found, already_confirmed, reservation_expired, reservation_cancelled
create or replace function ticketdb.release_hold(p_reservation_id bigint)
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
    if v_reservation.status in ('confirmed', 'refund_due') then
        perform ticketdb.raise_error(
            'already_confirmed', format('reservation %s is paid', p_reservation_id),
            'Call cancel_reservation to give paid tickets back.',
            jsonb_build_object('reservation_id', p_reservation_id, 'status', v_reservation.status)
        );
    end if;
    perform ticketdb.refuse_closed(v_reservation.id, v_reservation.status, v_reservation.expires_at, 'released');
    update public.ticket_reservations as r
    set status = 'released', closed_at = clock_timestamp()
    where r.id = p_reservation_id and r.status = 'held';
end
$$;
revoke execute on function ticketdb.release_hold(bigint) from public;
comment on function ticketdb.release_hold(bigint) is 'Give the seats of a hold back';
-- <<< sql/functions/release_hold.sql

-- >>> sql/functions/release_reservation.sql
-- The face of ticketdb.release_hold.
-- locks, raises: as release_hold
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

The buyer walked away before paying: the tickets go back on sale at once. A second release answers like the first.
Errors: reservation_not_found, already_confirmed, reservation_expired, reservation_cancelled.';
-- <<< sql/functions/release_reservation.sql

-- >>> sql/functions/require_read_committed.sql
-- Refuses to sell in a transaction that cannot see what others commit: there a contended counter would end in 40001,
-- which PostgREST before 16 repeats for ever. Called first by everything that moves seats.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.require_read_committed()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        perform ticketdb.raise_error(
            'invalid_argument',
            format('tickets cannot be sold in a %s transaction', current_setting('transaction_isolation')),
            'Call it in a transaction at read committed; no seat can be sold twice there.',
            jsonb_build_object('isolation', current_setting('transaction_isolation'))
        );
    end if;
end
$$;
revoke execute on function ticketdb.require_read_committed() from public;
comment on function ticketdb.require_read_committed() is
'Refuse isolation levels at which a contended counter would end in SQLSTATE 40001';
-- <<< sql/functions/require_read_committed.sql

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

-- >>> sql/functions/reserve_tickets.sql
-- The face of ticketdb.hold_tickets.
-- locks, raises: as hold_tickets
create or replace function public.reserve_tickets(
    p_schedule_id int,
    p_quantity int default 1,
    p_ticket_type_id int default null,
    p_user_id int default null,
    p_hold_for interval default null,
    p_idempotency_key text default null,
    p_contact jsonb default null,
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
    select r.* into
        reservation_id, reservation_code, schedule_id, ticket_type_id, quantity, unit_price, total_amount, status,
        expires_at
    from ticketdb.reservation_receipt(ticketdb.hold_tickets(
        p_schedule_id, p_quantity, p_ticket_type_id, p_user_id, p_hold_for, p_idempotency_key, p_contact
    )) as r;
end
$$;
revoke execute on function public.reserve_tickets(int, int, int, int, interval, text, jsonb) from public;
comment on function public.reserve_tickets(int, int, int, int, interval, text, jsonb) is
'Reserve tickets

Takes tickets out of sale until they are paid (confirm_reservation), given up (release_reservation) or p_hold_for has
passed, by default 15 minutes. The same p_idempotency_key with the same arguments returns the same reservation.
Amounts are in the venue''s currency. Errors: invalid_quantity, invalid_argument, schedule_not_found,
ticket_type_not_found, sold_out, ticket_type_sold_out, not_on_sale, schedule_cancelled, schedule_completed,
schedule_blocked, idempotency_key_reused.';
-- <<< sql/functions/reserve_tickets.sql

-- >>> sql/functions/resize_ticket_type.sql
-- Hands a new limit of a ticket type to its seat pools, or refuses it where an occurrence has more sold or held. Called by
-- trigger before the limit is written.
-- locks: ticket_types (by the update itself), then for each occurrence by id event_schedules, ticketdb.seat_pools
-- raises: capacity_below_sold
create or replace function ticketdb.resize_ticket_type()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pool record;
begin
    for v_pool in
        select p.schedule_id
        from ticketdb.seat_pools as p
        where p.ticket_type_id = new.id
        order by p.schedule_id
    loop
        perform ticketdb.lock_schedule(v_pool.schedule_id);
        loop
            update ticketdb.seat_pools as p
            set capacity = new.max_quantity
            where p.schedule_id = v_pool.schedule_id and p.ticket_type_id = new.id
              and (new.max_quantity is null or p.held + p.sold <= new.max_quantity);
            exit when found;
            if ticketdb.reclaim_lapsed_holds(v_pool.schedule_id) = 0 then
                perform ticketdb.raise_error(
                    'capacity_below_sold',
                    format(
                        'limit of ticket type %s cannot become %s: schedule %s has more sold or held',
                        new.id, new.max_quantity, v_pool.schedule_id
                    ),
                    'Cancel reservations first, or wait until holds lapse.',
                    jsonb_build_object('schedule_id', v_pool.schedule_id, 'requested', new.max_quantity)
                );
            end if;
        end loop;
    end loop;
    return new;
end
$$;
revoke execute on function ticketdb.resize_ticket_type() from public;
comment on function ticketdb.resize_ticket_type() is 'Trigger: pass a new limit of a ticket type to its seat pools';
-- <<< sql/functions/resize_ticket_type.sql

-- >>> sql/functions/revoke_default_grants.sql
-- Closes what ticketdb made to everybody but its owner. A database may grant rights on every new table and function by default, as
-- Supabase does to anon and authenticated; row level security does not cover all of them, truncate for one. Called by migrations
-- after they made something.
-- locks: the objects themselves, briefly
-- raises: nothing
create or replace function ticketdb.revoke_default_grants()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_object record;
    -- the inside, where it has a schema of its own
    v_inside constant oid := (
        select nullif(i.relnamespace, f.relnamespace)
        from pg_class as i
        cross join pg_class as f
        where i.oid = 'ticketdb.seat_pools'::regclass and f.oid = 'public.event_schedules'::regclass
    );
begin
    for v_object in
        with ours as (
            select c.oid, c.relacl as acl, c.relowner as owner,
                case c.relkind when 'S' then 'sequence' else 'table' end as kind, c.oid::regclass::text as name
            from pg_class as c
            where c.relkind in ('r', 'p', 'v', 'm', 'S')
              and (
                  c.relnamespace = v_inside
                  or c.oid in (
                      'public.event_definitions'::regclass, 'public.event_schedules'::regclass,
                      'public.ticket_types'::regclass, 'public.ticket_reservations'::regclass,
                      'public.ticket_payments'::regclass, 'public.event_tickets'::regclass,
                      'public.legacy_link_issues'::regclass, 'public.v_event_availability'::regclass,
                      'public.v_schedule_participants'::regclass
                  )
                  -- the sequences of their keys
                  or exists (
                      select from pg_depend as d
                      where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
                        and d.refobjid in (
                            'public.event_definitions'::regclass, 'public.event_schedules'::regclass,
                            'public.ticket_types'::regclass, 'public.ticket_reservations'::regclass,
                            'public.ticket_payments'::regclass, 'public.event_tickets'::regclass,
                            'public.legacy_link_issues'::regclass
                        )
                  )
              )
            union all
            select p.oid, p.proacl, p.proowner, 'function', p.oid::regprocedure::text
            from pg_proc as p
            where p.pronamespace = v_inside
               or p.oid in (
                   'public.generate_recurring_schedules'::regproc, 'public.preview_recurring_schedules'::regproc,
                   'public.check_ticket_availability'::regproc, 'public.reserve_tickets'::regproc,
                   'public.confirm_reservation'::regproc, 'public.release_reservation'::regproc,
                   'public.cancel_reservation'::regproc, 'public.link_legacy_data'::regproc,
                   'public.verify_inventory'::regproc
               )
        )
        select distinct o.kind, o.name, case when a.grantee = 0 then 'public' else quote_ident(r.rolname) end as grantee
        from ours as o
        cross join aclexplode(o.acl) as a
        left join pg_roles as r on r.oid = a.grantee
        where a.grantee <> o.owner
    loop
        execute format('revoke all on %s %s from %s', v_object.kind, v_object.name, v_object.grantee);
    end loop;
end
$$;
revoke execute on function ticketdb.revoke_default_grants() from public;
comment on function ticketdb.revoke_default_grants() is 'Close what ticketdb made to everybody but its owner';
-- <<< sql/functions/revoke_default_grants.sql

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
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        r.id,
        r.status,
        s.tickets_sold,
        array(
            select t.ticket_code
            from public.event_tickets as t
            where t.reservation_id = r.id and t.status = 'valid'
            order by t.id
        ),
        (select coalesce(sum(p.refund_due), 0) from public.ticket_payments as p where p.reservation_id = r.id)
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.id = p_reservation_id;
$$;
revoke execute on function ticketdb.sale_receipt(bigint) from public;
comment on function ticketdb.sale_receipt(bigint) is 'A sale as its buyer gets to see it';
-- <<< sql/functions/sale_receipt.sql

-- >>> sql/functions/schedule_instants.sql
-- The instants at which an occurrence starts and ends. The one reading of its local times; event_schedules and the preview use it.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.schedule_instants(
    p_date date,
    p_start time,
    p_end time,
    p_timezone text,
    out starts_at timestamptz,
    out ends_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        i.starts_at,
        -- an hour that a clock change leaves out would end as it starts: then its length on the clock counts
        case when i.ends_at > i.starts_at then i.ends_at else i.starts_at + (l.local_end - l.local_start) end
    from (
        select
            p_date + p_start as local_start,
            -- an end that is not after the start is on the next day
            p_date + p_end + case when p_end <= p_start then interval '1 day' else interval '0' end as local_end
    ) as l
    cross join lateral (
        select
            ticketdb.local_instant(l.local_start, p_timezone) as starts_at,
            ticketdb.local_instant(l.local_end, p_timezone) as ends_at
    ) as i;
$$;
revoke execute on function ticketdb.schedule_instants(date, time, time, text) from public;
comment on function ticketdb.schedule_instants(date, time, time, text) is
'Instants of an occurrence''s start and end

p_date, p_start, p_end: on the clock of p_timezone, an IANA name.';
-- <<< sql/functions/schedule_instants.sql

-- >>> sql/functions/seat_paid_reservation.sql
-- Seats a reservation that a payment on record pays for. A hold keeps its seats, lapsed or not, as long as nobody took them; a closed one takes
-- new seats if the occurrence still sells. Without seats it becomes refund_due. Whatever
-- was paid besides stays due back. Called by
-- confirm_payment and by the trigger on bookings when a cancelled booking is paid after all.
-- locks: ticket_reservations (by the caller), then as quote_tickets, event_schedules, ticketdb.seat_pools. The caller's own
--        reservation is no open hold when quote_tickets waits for others, so nobody waits for it in turn.
-- raises: nothing about seats
create or replace function ticketdb.seat_paid_reservation(p_reservation_id bigint, p_payment_reference text)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reservation record;
    v_seated boolean;
begin
    select r.status, r.schedule_id, r.ticket_type_id, r.quantity, s.refusal into v_reservation
    from public.ticket_reservations as r
    inner join ticketdb.schedule_sales as s on s.schedule_id = r.schedule_id
    where r.id = p_reservation_id;

    if v_reservation.status = 'held' then
        v_seated := v_reservation.refusal is null
            or v_reservation.refusal not in ('schedule_cancelled', 'schedule_blocked');
    else
        begin
            perform ticketdb.quote_tickets(
                v_reservation.schedule_id, v_reservation.quantity, v_reservation.ticket_type_id
            );
            v_seated := true;
        exception
            when sqlstate 'PT409' or sqlstate 'PT404' then v_seated := false;
        end;
    end if;

    if v_seated then
        begin
            update public.ticket_reservations as r
            set status = 'confirmed', confirmed_at = clock_timestamp(), closed_at = null, close_reason = null
            where r.id = p_reservation_id;
        exception
            -- the last seats went between the look and the update
            when sqlstate 'PT409' then v_seated := false;
        end;
    end if;
    if not v_seated then
        update public.ticket_reservations as r
        set status = 'refund_due', closed_at = clock_timestamp()
        where r.id = p_reservation_id;
    end if;
    update public.ticket_payments as p
    set refund_due = case when v_seated then 0 else p.amount end
    where p.payment_reference = p_payment_reference
      and p.refund_due <> case when v_seated then 0 else p.amount end;
    perform ticketdb.issue_tickets(p_reservation_id);
    return v_seated;
end
$$;
revoke execute on function ticketdb.seat_paid_reservation(bigint, text) from public;
comment on function ticketdb.seat_paid_reservation(bigint, text) is
'Seat a reservation that is paid for; false where no seat was left and a refund is due

p_payment_reference: the payment on record that pays for it.';
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
        perform ticketdb.seat_paid_reservation(v_id, v_reference);
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

-- >>> sql/functions/ticket_price.sql
-- What one ticket of an occurrence costs; null where the ticket type belongs to another event. Called for bookings that change
-- or are paid without a hold.
-- locks: none
-- raises: nothing
create or replace function ticketdb.ticket_price(p_schedule_id int, p_ticket_type_id int)
returns numeric
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_ticket_type_id is null then s.ticket_price
        else (select t.price from ticketdb.type_seats(p_schedule_id, p_ticket_type_id) as t)
    end
    from ticketdb.schedule_sales as s
    where s.schedule_id = p_schedule_id;
$$;
revoke execute on function ticketdb.ticket_price(int, int) from public;
comment on function ticketdb.ticket_price(int, int) is 'Price of one ticket of an occurrence

p_ticket_type_id: null means general admission.';
-- <<< sql/functions/ticket_price.sql

-- >>> sql/functions/touch_updated_at.sql
-- Keeps updated_at. Called by trigger before each update of event_definitions and event_schedules.
-- locks: none
-- raises: nothing
create or replace function ticketdb.touch_updated_at()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := clock_timestamp();
    return new;
end
$$;
revoke execute on function ticketdb.touch_updated_at() from public;
comment on function ticketdb.touch_updated_at() is 'Trigger: keep updated_at';
-- <<< sql/functions/touch_updated_at.sql

-- >>> sql/functions/type_seats.sql
-- A ticket type on one occurrence: what it costs and how many are left of it. No row where the type belongs to another event.
-- Called by quote_tickets and check_ticket_availability.
-- locks: none
-- raises: nothing
create or replace function ticketdb.type_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    out is_active boolean,
    out price numeric,
    out seats_left int,
    out seats_uncounted int
)
returns setof record
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        t.is_active,
        t.price,
        c.uncounted + case when p.held > 0 then ticketdb.lapsed_seats(p_schedule_id, t.id) else 0 end,
        c.uncounted
    from public.event_schedules as s
    inner join public.ticket_types as t on t.event_definition_id = s.event_definition_id
    left join ticketdb.seat_pools as p on p.schedule_id = s.id and p.ticket_type_id = t.id
    cross join lateral (select t.max_quantity - coalesce(p.held + p.sold, 0) as uncounted) as c
    where s.id = p_schedule_id and t.id = p_ticket_type_id;
$$;
revoke execute on function ticketdb.type_seats(int, int) from public;
comment on function ticketdb.type_seats(int, int) is
'A ticket type on one occurrence

seats_left: what can be bought, null without a limit; seats_uncounted: the same without the seats of lapsed holds.';
-- <<< sql/functions/type_seats.sql

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
        -- one row for each pool that the reservations ask for: the occurrence (0) and each ticket type on it
        select
            r.schedule_id,
            case when grouping(r.ticket_type_id) = 1 then 0 else r.ticket_type_id end as ticket_type_id,
            coalesce(sum(r.quantity) filter (where r.status = 'held'), 0) as held,
            coalesce(sum(r.quantity) filter (where r.status = 'confirmed'), 0) as sold
        from public.ticket_reservations as r
        group by grouping sets ((r.schedule_id), (r.schedule_id, r.ticket_type_id))
        having grouping(r.ticket_type_id) = 1 or r.ticket_type_id is not null
    ),
    schedules as (
        select s.id, s.max_tickets, s.tickets_sold, p.capacity, coalesce(n.sold, 0) as sold
        from public.event_schedules as s
        left join ticketdb.seat_pools as p on p.schedule_id = s.id and p.ticket_type_id = 0
        left join seats as n on n.schedule_id = s.id and n.ticket_type_id = 0
    ),
    pools as (
        select
            coalesce(p.schedule_id, n.schedule_id) as schedule_id,
            case
                when coalesce(p.ticket_type_id, n.ticket_type_id) = 0 then ''
                else ' of ticket type ' || coalesce(p.ticket_type_id, n.ticket_type_id)
            end as whose,
            p.capacity, p.held, p.sold, coalesce(n.held, 0) as held_now, coalesce(n.sold, 0) as sold_now
        from ticketdb.seat_pools as p
        full join seats as n on n.schedule_id = p.schedule_id and n.ticket_type_id = p.ticket_type_id
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
    select p.schedule_id, 'seats held' || p.whose, p.held_now, p.held
    from pools as p
    where coalesce(p.held, 0) <> p.held_now
    union all
    select p.schedule_id, 'seats sold' || p.whose, p.sold_now, p.sold
    from pools as p
    where coalesce(p.sold, 0) <> p.sold_now
    union all
    select p.schedule_id, 'limit of ticket type ' || t.id, t.max_quantity, p.capacity
    from ticketdb.seat_pools as p
    inner join public.ticket_types as t on t.id = p.ticket_type_id
    where p.capacity is distinct from t.max_quantity
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

-- >>> sql/views/schedule_sales.sql
-- The one place that says whether an occurrence is on sale, for how much, and how many seats are left. It runs with its
-- owner's rights, so that everybody counts everybody's holds; it gives numbers only. Read by quote_tickets and by the
-- availability view.
create or replace view ticketdb.schedule_sales as
select
    s.id as schedule_id,
    s.event_definition_id,
    coalesce(s.ticket_price, d.default_ticket_price) as ticket_price,
    -- sales close when the occurrence ends: people buy at the door
    case
        when s.status = 'cancelled' then 'schedule_cancelled'
        when s.status = 'completed' or s.ends_at <= statement_timestamp() then 'schedule_completed'
        when s.is_blocked then 'schedule_blocked'
        when not d.is_active then 'not_on_sale'
    end as refusal,
    p.held - l.lapsed as seats_held,
    p.capacity - p.sold - p.held + l.lapsed as seats_left,
    p.capacity - p.sold - p.held as seats_uncounted
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
inner join ticketdb.seat_pools as p on p.schedule_id = s.id and p.ticket_type_id = 0
cross join lateral (
    select case when p.held > 0 then ticketdb.lapsed_seats(s.id) else 0 end as lapsed
) as l;
revoke all on ticketdb.schedule_sales from public;
comment on view ticketdb.schedule_sales is
'Whether an occurrence is on sale, at what price, and how many seats are left';
comment on column ticketdb.schedule_sales.schedule_id is 'Occurrence';
comment on column ticketdb.schedule_sales.event_definition_id is 'Its event';
comment on column ticketdb.schedule_sales.ticket_price is 'Price of one ticket without a ticket type';
comment on column ticketdb.schedule_sales.refusal is 'Reason for which nothing is sold; null while on sale';
comment on column ticketdb.schedule_sales.seats_held is 'Seats of live holds';
comment on column ticketdb.schedule_sales.seats_left is 'Seats neither sold nor in a live hold';
comment on column ticketdb.schedule_sales.seats_uncounted is 'The same without the seats of lapsed holds, which are yet to be reclaimed';
-- <<< sql/views/schedule_sales.sql

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
    es.is_blocked
from public.event_definitions as ed
inner join public.event_schedules as es on es.event_definition_id = ed.id
inner join ticketdb.schedule_sales as sale on sale.schedule_id = es.id
where ed.is_active
  and es.status = 'scheduled'
  and es.schedule_date >= (now() at time zone ed.timezone)::date;
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
'Tickets that can be bought now: neither sold nor held, 0 while the slot is blocked or over';
comment on column public.v_event_availability.effective_price is 'Price of one ticket of this occurrence';
comment on column public.v_event_availability.status is 'Always scheduled';
comment on column public.v_event_availability.space_id is 'Space it takes place in';
comment on column public.v_event_availability.venue_id is 'Venue it takes place at';
comment on column public.v_event_availability.tickets_held is 'Tickets in live holds; a lapsed hold does not count';
comment on column public.v_event_availability.starts_at is 'Instant of the start';
comment on column public.v_event_availability.ends_at is 'Instant of the end';
comment on column public.v_event_availability.timezone is 'IANA name of the zone of the local times';
comment on column public.v_event_availability.is_blocked is 'The slot is taken and nothing is sold';
-- <<< sql/views/v_event_availability.sql

-- >>> sql/views/v_schedule_participants.sql
-- Who comes: the seed's columns in the seed's order, then ours. Also those whom only the occurrence's own booking links to it,
-- as long as they are linked to no other occurrence.
create or replace view public.v_schedule_participants
with (security_invoker = true)
as
select
    es.id as schedule_id,
    es.schedule_date,
    ed.title as event_title,
    ed.event_type,
    pp.id as participant_id,
    pp.name,
    pp.mobile,
    pp.ticket_quantity,
    pp.amount_paid,
    pp.is_verified,
    pp.scan_count,
    pp.joined_at,
    b.booking_reference,
    b.status as booking_status,
    u.username as user_email,
    u.first_name,
    u.last_name,
    pp.booking_id,
    pp.is_active,
    es.starts_at
from public.event_schedules as es
inner join public.event_definitions as ed on ed.id = es.event_definition_id
cross join lateral (
    select
        p.id, p.user_id, p.booking_id, p.name, p.mobile, p.ticket_quantity, p.amount_paid, p.is_verified,
        p.scan_count, p.joined_at, p.is_active
    from public.program_participants as p
    where p.event_schedule_id = es.id
    union all
    select
        p.id, p.user_id, p.booking_id, p.name, p.mobile, p.ticket_quantity, p.amount_paid, p.is_verified,
        p.scan_count, p.joined_at, p.is_active
    from public.program_participants as p
    where p.booking_id = es.booking_id and p.event_schedule_id is null
) as pp
left join public.bookings as b on b.id = pp.booking_id
left join public.users as u on u.id = pp.user_id;
revoke all on public.v_schedule_participants from public;
comment on view public.v_schedule_participants is
'Schedule participants

The participants of each occurrence, linked to it or to the booking that announced it.';
comment on column public.v_schedule_participants.schedule_id is 'Occurrence';
comment on column public.v_schedule_participants.schedule_date is 'Local date of the occurrence';
comment on column public.v_schedule_participants.event_title is 'Title of the event';
comment on column public.v_schedule_participants.event_type is 'Type of the event';
comment on column public.v_schedule_participants.participant_id is 'Participant';
comment on column public.v_schedule_participants.name is 'Name';
comment on column public.v_schedule_participants.mobile is 'Mobile number';
comment on column public.v_schedule_participants.ticket_quantity is 'Tickets of this participant';
comment on column public.v_schedule_participants.amount_paid is 'What this participant paid';
comment on column public.v_schedule_participants.is_verified is 'Whether the participant was let in';
comment on column public.v_schedule_participants.scan_count is 'How often the ticket was scanned';
comment on column public.v_schedule_participants.joined_at is 'When the participant was entered';
comment on column public.v_schedule_participants.booking_reference is 'Reference of the booking';
comment on column public.v_schedule_participants.booking_status is 'Status of the booking';
comment on column public.v_schedule_participants.user_email is 'Buyer''s user name';
comment on column public.v_schedule_participants.first_name is 'Buyer''s first name';
comment on column public.v_schedule_participants.last_name is 'Buyer''s last name';
comment on column public.v_schedule_participants.booking_id is 'Booking';
comment on column public.v_schedule_participants.is_active is 'Inactive participants have given up their place';
comment on column public.v_schedule_participants.starts_at is 'Instant of the start';
-- <<< sql/views/v_schedule_participants.sql

-- >>> sql/triggers/event_definitions.sql
-- Triggers of event_definitions: refuse what makes no sense, keep updated_at, carry a new time zone to coming occurrences.
create or replace trigger guard_definition
before insert or update on public.event_definitions
for each row execute function ticketdb.guard_definition();
create or replace trigger touch_updated_at
before update on public.event_definitions
for each row execute function ticketdb.touch_updated_at();
create or replace trigger follow_definition_time_zone
after update of timezone on public.event_definitions
for each row when (new.timezone <> old.timezone)
execute function ticketdb.follow_definition_time_zone();
-- <<< sql/triggers/event_definitions.sql

-- >>> sql/triggers/event_schedules.sql
-- Triggers of event_schedules: derive the instants, guard the counters, open the seat pool, keep updated_at.
create or replace trigger derive_schedule_times
before insert or update of event_definition_id, schedule_date, start_time, end_time, starts_at, ends_at
on public.event_schedules
for each row execute function ticketdb.derive_schedule_times();
create or replace trigger guard_schedule
before insert or update of tickets_sold, max_tickets on public.event_schedules
for each row execute function ticketdb.guard_schedule();
create or replace trigger guard_inserted_schedule
after insert on public.event_schedules
for each row when (new.tickets_sold <> 0)
execute function ticketdb.guard_schedule();
create or replace trigger guard_updated_schedule
after update on public.event_schedules
for each row when (new.tickets_sold <> old.tickets_sold or new.max_tickets <> old.max_tickets)
execute function ticketdb.guard_schedule();
create or replace trigger open_seat_pools
after insert on public.event_schedules
referencing new table as new_rows
for each statement execute function ticketdb.open_seat_pools();
create or replace trigger refuse_truncate
before truncate on public.event_schedules
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger touch_updated_at
before update on public.event_schedules
for each row execute function ticketdb.touch_updated_at();
-- <<< sql/triggers/event_schedules.sql

-- >>> sql/triggers/event_tickets.sql
-- Trigger of event_tickets: none of its rows goes unseen.
create or replace trigger refuse_truncate
before truncate on public.event_tickets
for each statement execute function ticketdb.refuse_truncate();
-- <<< sql/triggers/event_tickets.sql

-- >>> sql/triggers/ticket_payments.sql
-- Trigger of ticket_payments: none of its rows goes unseen.
create or replace trigger refuse_truncate
before truncate on public.ticket_payments
for each statement execute function ticketdb.refuse_truncate();
-- <<< sql/triggers/ticket_payments.sql

-- >>> sql/triggers/ticket_reservations.sql
-- Triggers of ticket_reservations: the counters follow every statement; none passes them by.
create or replace trigger refuse_truncate
before truncate on public.ticket_reservations
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger count_seats_inserted
after insert on public.ticket_reservations
referencing new table as new_rows
for each statement execute function ticketdb.count_seats();
create or replace trigger count_seats_updated
after update on public.ticket_reservations
referencing old table as old_rows new table as new_rows
for each statement execute function ticketdb.count_seats();
create or replace trigger count_seats_deleted
after delete on public.ticket_reservations
referencing old table as old_rows
for each statement execute function ticketdb.count_seats();
-- <<< sql/triggers/ticket_reservations.sql

-- >>> sql/triggers/ticket_types.sql
-- Trigger of ticket_types: a new limit reaches the seat pools.
create or replace trigger resize_ticket_type
before update of max_quantity on public.ticket_types
for each row when (new.max_quantity is distinct from old.max_quantity)
execute function ticketdb.resize_ticket_type();
-- <<< sql/triggers/ticket_types.sql
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
end
$$;
