-- Takes out 0013_read_committed_throughout. No cascade: what somebody built on it must make this fail.

comment on column public.ticket_reservations.schedule_id is
'Occurrence. Triggers stand for a foreign key, whose lock on the one row of a hot sale would make every buyer wait';
comment on column public.ticket_reservations.ticket_type_id is
'Ticket type; null means general admission. Guarded by triggers like schedule_id';

do $$
begin
    if to_regrole('authenticated') is not null then
        revoke execute on function ticketdb.require_read_committed() from authenticated;
    end if;
end
$$;

-- >>> generated: `make freeze` writes what stands between these lines
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

-- >>> sql/functions/resize_schedule.sql
-- Deals a new capacity over the buckets of an occurrence, or refuses it where more is sold and held. Its row is locked already,
-- and every sale that ends waits for that row with its bucket locked: so this waits for no bucket, but makes do with those that it
-- can have. Where these are not enough it looks again for a moment. Called by trigger before the capacity is written, for an error
-- that says what is wrong, and after it, for what other triggers made of the row.
-- locks: event_schedules (by the write itself); ticketdb.seat_buckets, ticket_reservations (passing over locked ones)
-- raises: capacity_below_sold; lock_not_available
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
-- <<< generated
