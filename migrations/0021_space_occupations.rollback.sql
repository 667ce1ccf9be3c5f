-- Takes out 0021_space_occupations. No cascade: what somebody built on it must make this fail.

drop trigger ticketdb_leave_space on public.bookings;
drop trigger ticketdb_occupy_other_space on public.bookings;
drop trigger ticketdb_occupy_space on public.bookings;
drop trigger follow_deleted_schedules on public.event_schedules;
drop trigger follow_schedule_space on public.event_schedules;
drop trigger follow_made_schedules on public.event_schedules;
drop trigger follow_definition_space on public.event_definitions;

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
      -- what was moved away still stands for its date
      and not exists (
          select from public.event_schedules as s
          where s.event_definition_id = d.id and s.original_start = o.schedule_date + o.start_time
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
many it inserted. Running it again inserts nothing, and an occurrence that was moved is not made again. schedule_exceptions says
where an event or its venue does not keep to the recurrence. p_event_definition_id: from event_definitions. Errors: not_allowed, invalid_argument, definition_not_found, not_recurring.';
-- <<< sql/functions/generate_recurring_schedules.sql

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
        )
        or exists (
            select from public.event_schedules as s
            where s.event_definition_id = d.id and s.original_start = o.schedule_date + o.start_time
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
-- Triggers of event_schedules: derive the instants, guard the counter, deal a new capacity or that of an occurrence that is put on
-- again, tell the holders of one that was moved, keep updated_at. Their conditions
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
before update of max_tickets, status on public.event_schedules
for each row when (new.max_tickets <> old.max_tickets or old.status = 'cancelled' and new.status <> 'cancelled')
execute function ticketdb.resize_schedule();
create or replace trigger resize_updated_schedule
after update on public.event_schedules
for each row when (new.max_tickets <> old.max_tickets or old.status = 'cancelled' and new.status <> 'cancelled')
execute function ticketdb.resize_schedule();
create or replace trigger tell_holders
after update of schedule_date, start_time, end_time, space_id on public.event_schedules
for each row when (
    (new.schedule_date, new.start_time, new.end_time, new.space_id)
    is distinct from (old.schedule_date, old.start_time, old.end_time, old.space_id)
)
execute function ticketdb.tell_holders();
create or replace trigger refuse_truncate
before truncate on public.event_schedules
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger touch_updated_at
before update on public.event_schedules
for each row when (new.tickets_sold = old.tickets_sold)
execute function ticketdb.touch_updated_at();
-- <<< sql/triggers/event_schedules.sql

-- >>> sql/triggers/host_bookings.sql
-- Triggers on the application's bookings. They cost bookings that name no occurrence nothing: the conditions keep them out.
create or replace trigger ticketdb_link_booking
before insert or update of event_schedule_id on public.bookings
for each row when (new.event_schedule_id is not null)
execute function ticketdb.link_booking();
create or replace trigger ticketdb_unlink_booking
before update of event_schedule_id on public.bookings
for each row when (old.event_schedule_id is not null and new.event_schedule_id is null)
execute function ticketdb.link_booking();
create or replace trigger ticketdb_follow_new_booking
after insert on public.bookings
for each row when (new.event_schedule_id is not null)
execute function ticketdb.follow_booking();
create or replace trigger ticketdb_follow_changed_booking
after update on public.bookings
for each row when (
    (new.event_schedule_id is not null or old.event_schedule_id is not null)
    and (new.event_schedule_id, new.status, new.attendees, new.ticket_type_id, new.is_admin_booking)
    is distinct from (old.event_schedule_id, old.status, old.attendees, old.ticket_type_id, old.is_admin_booking)
)
execute function ticketdb.follow_booking();
create or replace trigger ticketdb_follow_deleted_booking
before delete on public.bookings
for each row when (old.event_schedule_id is not null)
execute function ticketdb.follow_booking();
-- <<< sql/triggers/host_bookings.sql

drop view public.v_space_conflicts;
drop view public.v_space_calendar;
drop view ticketdb.space_problems;
drop view ticketdb.space_overlaps;
drop view ticketdb.space_claims;
drop view ticketdb.space_calendar;
drop view ticketdb.occupied_spaces;
drop function ticketdb.refuse_slot;
drop function ticketdb.occurrence_conflicts;
drop function ticketdb.occupy_spaces;
drop function ticketdb.occupy_around;
drop function public.get_available_time_slots;
drop function ticketdb.follow_schedule_space;
drop function ticketdb.follow_made_schedules;
drop function ticketdb.follow_deleted_schedules;
drop function ticketdb.follow_definition_space;
drop function ticketdb.follow_booking_space;
drop function ticketdb.fill_space_occupations;
drop function ticketdb.check_slot_arguments;
drop function ticketdb.booking_takes_space;
-- <<< generated

drop table ticketdb.space_occupations;

alter table public.event_definitions
drop column setup_minutes,
drop column teardown_minutes;
