-- Tables that were made for an absent application are closed until it opens them: said by a policy, for one without any looks
-- forgotten. Their references are indexed. Tables that were there before are not touched.
-- Descriptions of functions name every parameter.

do $$
declare
    v_table text;
    v_reference record;
begin
    for v_table in
        select h.relation from ticketdb.host_changes as h where h.kind = 'table' order by h.relation
    loop
        execute format('create policy closed on public.%I for all using (false)', v_table);
    end loop;
    for v_reference in
        select f.relation, f.column_name
        from (
            values
            ('spaces', 'venue_id'),
            ('bookings', 'user_id'),
            ('bookings', 'venue_id'),
            ('bookings', 'space_id'),
            ('program_participants', 'user_id')
        ) as f (relation, column_name)
        inner join ticketdb.host_changes as h on h.kind = 'table' and h.relation = f.relation
    loop
        execute format(
            'create index if not exists %I on public.%I (%I)', v_reference.relation || '_' || v_reference.column_name,
            v_reference.relation, v_reference.column_name
        );
    end loop;
end
$$;

-- >>> generated: `make freeze` writes what stands between these lines
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
hold is released. Cancelling a sale a second time answers like the first. p_reservation_id: from
reserve_tickets; p_reason: kept with it. Errors: reservation_not_found, reservation_expired,
reservation_released.';
-- <<< sql/functions/cancel_reservation.sql

-- >>> sql/functions/check_in.sql
-- The face of ticketdb.scan_ticket.
-- locks, raises: as scan_ticket
create or replace function public.check_in(
    p_ticket_code uuid,
    p_schedule_id int default null,
    p_gate text default null,
    p_scan_id uuid default null,
    p_scanned_at timestamptz default null,
    out result text,
    out ticket_id bigint,
    out name text,
    out quantity int,
    out scan_count int,
    out first_scanned_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_scan record;
begin
    v_scan := ticketdb.scan_ticket(p_ticket_code, p_schedule_id, p_gate, p_scan_id, coalesce(p_scanned_at, clock_timestamp()));
    result := v_scan.result;
    ticket_id := v_scan.ticket_id;
    name := v_scan.name;
    quantity := v_scan.quantity;
    scan_count := v_scan.scan_count;
    first_scanned_at := v_scan.first_scanned_at;
end
$$;
revoke execute on function public.check_in(uuid, int, text, uuid, timestamptz) from public;
comment on function public.check_in(uuid, int, text, uuid, timestamptz) is
'Check in

Lets the holder of a ticket in, once. result: admitted, already_used, void, wrong_schedule (the ticket is not for
p_schedule_id) or unknown. name is the participant''s, quantity the number of people the ticket admits, scan_count how often
it was scanned, first_scanned_at when its holder was admitted. The same p_scan_id twice is one scan and gets the
first answer. p_ticket_code: from event_tickets; p_gate: any name; p_scanned_at: when it was scanned, by default now. Errors: invalid_argument, idempotency_key_reused.';
-- <<< sql/functions/check_in.sql

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
    v_type_on_sale boolean;
    v_type_left int;
begin
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    is_available := false;
    tickets_available := 0;

    select s.refusal, s.seats_left, s.max_per_order into v_sale
    from ticketdb.schedule_sales as s
    -- what the caller may not see is not found
    inner join public.event_schedules as es on es.id = s.schedule_id
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
        select t.is_on_sale, ticketdb.type_seats(p_schedule_id, p_ticket_type_id) into v_type_on_sale, v_type_left
        from ticketdb.type_offer(p_schedule_id, p_ticket_type_id) as t;
        if not found then
            message := 'Ticket type not found';
            return;
        end if;
        if not v_type_on_sale then
            message := 'Ticket type is not on sale';
            return;
        end if;
    end if;

    -- a type without a limit has no number, which least() passes over
    tickets_available := least(v_sale.seats_left, v_type_left);
    is_available := tickets_available >= p_quantity and coalesce(p_quantity <= v_sale.max_per_order, true);
    message := case
        when is_available then 'Tickets available'
        when p_quantity > v_sale.max_per_order then format('Only %s tickets in one order', v_sale.max_per_order)
        when tickets_available = 0 then 'Sold out'
        else format('Only %s tickets available', tickets_available)
    end;
end
$$;
revoke execute on function public.check_ticket_availability(int, int, int) from public;
comment on function public.check_ticket_availability(int, int, int) is
'Check availability

Whether p_quantity tickets of a schedule, or of one of its ticket types, can be bought now, why not, and how many can.
A missing or closed schedule is an answer, not an error. p_schedule_id: from v_event_availability; p_ticket_type_id: from
ticket_types, null for general admission. Errors: invalid_quantity, invalid_argument.';
-- <<< sql/functions/check_ticket_availability.sql

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
declare
    v_sale record;
begin
    v_sale := ticketdb.confirm_payment(p_reservation_id, p_payment_reference, p_amount, p_participants);
    reservation_id := p_reservation_id;
    status := v_sale.status;
    tickets_sold := v_sale.tickets_sold;
    ticket_codes := v_sale.ticket_codes;
    refund_due := v_sale.refund_due;
end
$$;
revoke execute on function public.confirm_reservation(bigint, text, numeric, jsonb) from public;
comment on function public.confirm_reservation(bigint, text, numeric, jsonb) is
'Confirm a reservation

A payment arrived: p_amount of the venue''s currency, by default what is due. status is confirmed, or refund_due where
the hold had lapsed and the seats are gone; the payment is on record either way. tickets_sold is the schedule''s number
of tickets sold after it, ticket_codes are the valid tickets, refund_due is what the buyer has to get back.
p_participants names who comes: [{"name", "mobile", "quantity"}]; those of a booking of the application''s are left
to it. The same p_payment_reference (the provider''s, 1 to 255 characters) with the same arguments
returns the first answer. p_reservation_id: from reserve_tickets. Errors: invalid_argument,
reservation_not_found, amount_mismatch, payment_reference_reused.';
-- <<< sql/functions/confirm_reservation.sql

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

-- >>> sql/functions/reserve_tickets.sql
-- The face of ticketdb.hold_tickets and hold_tickets_once, and of reserve_for_caller for a signed-in buyer.
-- locks, raises: as these
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
declare
    v_hold record;
begin
    -- may_sell, written out: the call would be a tenth of a reservation
    if not has_function_privilege('ticketdb.release_hold(bigint)'::regprocedure, 'execute') then
        select r.* into
            reservation_id, reservation_code, schedule_id, ticket_type_id, quantity, unit_price, total_amount, status,
            expires_at
        from ticketdb.reserve_for_caller(
            p_schedule_id, p_quantity, p_ticket_type_id, p_user_id, p_hold_for, p_idempotency_key, p_contact
        ) as r;
        return;
    end if;
    if p_idempotency_key is null then
        v_hold := ticketdb.hold_tickets(
            p_schedule_id, p_quantity, p_ticket_type_id, p_user_id, p_hold_for, p_contact
        );
        -- as the row has it, without reading it again
        reservation_id := v_hold.reservation_id;
        reservation_code := v_hold.reservation_code;
        schedule_id := p_schedule_id;
        ticket_type_id := p_ticket_type_id;
        quantity := p_quantity;
        unit_price := v_hold.unit_price;
        total_amount := v_hold.total_amount;
        status := 'held';
        expires_at := v_hold.expires_at;
        return;
    end if;
    select r.* into
        reservation_id, reservation_code, schedule_id, ticket_type_id, quantity, unit_price, total_amount, status,
        expires_at
    from ticketdb.reservation_receipt(ticketdb.hold_tickets_once(
        p_schedule_id, p_quantity, p_ticket_type_id, p_user_id, p_hold_for, p_contact, p_idempotency_key
    )) as r;
end
$$;
revoke execute on function public.reserve_tickets(int, int, int, int, interval, text, jsonb) from public;
comment on function public.reserve_tickets(int, int, int, int, interval, text, jsonb) is
'Reserve tickets

Takes tickets out of sale until they are paid (confirm_reservation), given up (release_reservation) or p_hold_for has
passed, by default 15 minutes. The same p_idempotency_key with the same arguments returns the same reservation.
Amounts are in the venue''s currency. A signed-in buyer reserves for himself, for 15 minutes at most.
p_schedule_id: from v_event_availability; p_quantity: 1 to 10000; p_ticket_type_id: null means general admission; p_user_id: a
row of users, null for a guest; p_contact: {"name", "mobile", "email"}. Errors: not_allowed, invalid_quantity, invalid_argument,
schedule_not_found, ticket_type_not_found, sold_out, ticket_type_sold_out, not_on_sale, schedule_cancelled, schedule_completed,
schedule_blocked, limit_per_user, idempotency_key_reused.';
-- <<< sql/functions/reserve_tickets.sql
-- <<< generated
