-- Who may do what: rights of PostgREST's roles, policies, and functions that act for a signed-in buyer. Ten million codes of ten
-- characters were enough for two of them to be equal: new ones have twelve.

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/caller_claims.sql
-- What the caller's token says, as PostgREST hands it over. Called by whatever asks who is calling.
-- locks: none
-- raises: nothing
create or replace function ticketdb.caller_claims()
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return nullif(current_setting('request.jwt.claims', true), '')::jsonb;
end
$$;
revoke execute on function ticketdb.caller_claims() from public;
comment on function ticketdb.caller_claims() is 'Claims of the caller''s token; null on a direct connection';
-- <<< sql/functions/caller_claims.sql

-- >>> sql/functions/caller_key.sql
-- The key under which the order of a signed-in buyer is known: keys of different users never meet, so that nobody learns that
-- another has used one. Called by the functions that act for a caller.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.caller_key(p_user_id int, p_idempotency_key text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if length(p_idempotency_key) not between 1 and 200 then
        perform ticketdb.raise_error(
            'invalid_argument', format('p_idempotency_key has %s characters', length(p_idempotency_key)),
            'Pass a key of your own for this order, 1 to 200 characters, or null.'
        );
    end if;
    return 'user ' || p_user_id || ': ' || p_idempotency_key;
end
$$;
revoke execute on function ticketdb.caller_key(int, text) from public;
comment on function ticketdb.caller_key(int, text) is
'Idempotency key of a signed-in buyer, kept apart from those of others; null stays null';
-- <<< sql/functions/caller_key.sql

-- >>> sql/functions/caller_user_id.sql
-- The user who is calling: the claim user_id, else the user whose name is the claim email. Called by policies, in a sub-select, and by
-- require_caller.
-- locks: none
-- raises: nothing
create or replace function ticketdb.caller_user_id()
returns int
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_claims constant jsonb := ticketdb.caller_claims();
begin
    return (
        select u.id
        from public.users as u
        where case
            -- compared as text: a claim that is no number is nobody's
            when v_claims ? 'user_id' then u.id::text = v_claims ->> 'user_id'
            else u.username = v_claims ->> 'email'
        end
    );
end
$$;
revoke execute on function ticketdb.caller_user_id() from public;
comment on function ticketdb.caller_user_id() is
'Id of the row of users that the caller''s token stands for; null where it stands for none';
-- <<< sql/functions/caller_user_id.sql

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

-- >>> sql/functions/check_limits.sql
-- Refuses an order that is bigger than one order, or one user's orders together, may be. The user stays locked until his
-- order is written, so that two of his orders at once are counted one after the other. Called wherever seats are taken for an order.
-- locks: users, where a limit per user stands
-- raises: invalid_quantity, limit_per_user
create or replace function ticketdb.check_limits(
    p_schedule_id int,
    p_quantity int,
    p_user_id int,
    p_max_per_order int,
    p_limit_per_user int,
    p_but bigint default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_has int;
begin
    if p_quantity > p_max_per_order then
        perform ticketdb.raise_error(
            'invalid_quantity',
            format('%s tickets are more than the %s of one order', p_quantity, p_max_per_order),
            'Ask for fewer tickets.',
            jsonb_build_object('requested', p_quantity, 'max_per_order', p_max_per_order)
        );
    end if;
    if p_limit_per_user is null or p_user_id is null then
        return;
    end if;
    perform from public.users as u where u.id = p_user_id for no key update;
    select coalesce(sum(r.quantity), 0)::int into v_has
    from public.ticket_reservations as r
    where r.user_id = p_user_id and r.schedule_id = p_schedule_id and r.id is distinct from p_but
      and (r.status = 'confirmed' or r.status = 'held' and r.expires_at > clock_timestamp());
    if v_has + p_quantity > p_limit_per_user then
        perform ticketdb.raise_error(
            'limit_per_user',
            format(
                'user %s has %s tickets of schedule %s and cannot have %s more: the limit is %s',
                p_user_id, v_has, p_schedule_id, p_quantity, p_limit_per_user
            ),
            'Ask for fewer tickets, or release a hold.',
            jsonb_build_object(
                'requested', p_quantity, 'has', v_has, 'limit_per_user', p_limit_per_user,
                'available', greatest(p_limit_per_user - v_has, 0)
            )
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_limits(int, int, int, int, int, bigint) from public;
comment on function ticketdb.check_limits(int, int, int, int, int, bigint) is
'Refuse an order above a limit

p_max_per_order, p_limit_per_user: null means no limit; a guest has no limit of his own. p_but: a reservation that does not
count, for it is the one that changes.';
-- <<< sql/functions/check_limits.sql

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
A missing or closed schedule is an answer, not an error. Errors: invalid_quantity, invalid_argument.';
-- <<< sql/functions/check_ticket_availability.sql

-- >>> sql/functions/create_roles.sql
-- Makes the roles of role_grants that do not exist, for a plain server: nobody can log in as one of them. They need not pass row level
-- security by: the policies know the payment server. Called by `ticketdb roles --create`.
-- locks: none
-- raises: nothing but what create role raises
create or replace function ticketdb.create_roles()
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_roles constant text[] := array(
        select distinct g.role_name
        from ticketdb.role_grants as g
        where to_regrole(g.role_name) is null
        order by g.role_name
    );
    v_role text;
begin
    foreach v_role in array v_roles loop
        execute format('create role %I nologin', v_role);
    end loop;
    return v_roles;
end
$$;
revoke execute on function ticketdb.create_roles() from public;
comment on function ticketdb.create_roles() is 'Make the roles of role_grants that do not exist; returns their names';
-- <<< sql/functions/create_roles.sql

-- >>> sql/functions/gather_seats.sql
-- Brings the seats for a party together in one bucket, taking back the seats of lapsed holds where they are needed. False means
-- that all buckets together, locked in order, do not have enough. Called when
-- no bucket has room for a party that would fit into all of them together.
-- locks: as lock_buckets, expire_lapsed_holds
-- raises: nothing
create or replace function ticketdb.gather_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_bucket int,
    p_quantity int
)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- one that is added meanwhile is somebody else's to lock
    v_buckets constant int[] := ticketdb.lock_buckets(p_schedule_id);
    v_capacity int;
    v_free int;
begin
    loop
        select sum(b.capacity)::int, sum(b.capacity - b.held - b.sold)::int into v_capacity, v_free
        from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id and b.bucket = any (v_buckets);
        -- no limit has no sum
        exit when v_free >= p_quantity or v_free is null;
        if ticketdb.expire_lapsed_holds(p_schedule_id, v_buckets) = 0 then
            return false;
        end if;
    end loop;
    perform ticketdb.deal_seats(p_schedule_id, p_ticket_type_id, v_capacity, p_bucket, p_quantity, v_buckets);
    return true;
end
$$;
revoke execute on function ticketdb.gather_seats(int, int, int, int) from public;
comment on function ticketdb.gather_seats(int, int, int, int) is
'Bring the seats for a party together in one bucket; false where there are not enough

p_ticket_type_id: 0 means the whole occurrence.';
-- <<< sql/functions/gather_seats.sql

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
many it inserted. Running it again inserts nothing. Errors: not_allowed, invalid_argument, definition_not_found, not_recurring.';
-- <<< sql/functions/generate_recurring_schedules.sql

-- >>> sql/functions/grant_roles.sql
-- Grants what role_grants lists to those of its roles that exist, and returns the roles that do not. Called by migrations, and by
-- `ticketdb roles` where roles appear later. Run again it changes nothing.
-- locks: the objects themselves, briefly
-- raises: nothing
create or replace function ticketdb.grant_roles()
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_grant record;
begin
    for v_grant in
        select g.privilege, g.kind, g.object, g.role_name
        from ticketdb.role_grants as g
        where not g.is_granted and to_regrole(g.role_name) is not null
    loop
        execute format('grant %s on %s %s to %I', v_grant.privilege, v_grant.kind, v_grant.object, v_grant.role_name);
    end loop;
    return array(
        select distinct g.role_name
        from ticketdb.role_grants as g
        where to_regrole(g.role_name) is null
        order by g.role_name
    );
end
$$;
revoke execute on function ticketdb.grant_roles() from public;
comment on function ticketdb.grant_roles() is
'Grant what role_grants lists; returns the roles that do not exist yet';
-- <<< sql/functions/grant_roles.sql

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

drop function ticketdb.lock_reservation;

-- >>> sql/functions/lock_reservation.sql
-- Locks a reservation until the end of the transaction and says what it is. Called by whatever changes one.
-- locks: bookings (key share, where it follows one), ticket_reservations
-- raises: invalid_argument, reservation_not_found
create or replace function ticketdb.lock_reservation(
    p_reservation_id bigint,
    out quantity int,
    out total_amount numeric,
    out status text,
    out expires_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_booking_id int;
begin
    if p_reservation_id is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_reservation_id is null', 'Pass the id that reserve_tickets returned.'
        );
    end if;
    select r.quantity, r.total_amount, r.status, r.expires_at into quantity, total_amount, status, expires_at
    from public.ticket_reservations as r
    where r.id = p_reservation_id and r.booking_id is null
    for no key update;
    if found then
        return;
    end if;

    select r.booking_id into v_booking_id
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    -- participants that are written later refer to the booking
    perform from public.bookings as b where b.id = v_booking_id for key share;
    select r.quantity, r.total_amount, r.status, r.expires_at into quantity, total_amount, status, expires_at
    from public.ticket_reservations as r
    where r.id = p_reservation_id
    for no key update;
    if not found then
        perform ticketdb.refuse_reservation(p_reservation_id);
    end if;
end
$$;
revoke execute on function ticketdb.lock_reservation(bigint) from public;
comment on function ticketdb.lock_reservation(bigint) is 'Lock a reservation and say what it is';
-- <<< sql/functions/lock_reservation.sql

-- >>> sql/functions/may_sell.sql
-- Whether the caller may reserve for anybody: whoever may run the inside of selling. Grants say who that is, and nothing else does.
-- Called by the faces of selling and by is_staff; never from a security definer function, where the owner would be asking.
-- locks: none
-- raises: nothing
create or replace function ticketdb.may_sell()
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return has_function_privilege('ticketdb.release_hold(bigint)'::regprocedure, 'execute');
end
$$;
revoke execute on function ticketdb.may_sell() from public;
comment on function ticketdb.may_sell() is 'Whether the caller may run the inside of selling, for anybody';
-- <<< sql/functions/may_sell.sql

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
event in the same space at that time (conflict). Writes nothing. Errors: not_allowed, invalid_argument, definition_not_found,
not_recurring.';
-- <<< sql/functions/preview_recurring_schedules.sql

-- >>> sql/functions/refuse_definition.sql
-- Says that there is no such event.
-- locks: none
-- raises: definition_not_found
create or replace function ticketdb.refuse_definition(p_event_definition_id int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'definition_not_found', format('event definition %s does not exist', p_event_definition_id),
        'event_definitions lists the events.', jsonb_build_object('event_definition_id', p_event_definition_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_definition(int) from public;
comment on function ticketdb.refuse_definition(int) is 'Raise definition_not_found';
-- <<< sql/functions/refuse_definition.sql

-- >>> sql/functions/refuse_reservation.sql
-- Says that there is no such reservation.
-- locks: none
-- raises: reservation_not_found
create or replace function ticketdb.refuse_reservation(p_reservation_id bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'reservation_not_found', format('reservation %s does not exist', p_reservation_id),
        'Pass the id that reserve_tickets returned.', jsonb_build_object('reservation_id', p_reservation_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_reservation(bigint) from public;
comment on function ticketdb.refuse_reservation(bigint) is 'Raise reservation_not_found';
-- <<< sql/functions/refuse_reservation.sql

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

-- >>> sql/functions/release_hold.sql
-- The buyer walked away: the seats of the hold go back on sale. The inside of release_reservation. A second release answers
-- like the first.
-- locks: as lock_reservation, then (by trigger) ticketdb.seat_buckets
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
    perform ticketdb.refuse_closed(p_reservation_id, v_reservation.status, v_reservation.expires_at, 'released');
    update public.ticket_reservations as r
    set status = 'released', closed_at = clock_timestamp()
    where r.id = p_reservation_id and r.status = 'held';
end
$$;
revoke execute on function ticketdb.release_hold(bigint) from public;
comment on function ticketdb.release_hold(bigint) is 'Give the seats of a hold back';
-- <<< sql/functions/release_hold.sql

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
signed-in buyer releases what is his own. Errors: not_allowed, reservation_not_found, already_confirmed, reservation_expired, reservation_cancelled.';
-- <<< sql/functions/release_reservation.sql

-- >>> sql/functions/require_caller.sql
-- The user for whom a signed-in caller reserves: himself, and nobody else. The refusal does not tell whether there is such a
-- user. Called by the functions that act for a caller.
-- locks: none
-- raises: not_allowed
create or replace function ticketdb.require_caller(p_user_id int)
returns int
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.caller_user_id();
begin
    if v_user_id is null then
        perform ticketdb.raise_error(
            'not_allowed', 'the token names no user',
            'Sign in; its claim user_id, or else email, must name a row of users.'
        );
    end if;
    if p_user_id <> v_user_id then
        perform ticketdb.raise_error(
            'not_allowed', format('user %s cannot reserve for user %s', v_user_id, p_user_id),
            'Leave p_user_id out to reserve for yourself.'
        );
    end if;
    return v_user_id;
end
$$;
revoke execute on function ticketdb.require_caller(int) from public;
comment on function ticketdb.require_caller(int) is
'Id of the user that the caller''s token stands for

p_user_id: for whom he wants to act; null means himself.';
-- <<< sql/functions/require_caller.sql

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
reservations. A signed-in buyer reserves for himself. Errors: those of reserve_tickets, definition_not_found.';
-- <<< sql/functions/reserve_series.sql

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
Amounts are in the venue''s currency. A signed-in buyer reserves for himself, for 15 minutes at most. Errors: not_allowed,
invalid_quantity, invalid_argument, schedule_not_found,
ticket_type_not_found, sold_out, ticket_type_sold_out, not_on_sale, schedule_cancelled, schedule_completed,
schedule_blocked, limit_per_user, idempotency_key_reused.';
-- <<< sql/functions/reserve_tickets.sql

-- >>> sql/functions/resize_ticket_type.sql
-- Deals a new limit of a ticket type over its buckets on each occurrence, or refuses it where one has more sold and held. Called by
-- trigger before the limit is written.
-- locks: ticket_types (by the update itself), then for each occurrence by id as lock_buckets and reclaim_lapsed_holds
-- raises: capacity_below_sold; lock_not_available
create or replace function ticketdb.resize_ticket_type()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedule_id int;
    v_taken int;
begin
    for v_schedule_id in
        select b.schedule_id
        from ticketdb.seat_buckets as b
        where b.ticket_type_id = new.id and b.bucket = 0
        order by b.schedule_id
    loop
        perform ticketdb.lock_buckets(v_schedule_id);
        loop
            select sum(b.held + b.sold)::int into v_taken
            from ticketdb.seat_buckets as b
            where b.schedule_id = v_schedule_id and b.ticket_type_id = new.id;
            exit when v_taken <= new.max_quantity or new.max_quantity is null;
            continue when ticketdb.reclaim_lapsed_holds(v_schedule_id) > 0;
            if v_taken - ticketdb.lapsed_seats(v_schedule_id, new.id) > new.max_quantity then
                perform ticketdb.raise_error(
                    'capacity_below_sold',
                    format(
                        'limit of ticket type %s cannot become %s: schedule %s has %s sold and held',
                        new.id, new.max_quantity, v_schedule_id, v_taken
                    ),
                    'Cancel reservations first, or wait until holds lapse.',
                    jsonb_build_object('schedule_id', v_schedule_id, 'requested', new.max_quantity)
                );
            end if;
            raise lock_not_available using
                message = format('a lapsed hold of ticket type %s is just being paid', new.id),
                hint = 'Change its limit again in a moment.';
        end loop;
        perform ticketdb.deal_seats(v_schedule_id, new.id, new.max_quantity, 0, 0);
    end loop;
    return new;
end
$$;
revoke execute on function ticketdb.resize_ticket_type() from public;
comment on function ticketdb.resize_ticket_type() is
'Trigger: deal a new limit of a ticket type over its buckets';
-- <<< sql/functions/resize_ticket_type.sql

-- >>> sql/functions/revoke_default_grants.sql
-- Closes what ticketdb made to everybody, to PostgREST's roles, and to whom the database grants rights on all that is new, as Supabase
-- does; row level security does not cover all of them, truncate for one. grant_roles opens what is needed. Called by migrations
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
        where i.oid = 'ticketdb.seat_buckets'::regclass and f.oid = 'public.event_schedules'::regclass
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
                      select g.object::regclass from ticketdb.role_grants as g where g.kind in ('table', 'sequence')
                  )
                  -- the sequences of their keys
                  or exists (
                      select
                      from pg_depend as d
                      inner join ticketdb.role_grants as g on g.kind = 'table' and g.object::regclass = d.refobjid
                      where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
                  )
              )
            union all
            select p.oid, p.proacl, p.proowner, 'function', p.oid::regprocedure::text
            from pg_proc as p
            where p.pronamespace = v_inside
               or p.oid in (
                   select g.object::regprocedure from ticketdb.role_grants as g where g.kind = 'function'
                   union all
                   select 'public.link_legacy_data(boolean)'::regprocedure
               )
        )
        select distinct o.kind, o.name, case when a.grantee = 0 then 'public' else quote_ident(r.rolname) end as grantee
        from ours as o
        cross join aclexplode(o.acl) as a
        left join pg_roles as r on r.oid = a.grantee
        -- what somebody granted to a role of his own stays
        where a.grantee <> o.owner
          and (
              a.grantee = 0
              or r.rolname in (select g.role_name from ticketdb.role_grants as g)
              or a.grantee in (
                  select e.grantee from pg_default_acl as d cross join aclexplode(d.defaclacl) as e
              )
          )
    loop
        execute format('revoke all on %s %s from %s', v_object.kind, v_object.name, v_object.grantee);
    end loop;
end
$$;
revoke execute on function ticketdb.revoke_default_grants() from public;
comment on function ticketdb.revoke_default_grants() is 'Close what ticketdb made to all to whom it was opened by default';
-- <<< sql/functions/revoke_default_grants.sql

-- >>> sql/functions/scan_ticket.sql
-- Admits the holder of a ticket, once: whoever scans it first, at whichever gate, for the ticket stays locked until that is
-- written. Every scan of a ticket is put on record. The inside of check_in.
-- locks: event_tickets, then (the application's) program_participants
-- raises: invalid_argument, idempotency_key_reused
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
        if v_scanned.ticket_id <> v_ticket.id then
            perform ticketdb.refuse_scan_id(p_scan_id);
        end if;
        result := v_scanned.result;
        if result is not null then
            return;
        end if;
    end if;

    result := case
        when v_ticket.schedule_id <> p_schedule_id then 'wrong_schedule'
        when v_ticket.status = 'void' then 'void'
        when v_ticket.first_scanned_at is not null then 'already_used'
        else 'admitted'
    end;
    insert into public.ticket_check_ins (ticket_id, scan_id, result, gate, scanned_at)
    values (v_ticket.id, p_scan_id, result, p_gate, p_scanned_at)
    on conflict do nothing;
    if not found then
        -- somebody used it for another ticket a moment ago
        perform ticketdb.refuse_scan_id(p_scan_id);
    end if;
    if result in ('admitted', 'already_used') then
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
comment on function ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz) is 'Admit the holder of a ticket, once';
-- <<< sql/functions/scan_ticket.sql

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
    ('function', 'ticketdb.database_time_zone()', 'execute', '{authenticated,service_role}'),
    -- the inside of selling, for anybody
    ('function', 'ticketdb.require_read_committed()', 'execute', '{service_role}'),
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

-- >>> sql/views/schedule_people.sql
-- Who comes: those linked to an occurrence, and those whom only the occurrence's own booking links to it, as long as they are linked to
-- no other occurrence. It reads the application's tables with its owner's rights, and shows each caller no more than he may see:
-- staff everybody, a signed-in buyer himself. Read by v_schedule_participants.
create or replace view ticketdb.schedule_people
with (security_barrier = true)
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
left join public.users as u on u.id = pp.user_id
where (select ticketdb.is_staff()) or pp.user_id = (select ticketdb.caller_user_id());
revoke all on ticketdb.schedule_people from public;
comment on view ticketdb.schedule_people is
'The participants of each occurrence, as far as the caller may see them';
comment on column ticketdb.schedule_people.schedule_id is 'Occurrence';
comment on column ticketdb.schedule_people.schedule_date is 'Local date of the occurrence';
comment on column ticketdb.schedule_people.event_title is 'Title of the event';
comment on column ticketdb.schedule_people.event_type is 'Type of the event';
comment on column ticketdb.schedule_people.participant_id is 'Participant';
comment on column ticketdb.schedule_people.name is 'Name';
comment on column ticketdb.schedule_people.mobile is 'Mobile number';
comment on column ticketdb.schedule_people.ticket_quantity is 'Tickets of this participant';
comment on column ticketdb.schedule_people.amount_paid is 'What this participant paid';
comment on column ticketdb.schedule_people.is_verified is 'Whether the participant was let in';
comment on column ticketdb.schedule_people.scan_count is 'How often the ticket was scanned';
comment on column ticketdb.schedule_people.joined_at is 'When the participant was entered';
comment on column ticketdb.schedule_people.booking_reference is 'Reference of the booking';
comment on column ticketdb.schedule_people.booking_status is 'Status of the booking';
comment on column ticketdb.schedule_people.user_email is 'Buyer''s user name';
comment on column ticketdb.schedule_people.first_name is 'Buyer''s first name';
comment on column ticketdb.schedule_people.last_name is 'Buyer''s last name';
comment on column ticketdb.schedule_people.booking_id is 'Booking';
comment on column ticketdb.schedule_people.is_active is 'Inactive participants have given up their place';
comment on column ticketdb.schedule_people.starts_at is 'Instant of the start';
-- <<< sql/views/schedule_people.sql

-- >>> sql/views/v_schedule_participants.sql
-- Who comes, as schedule_people says: the seed's columns in the seed's order, then ours.
create or replace view public.v_schedule_participants
with (security_invoker = true)
as
select
    p.schedule_id,
    p.schedule_date,
    p.event_title,
    p.event_type,
    p.participant_id,
    p.name,
    p.mobile,
    p.ticket_quantity,
    p.amount_paid,
    p.is_verified,
    p.scan_count,
    p.joined_at,
    p.booking_reference,
    p.booking_status,
    p.user_email,
    p.first_name,
    p.last_name,
    p.booking_id,
    p.is_active,
    p.starts_at
from ticketdb.schedule_people as p;
revoke all on public.v_schedule_participants from public;
comment on view public.v_schedule_participants is
'Schedule participants

The participants of each occurrence, linked to it or to the booking that announced it. Staff see everybody, a signed-in
buyer himself.';
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
-- <<< generated

create policy public_or_staff on public.event_definitions for select
using (is_active or (select ticketdb.is_staff()));
create policy staff_insert on public.event_definitions for insert with check ((select ticketdb.is_staff()));
create policy staff_update on public.event_definitions for update
using ((select ticketdb.is_staff())) with check ((select ticketdb.is_staff()));
create policy staff_delete on public.event_definitions for delete using ((select ticketdb.is_staff()));

create policy public_or_staff on public.event_schedules for select
using (
    (select ticketdb.is_staff())
    or event_definition_id in (select d.id from public.event_definitions as d where d.is_active)
);
create policy staff_insert on public.event_schedules for insert with check ((select ticketdb.is_staff()));
create policy staff_update on public.event_schedules for update
using ((select ticketdb.is_staff())) with check ((select ticketdb.is_staff()));
create policy staff_delete on public.event_schedules for delete using ((select ticketdb.is_staff()));

create policy public_or_staff on public.ticket_types for select
using (
    (select ticketdb.is_staff())
    or event_definition_id in (select d.id from public.event_definitions as d where d.is_active)
);
create policy staff_insert on public.ticket_types for insert with check ((select ticketdb.is_staff()));
create policy staff_update on public.ticket_types for update
using ((select ticketdb.is_staff())) with check ((select ticketdb.is_staff()));
create policy staff_delete on public.ticket_types for delete using ((select ticketdb.is_staff()));

create policy own_or_staff on public.ticket_reservations for select
using (user_id = (select ticketdb.caller_user_id()) or (select ticketdb.is_staff()));

create policy own_or_staff on public.ticket_payments for select
using (
    (select ticketdb.is_staff())
    or reservation_id in (
        select r.id from public.ticket_reservations as r where r.user_id = (select ticketdb.caller_user_id())
    )
);

create policy own_or_staff on public.event_tickets for select
using (
    (select ticketdb.is_staff())
    or reservation_id in (
        select r.id from public.ticket_reservations as r where r.user_id = (select ticketdb.caller_user_id())
    )
);

create policy staff on public.ticket_check_ins for select using ((select ticketdb.is_staff()));

create policy staff on public.legacy_link_issues for select using ((select ticketdb.is_staff()));

alter table public.ticket_reservations alter column reservation_code set default 'R-' || translate(
    upper(substr(encode(uuid_send(gen_random_uuid()), 'base64'), 10, 12)), '01IO+/', '23JP89'
);

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
