-- Takes out 0009_hot_sale. No cascade: what somebody built on it must make this fail.

drop view public.v_event_availability;
drop view ticketdb.schedule_sales;
drop trigger assign_bucket_inserted on public.ticket_reservations;
drop trigger assign_bucket_updated on public.ticket_reservations;
drop trigger count_seats_updated on public.ticket_reservations;
drop trigger count_seats_deleted on public.ticket_reservations;
drop trigger resize_schedule on public.event_schedules;
drop trigger resize_updated_schedule on public.event_schedules;
drop trigger guard_new_schedule on public.event_schedules;
drop trigger refuse_reserved on public.ticket_types;

create table ticketdb.seat_pools (
    schedule_id int not null
        constraint seat_pool_schedule references public.event_schedules (id) on delete cascade,
    ticket_type_id int not null default 0,
    capacity int,
    held int not null default 0,
    sold int not null default 0,

    constraint seat_pools_pkey primary key (schedule_id, ticket_type_id),
    constraint seats_not_negative check (held >= 0 and sold >= 0),
    -- the rule that everything else is about; no capacity means no limit
    constraint seats_within_capacity check (held + sold <= capacity)
) with (fillfactor = 50);

comment on table ticketdb.seat_pools is
'Seats of an occurrence, and of each ticket type on it

held and sold are the sums of ticket_reservations, kept by trigger.';
comment on column ticketdb.seat_pools.schedule_id is 'Occurrence';
comment on column ticketdb.seat_pools.ticket_type_id is 'Ticket type; 0 stands for the occurrence as a whole';
comment on column ticketdb.seat_pools.capacity is 'Number of seats; null means no limit';
comment on column ticketdb.seat_pools.held is 'Seats of held reservations, lapsed ones included until reclaimed';
comment on column ticketdb.seat_pools.sold is 'Seats of confirmed reservations';

insert into ticketdb.seat_pools (schedule_id, capacity, held, sold)
select s.id, s.max_tickets, coalesce(sum(b.held), 0), coalesce(sum(b.sold), 0)
from public.event_schedules as s
left join ticketdb.seat_buckets as b on b.schedule_id = s.id and b.ticket_type_id = 0
group by s.id;
insert into ticketdb.seat_pools (schedule_id, ticket_type_id, capacity, held, sold)
select b.schedule_id, b.ticket_type_id, sum(b.capacity), sum(b.held), sum(b.sold)
from ticketdb.seat_buckets as b
where b.ticket_type_id <> 0
group by b.schedule_id, b.ticket_type_id;

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

drop function ticketdb.check_reservation_arguments;

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

drop function ticketdb.confirm_payment;

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

drop function ticketdb.find_offer;

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

drop function ticketdb.hold_tickets;

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

drop function ticketdb.issue_tickets;

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

drop function ticketdb.move_seats;

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

-- >>> sql/functions/new_reservation_code.sql
-- A code that a person can read out: ten characters, without those that look alike. Default of
-- ticket_reservations.reservation_code; 50 random bits, and a unique constraint behind them.
-- locks: none
-- raises: nothing
create or replace function ticketdb.new_reservation_code()
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    -- 32 characters, so that the lowest five bits of each random byte pick one without bias
    select 'R-' || string_agg(
        substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', (get_byte(b.bytes, i.n) & 31) + 1, 1), ''
    )
    -- bytes 0 to 5 and 10 to 13 of a version 4 UUID are random
    from (select uuid_send(gen_random_uuid()) as bytes) as b
    cross join unnest(array[0, 1, 2, 3, 4, 5, 10, 11, 12, 13]) as i (n);
$$;
revoke execute on function ticketdb.new_reservation_code() from public;
comment on function ticketdb.new_reservation_code() is 'A random code such as R-7K3F9Q2M4T';
-- <<< sql/functions/new_reservation_code.sql

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

drop function ticketdb.require_read_committed;

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

drop function ticketdb.seat_paid_reservation;

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

drop function ticketdb.type_seats;

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

drop trigger refuse_reserved on ticketdb.seat_buckets;
drop view ticketdb.schedule_offers;
drop function ticketdb.verify_participant;
drop function ticketdb.type_offer;
drop function ticketdb.try_bucket;
drop function ticketdb.total_price;
drop function ticketdb.time_before;
drop function ticketdb.take_seats;
drop function ticketdb.take_offered_seats;
drop function ticketdb.series_receipt;
drop function ticketdb.sell_seats;
drop function ticketdb.scan_ticket;
drop function public.run_maintenance;
drop function ticketdb.resize_schedule;
drop function public.reserve_series;
drop function ticketdb.refuse_schedule;
drop function ticketdb.refuse_scan_id;
drop function ticketdb.refuse_reserved;
drop function ticketdb.open_type_buckets;
drop function ticketdb.open_buckets;
drop function ticketdb.maintain;
drop function ticketdb.look_for_seats;
drop function ticketdb.lock_moving_seats;
drop function ticketdb.lock_buckets;
drop function ticketdb.hold_tickets_once;
drop function ticketdb.hold_series;
drop function ticketdb.gather_seats;
drop function ticketdb.free_seats;
drop function ticketdb.find_bucket;
drop function ticketdb.expire_lapsed_holds;
drop function ticketdb.deal_seats;
drop function ticketdb.count_sold_tickets;
drop function ticketdb.check_period;
drop function ticketdb.check_limits;
drop function public.check_in;
drop function ticketdb.bucket_count;
drop function ticketdb.assign_bucket;
-- <<< generated

drop table ticketdb.seat_buckets;
drop table public.ticket_check_ins;
drop index public.event_tickets_participant;
create index event_tickets_participant on public.event_tickets (participant_id);
alter table public.event_tickets
    drop constraint scan_count_not_negative,
    drop column scan_count,
    drop column first_scanned_at;
alter table public.event_tickets reset (
    fillfactor,
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
    autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold,
    autovacuum_analyze_scale_factor, autovacuum_analyze_threshold
);
alter table public.ticket_payments reset (
    autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold,
    autovacuum_analyze_scale_factor, autovacuum_analyze_threshold
);

drop index public.one_order_per_key;
drop index public.one_order_per_booking;
drop index public.one_place_of_participant;
drop index public.ticket_reservations_user;
drop index public.ticket_reservations_series;
drop index public.ticket_reservations_closed;
alter table public.ticket_reservations
    drop column bucket,
    drop column series_id,
    alter column reservation_code set default ticketdb.new_reservation_code(),
    add constraint reservation_schedule foreign key (schedule_id) references public.event_schedules (id),
    add constraint reservation_ticket_type foreign key (ticket_type_id) references public.ticket_types (id),
    add constraint idempotency_key_unique unique (idempotency_key),
    add constraint one_reservation_per_booking unique (booking_id),
    add constraint one_place_per_participant unique (participant_id, schedule_id);
create index ticket_reservations_user on public.ticket_reservations (user_id);
alter table public.ticket_reservations reset (
    fillfactor,
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
    autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold,
    autovacuum_analyze_scale_factor, autovacuum_analyze_threshold
);
comment on column public.ticket_reservations.schedule_id is 'Occurrence';
comment on column public.ticket_reservations.ticket_type_id is 'Ticket type; null means general admission';

alter table public.event_definitions
    drop constraint definition_limits_not_negative,
    drop column max_per_order,
    drop column limit_per_user,
    drop constraint definition_sale_opens_once,
    drop constraint definition_sale_closes_once,
    drop constraint definition_sale_within_ten_years,
    drop column sales_open_before,
    drop column sales_open_at,
    drop column sales_close_before,
    drop column sales_close_at;
alter table public.event_schedules
    drop constraint schedule_limits_not_negative,
    drop column max_per_order,
    drop column limit_per_user,
    drop constraint schedule_sale_opens_once,
    drop constraint schedule_sale_closes_once,
    drop constraint schedule_sale_within_ten_years,
    drop column sales_open_before,
    drop column sales_open_at,
    drop column sales_close_before,
    drop column sales_close_at;
alter table public.ticket_types
    drop constraint ticket_type_sale_opens_once,
    drop constraint ticket_type_sale_closes_once,
    drop constraint ticket_type_sale_within_ten_years,
    drop column sales_open_before,
    drop column sales_open_at,
    drop column sales_close_before,
    drop column sales_close_at;
alter table public.event_schedules reset (
    fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold
);
