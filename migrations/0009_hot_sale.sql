-- Seats in buckets, so that a thousand buyers of one occurrence need not wait for each other; limits and windows of a sale;
-- series; check-in; the daily round. Takes the tables of ticketdb for itself while it runs; the application's are not touched.

drop view public.v_event_availability;
drop view ticketdb.schedule_sales;
drop trigger open_seat_pools on public.event_schedules;
drop trigger count_seats_inserted on public.ticket_reservations;
drop trigger count_seats_updated on public.ticket_reservations;
drop trigger count_seats_deleted on public.ticket_reservations;

alter table public.event_definitions
    add column max_per_order int,
    add column limit_per_user int,
    add column sales_open_before interval,
    add column sales_open_at timestamptz,
    add column sales_close_before interval,
    add column sales_close_at timestamptz,
    add constraint definition_limits_not_negative check (max_per_order >= 0 and limit_per_user >= 0),
    add constraint definition_sale_opens_once check (sales_open_before is null or sales_open_at is null),
    add constraint definition_sale_closes_once check (sales_close_before is null or sales_close_at is null),
    add constraint definition_sale_within_ten_years check (
        sales_open_before between interval '-10 years' and interval '10 years'
        and sales_close_before between interval '-10 years' and interval '10 years'
    );
comment on column public.event_definitions.max_per_order is
'Most tickets in one order; 0 means none; null means no limit';
comment on column public.event_definitions.limit_per_user is
'Most tickets of one user on an occurrence, over all orders, held and paid; 0 means none; null means no limit';
comment on column public.event_definitions.sales_open_before is
'Sale opens so long before the start; null, with sales_open_at null too, means always open';
comment on column public.event_definitions.sales_open_at is 'Sale opens at this instant, instead';
comment on column public.event_definitions.sales_close_before is
'Sale closes so long before the start, negative for after it; null, with sales_close_at null too, means until the occurrence ends';
comment on column public.event_definitions.sales_close_at is 'Sale closes at this instant, instead';

alter table public.event_schedules
    add column max_per_order int,
    add column limit_per_user int,
    add column sales_open_before interval,
    add column sales_open_at timestamptz,
    add column sales_close_before interval,
    add column sales_close_at timestamptz,
    add constraint schedule_limits_not_negative check (max_per_order >= 0 and limit_per_user >= 0),
    add constraint schedule_sale_opens_once check (sales_open_before is null or sales_open_at is null),
    add constraint schedule_sale_closes_once check (sales_close_before is null or sales_close_at is null),
    add constraint schedule_sale_within_ten_years check (
        sales_open_before between interval '-10 years' and interval '10 years'
        and sales_close_before between interval '-10 years' and interval '10 years'
    );
alter table public.event_schedules set (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000
);
comment on column public.event_schedules.max_per_order is
'Most tickets in one order; 0 means none; null means as the event says';
comment on column public.event_schedules.limit_per_user is
'Most tickets of one user on an occurrence, over all orders, held and paid; 0 means none; null means as the event says';
comment on column public.event_schedules.sales_open_before is
'Sale opens so long before the start; null, with sales_open_at null too, means as the event says';
comment on column public.event_schedules.sales_open_at is 'Sale opens at this instant, instead';
comment on column public.event_schedules.sales_close_before is
'Sale closes so long before the start, negative for after it; null, with sales_close_at null too, means as the event says';
comment on column public.event_schedules.sales_close_at is 'Sale closes at this instant, instead';

alter table public.ticket_types
    add column sales_open_before interval,
    add column sales_open_at timestamptz,
    add column sales_close_before interval,
    add column sales_close_at timestamptz,
    add constraint ticket_type_sale_opens_once check (sales_open_before is null or sales_open_at is null),
    add constraint ticket_type_sale_closes_once check (sales_close_before is null or sales_close_at is null),
    add constraint ticket_type_sale_within_ten_years check (
        sales_open_before between interval '-10 years' and interval '10 years'
        and sales_close_before between interval '-10 years' and interval '10 years'
    );
comment on column public.ticket_types.sales_open_before is
'Sale opens so long before the start; null, with sales_open_at null too, means always open';
comment on column public.ticket_types.sales_open_at is 'Sale opens at this instant, instead';
comment on column public.ticket_types.sales_close_before is
'Sale closes so long before the start, negative for after it; null, with sales_close_at null too, means until the occurrence ends';
comment on column public.ticket_types.sales_close_at is 'Sale closes at this instant, instead';

alter table public.ticket_reservations
    add column bucket int,
    add column series_id bigint constraint reservation_series references public.ticket_reservations (id),
    -- ten of base64's characters made from random bytes, those that look alike replaced: some 50 bits
    alter column reservation_code set default 'R-' || translate(
        upper(substr(encode(substring(uuid_send(gen_random_uuid()) from 9), 'base64'), 2, 10)), '01IO+/', '23JP89'
    ),
    drop constraint reservation_schedule,
    drop constraint reservation_ticket_type,
    drop constraint idempotency_key_unique,
    drop constraint one_reservation_per_booking,
    drop constraint one_place_per_participant;
alter table public.ticket_reservations set (
    -- a hold becomes a sale in place where it can; vacuum by number of rows, for the history grows for ever
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000
);
drop index public.ticket_reservations_user;
create unique index one_order_per_key on public.ticket_reservations (idempotency_key)
where idempotency_key is not null;
create unique index one_order_per_booking on public.ticket_reservations (booking_id)
where booking_id is not null;
create unique index one_place_of_participant on public.ticket_reservations (participant_id, schedule_id)
where participant_id is not null;
create index ticket_reservations_user on public.ticket_reservations (user_id, schedule_id)
where user_id is not null;
create index ticket_reservations_series on public.ticket_reservations (series_id)
where series_id is not null;
create index ticket_reservations_closed on public.ticket_reservations (closed_at)
where status in ('released', 'expired');
comment on column public.ticket_reservations.schedule_id is
'Occurrence. Triggers stand for a foreign key, whose lock on the one row of a hot sale would make every buyer wait';
comment on column public.ticket_reservations.ticket_type_id is
'Ticket type; null means general admission. Guarded by triggers like schedule_id';
comment on column public.ticket_reservations.bucket is
'Part of the occurrence''s seats that its own lie in; null until it first had seats';
comment on column public.ticket_reservations.series_id is
'First reservation of the series that it was made with; null for one of its own';
-- what has seats lies in the first bucket; the others are empty still
update public.ticket_reservations set bucket = 0 where status in ('held', 'confirmed');

alter table public.ticket_payments set (
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000
);

alter table public.event_tickets
    add column scan_count int not null default 0,
    add column first_scanned_at timestamptz,
    add constraint scan_count_not_negative check (scan_count >= 0);
alter table public.event_tickets set (
    -- a scan changes the row in place; vacuum by number of rows, for the history grows for ever
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000
);
drop index public.event_tickets_participant;
create index event_tickets_participant on public.event_tickets (participant_id)
where participant_id is not null;
comment on column public.event_tickets.scan_count is 'How often it was scanned for its own occurrence while valid';
comment on column public.event_tickets.first_scanned_at is 'When its holder was admitted; null until then';

create table public.ticket_check_ins (
    id bigint generated always as identity constraint ticket_check_ins_pkey primary key,
    ticket_id bigint not null constraint check_in_ticket references public.event_tickets (id),
    scan_id uuid,
    result text not null,
    gate text,
    scanned_at timestamptz not null,
    created_at timestamptz not null default clock_timestamp(),

    constraint check_in_result_known check (result in ('admitted', 'already_used', 'void', 'wrong_schedule'))
) with (
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000
);
-- a scan that is sent twice is one scan
create unique index scan_id_unique on public.ticket_check_ins (scan_id)
where scan_id is not null;
create index ticket_check_ins_ticket on public.ticket_check_ins (ticket_id);
alter table public.ticket_check_ins enable row level security;

comment on table public.ticket_check_ins is
'Check-ins

One row for each scan of a ticket at the door, with what the door was told.';
comment on column public.ticket_check_ins.id is 'Identity';
comment on column public.ticket_check_ins.ticket_id is 'Ticket that was scanned';
comment on column public.ticket_check_ins.scan_id is 'Scanner''s own number of the scan, so that it can be sent again';
comment on column public.ticket_check_ins.result is 'admitted, already_used, void or wrong_schedule';
comment on column public.ticket_check_ins.gate is 'Door or gate';
comment on column public.ticket_check_ins.scanned_at is 'When it was scanned, by the scanner''s word';
comment on column public.ticket_check_ins.created_at is 'When the row was made';

create table ticketdb.seat_buckets (
    schedule_id int not null
        constraint seat_bucket_schedule references public.event_schedules (id) on delete cascade,
    ticket_type_id int not null default 0,
    bucket int not null,
    capacity int,
    held int not null default 0,
    sold int not null default 0,

    constraint seat_buckets_pkey primary key (schedule_id, ticket_type_id, bucket),
    -- the rule that everything else is about; no capacity means no limit
    constraint seats_within_capacity check (held >= 0 and sold >= 0 and held + sold <= capacity)
) with (
    -- room for new versions of the rows on their own page: hot updates stay heap-only
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_analyze_scale_factor = 0.2
);

comment on table ticketdb.seat_buckets is
'Seats of an occurrence, and of each ticket type on it, dealt over several rows

held and sold are the sums of ticket_reservations, kept by trigger.';
comment on column ticketdb.seat_buckets.schedule_id is 'Occurrence';
comment on column ticketdb.seat_buckets.ticket_type_id is 'Ticket type; 0 stands for the occurrence as a whole';
comment on column ticketdb.seat_buckets.bucket is 'Number of the bucket, from 0';
comment on column ticketdb.seat_buckets.capacity is
'Number of seats dealt to it; the sum is max_tickets, or max_quantity of the type; null means no limit';
comment on column ticketdb.seat_buckets.held is 'Seats of held reservations, lapsed ones included until reclaimed';
comment on column ticketdb.seat_buckets.sold is 'Seats of confirmed reservations';

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/add_participants.sql
-- Writes who comes into the application's program_participants, with their tickets: the people that were named, and the buyer
-- for the tickets without a name. Not for a booking of the application's: there it enters them itself, and must not find them doubled. The table
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
            insert into public.event_tickets (reservation_id, participant_id)
            select p_reservation_id, v_participant_id
            from generate_series(1, v_person.quantity);
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
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return 'pg_catalog, ' || coalesce(
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
end
$$;
revoke execute on function ticketdb.application_search_path() from public;
comment on function ticketdb.application_search_path() is 'Search path that the application''s own triggers expect';
-- <<< sql/functions/application_search_path.sql

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

-- >>> sql/functions/bucket_count.sql
-- Over how many buckets so many seats are dealt. More buckets let more buyers in at once; fewer let a party find its seats in
-- one. Sixteen seats a bucket, and no more than 64 buckets: docs/performance.md has the measurements.
-- locks: none
-- raises: nothing
create or replace function ticketdb.bucket_count(p_seats int)
returns int
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return least(greatest(p_seats / 16, 1), 64);
end
$$;
revoke execute on function ticketdb.bucket_count(int) from public;
comment on function ticketdb.bucket_count(int) is 'Over how many buckets so many seats are dealt';
-- <<< sql/functions/bucket_count.sql

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
    -- in the order in which scan_ticket locks them
    perform ticketdb.issue_tickets(p_reservation_id, 0);
    perform ticketdb.deactivate_participants(p_reservation_id);
end
$$;
revoke execute on function ticketdb.cancel_sale(bigint, text) from public;
comment on function ticketdb.cancel_sale(bigint, text) is
'Undo a sale: void its tickets, free its seats, note the refund';
-- <<< sql/functions/cancel_sale.sql

-- >>> sql/functions/change_booking.sql
-- The application changed what a booking with seats asks for: occurrence, ticket type or number. Called by follow_booking.
-- locks: ticket_reservations (by the caller), then as check_limits, lock_moving_seats and (by
--        trigger) count_seats and find_bucket
-- raises: invalid_quantity, ticket_type_not_found, sold_out, ticket_type_sold_out, and what find_offer raises
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
    v_offer record;
    v_price numeric;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    select r.schedule_id, r.quantity, r.status, r.user_id into v_before
    from public.ticket_reservations as r
    where r.id = p_reservation_id;

    if p_schedule_id <> v_before.schedule_id or p_quantity > v_before.quantity then
        v_offer := ticketdb.find_offer(p_schedule_id, p_ticket_type_id);
        v_price := v_offer.price;
        if v_before.status = 'held' then
            perform ticketdb.check_limits(
                p_schedule_id, p_quantity, v_before.user_id, v_offer.max_per_order, v_offer.limit_per_user, p_reservation_id
            );
        end if;
    else
        v_price := ticketdb.ticket_price(p_schedule_id, p_ticket_type_id);
        if v_price is null then
            perform ticketdb.refuse_ticket_type(p_schedule_id, p_ticket_type_id);
        end if;
    end if;

    perform ticketdb.lock_moving_seats(p_reservation_id, p_schedule_id);
    update public.ticket_reservations as r
    set schedule_id = p_schedule_id, ticket_type_id = p_ticket_type_id, quantity = p_quantity,
        unit_price = v_price, total_amount = coalesce(p_total_amount, v_price * p_quantity),
        bucket = case when p_schedule_id = v_before.schedule_id then r.bucket end
    where r.id = p_reservation_id;
    if v_before.status = 'confirmed' then
        perform ticketdb.issue_tickets(p_reservation_id, p_quantity);
    end if;
end
$$;
revoke execute on function ticketdb.change_booking(bigint, int, int, int, numeric) from public;
comment on function ticketdb.change_booking(bigint, int, int, int, numeric) is
'Follow a change of occurrence, ticket type or attendees of a booking with seats';
-- <<< sql/functions/change_booking.sql

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
first answer. Errors: invalid_argument, idempotency_key_reused.';
-- <<< sql/functions/check_in.sql

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
    select coalesce(sum(r.quantity), 0) into v_has
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
        perform ticketdb.raise_error(
            'definition_not_found', format('event definition %s does not exist', p_event_definition_id),
            'event_definitions lists the events.',
            jsonb_build_object('event_definition_id', p_event_definition_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_period(int, timestamp, timestamp) from public;
comment on function ticketdb.check_period(int, timestamp, timestamp) is 'Refuse a period of an event that makes no sense';
-- <<< sql/functions/check_period.sql

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
    perform ticketdb.check_period(p_event_definition_id, p_start_date, p_end_date);
    select d.event_code, d.recurrence_type into v_definition
    from public.event_definitions as d
    where d.id = p_event_definition_id;
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
    if p_user_id is not null and not exists (select from public.users as u where u.id = p_user_id) then
        perform ticketdb.raise_error(
            'invalid_argument', format('user %s does not exist', p_user_id),
            'Pass the id of a row of users, or null for a guest.', jsonb_build_object('user_id', p_user_id)
        );
    end if;
    return true;
end
$$;
revoke execute on function ticketdb.check_reservation_arguments(int, int, int, interval, jsonb) from public;
comment on function ticketdb.check_reservation_arguments(int, int, int, interval, jsonb) is
'Refuse arguments of a reservation that mean nothing; true otherwise';
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
    v_type_on_sale boolean;
    v_type_left int;
begin
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    is_available := false;
    tickets_available := 0;

    select s.refusal, s.seats_left, s.max_per_order into v_sale
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

drop function ticketdb.confirm_payment;

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
    perform ticketdb.check_participants(p_participants, v_reservation.quantity);

    select p.reservation_id, p.amount, p.refund_due into v_payment
    from public.ticket_payments as p
    where p.payment_reference = p_payment_reference;
    if found then
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
        v_sale := ticketdb.seat_paid_reservation(p_reservation_id, p_payment_reference, p_participants);
        if v_sale.is_seated then
            -- all sales of the occurrence wait for its row from here to the end: nothing else is done
            select s.tickets_sold into tickets_sold
            from public.event_schedules as s
            where s.id = v_reservation.schedule_id;
            status := 'confirmed';
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
to it. The same reference with the same arguments returns the first answer. Errors: invalid_argument,
reservation_not_found, amount_mismatch, payment_reference_reused.';
-- <<< sql/functions/confirm_reservation.sql

-- >>> sql/functions/count_seats.sql
-- Keeps the seat counters: adds up what a statement changed in ticket_reservations and moves it, occurrence by occurrence and
-- bucket by bucket in ascending order. Called by trigger after every update and delete, so that the counters follow
-- whoever writes. A row without a bucket has no seats yet: assign_bucket finds it some.
-- locks: for each occurrence ticketdb.seat_buckets; where a bucket has no room, as open_type_buckets and gather_seats; then
--        event_schedules, where sold seats move
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
    v_buckets int[];
    v_held int[];
    v_sold int[];
    v_move record;
    -- a function in an expression costs less than a query for it
    v_done boolean;
begin
    select
        array_agg(o.schedule_id), array_agg(o.ticket_type_id), array_agg(o.bucket),
        array_agg(case when o.status = 'held' then -o.quantity else 0 end),
        array_agg(case when o.status = 'confirmed' then -o.quantity else 0 end)
    into v_schedules, v_types, v_buckets, v_held, v_sold
    from old_rows as o
    where o.bucket is not null;
    if tg_op = 'UPDATE' then
        select
            v_schedules || array_agg(n.schedule_id), v_types || array_agg(n.ticket_type_id),
            v_buckets || array_agg(n.bucket),
            v_held || array_agg(case when n.status = 'held' then n.quantity else 0 end),
            v_sold || array_agg(case when n.status = 'confirmed' then n.quantity else 0 end)
        into v_schedules, v_types, v_buckets, v_held, v_sold
        from new_rows as n
        where n.bucket is not null;
    end if;

    for v_move in
        select
            d.schedule_id,
            case when grouping(d.ticket_type_id) = 1 then 0 else d.ticket_type_id end as ticket_type_id,
            d.bucket,
            sum(d.held)::int as held,
            sum(d.sold)::int as sold,
            case when lead(d.schedule_id) over w is distinct from d.schedule_id then
                sum(case when grouping(d.ticket_type_id) = 1 then sum(d.sold) end) over (partition by d.schedule_id)
            end::int as sold_on_schedule
        from unnest(v_schedules, v_types, v_buckets, v_held, v_sold) as d (schedule_id, ticket_type_id, bucket, held, sold)
        group by grouping sets ((d.schedule_id, d.bucket), (d.schedule_id, d.ticket_type_id, d.bucket))
        having (grouping(d.ticket_type_id) = 1 or d.ticket_type_id is not null)
           and (sum(d.held) <> 0 or sum(d.sold) <> 0)
        window w as (order by d.schedule_id, grouping(d.ticket_type_id) desc, d.ticket_type_id, d.bucket)
        order by d.schedule_id, grouping(d.ticket_type_id) desc, d.ticket_type_id, d.bucket
    loop
        -- here, for a statement that moves no seat may run at any level: a user who is deleted leaves his reservations
        v_done := ticketdb.require_read_committed();
        if not ticketdb.move_seats(
            v_move.schedule_id, v_move.ticket_type_id, v_move.bucket, v_move.held, v_move.sold
        ) then
            perform ticketdb.open_buckets(v_move.schedule_id);
            if v_move.ticket_type_id <> 0 then
                perform ticketdb.open_type_buckets(v_move.schedule_id, v_move.ticket_type_id);
            end if;
            if not ticketdb.gather_seats(
                v_move.schedule_id, v_move.ticket_type_id, v_move.bucket, v_move.held + v_move.sold
            ) or not ticketdb.move_seats(
                v_move.schedule_id, v_move.ticket_type_id, v_move.bucket, v_move.held, v_move.sold
            ) then
                perform ticketdb.refuse_sold_out(
                    v_move.schedule_id, v_move.ticket_type_id, sum(b.capacity - b.held - b.sold)::int,
                    v_move.held + v_move.sold
                )
                from ticketdb.seat_buckets as b
                where b.schedule_id = v_move.schedule_id and b.ticket_type_id = v_move.ticket_type_id;
            end if;
        end if;
        -- last, for all sales of the occurrence share this row
        if v_move.sold_on_schedule <> 0 then
            v_done := ticketdb.count_sold_tickets(v_move.schedule_id, v_move.sold_on_schedule);
        end if;
    end loop;
    return null;
end
$$;
revoke execute on function ticketdb.count_seats() from public;
comment on function ticketdb.count_seats() is
'Trigger: keep seat_buckets and event_schedules.tickets_sold equal to ticket_reservations';
-- <<< sql/functions/count_seats.sql

-- >>> sql/functions/count_sold_tickets.sql
-- Adds to tickets_sold of an occurrence, the one row that all its sales share: called as late in a sale as can be. The setting
-- tells guard_schedule who writes, and updated_at needs no trigger of its own here.
-- locks: event_schedules
-- raises: nothing
create or replace function ticketdb.count_sold_tickets(p_schedule_id int, p_tickets int)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
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

-- >>> sql/functions/deal_seats.sql
-- Deals the seats of an occurrence, or of a ticket type on it, over its buckets anew: each keeps what is held and sold there,
-- one gets what a party needs, and the rest is spread evenly over as many buckets as so few seats deserve, that one first.
-- The only writer of capacity. Called when buckets are made, capacity or limit changes, or a party's seats are scattered.
-- locks: ticketdb.seat_buckets (by the caller)
-- raises: nothing
create or replace function ticketdb.deal_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_capacity int,
    p_bucket int,
    p_quantity int,
    p_buckets int[] default null
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with buckets as (
        select
            b.bucket,
            b.held + b.sold as taken,
            row_number() over (order by b.bucket < p_bucket, b.bucket) - 1 as turn,
            (p_capacity - p_quantity - sum(b.held + b.sold) over ())::int as spare
        from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id
          and (p_buckets is null or b.bucket = any (p_buckets))
    ),
    dealt as (
        select
            d.bucket,
            case when p_capacity is not null then
                d.taken
                + case when d.turn = 0 then p_quantity else 0 end
                + case when d.turn < d.shares then d.spare / d.shares else 0 end
                + case when d.turn < d.spare % d.shares then 1 else 0 end
            end as capacity
        from (
            select b.*, least(ticketdb.bucket_count(b.spare), count(*) over ()) as shares
            from buckets as b
        ) as d
    )
    update ticketdb.seat_buckets as b
    set capacity = d.capacity
    from dealt as d
    where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id and b.bucket = d.bucket
      and b.capacity is distinct from d.capacity;
$$;
revoke execute on function ticketdb.deal_seats(int, int, int, int, int, int[]) from public;
comment on function ticketdb.deal_seats(int, int, int, int, int, int[]) is
'Deal seats over the buckets anew

p_ticket_type_id: 0 means the whole occurrence; p_capacity: seats in all, null for no limit; p_bucket, p_quantity: the bucket
that must have so many free; p_buckets: only among these, p_capacity being theirs.';
-- <<< sql/functions/deal_seats.sql

-- >>> sql/functions/default_hold.sql
-- How long tickets are held where nobody says otherwise. Called wherever a hold begins.
-- locks: none
-- raises: nothing
create or replace function ticketdb.default_hold()
returns interval
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return interval '15 minutes';
end
$$;
revoke execute on function ticketdb.default_hold() from public;
comment on function ticketdb.default_hold() is 'How long tickets are held by default';
-- <<< sql/functions/default_hold.sql

-- >>> sql/functions/expire_lapsed_holds.sql
-- Expires lapsed holds of one occurrence, the oldest first and a bounded number at a time. It waits for no reservation: one that
-- somebody else has locked is being paid or given up just now. Called with the buckets locked, by reclaim_lapsed_holds and
-- resize_schedule.
-- locks: ticket_reservations (out of order, and therefore passing over locked ones); ticketdb.seat_buckets (by the caller)
-- raises: nothing
create or replace function ticketdb.expire_lapsed_holds(p_schedule_id int, p_buckets int[], p_limit int default 100)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids bigint[];
begin
    select array_agg(h.id) into v_ids
    from (
        select r.id
        from public.ticket_reservations as r
        where r.schedule_id = p_schedule_id and r.status = 'held' and r.expires_at <= clock_timestamp()
          and r.bucket = any (p_buckets)
        order by r.expires_at
        limit p_limit
        for no key update skip locked
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
revoke execute on function ticketdb.expire_lapsed_holds(int, int[], int) from public;
comment on function ticketdb.expire_lapsed_holds(int, int[], int) is
'Expire lapsed holds of some buckets; returns how many

p_limit: at most so many.';
-- <<< sql/functions/expire_lapsed_holds.sql

-- >>> sql/functions/find_bucket.sql
-- Finds a bucket with room for a party and locks it: the own one of this connection if it can, so that buyers at the same time
-- meet in different ones, then any other, and where their seats are scattered or in lapsed holds it gathers them. Called before
-- seats are taken.
-- locks: as open_buckets, open_type_buckets; then as try_bucket or gather_seats
-- raises: what look_for_seats raises
create or replace function ticketdb.find_bucket(p_schedule_id int, p_ticket_type_id int, p_quantity int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_type constant int := coalesce(p_ticket_type_id, 0);
    v_seats record;
    v_patience int := 20;
begin
    loop
        v_seats := ticketdb.look_for_seats(p_schedule_id, v_type, p_quantity);
        if v_seats.own_bucket is null then
            perform ticketdb.open_buckets(p_schedule_id);
            continue;
        end if;
        if not v_seats.are_open then
            perform ticketdb.open_type_buckets(p_schedule_id, v_type);
            continue;
        end if;
        if v_seats.bucket_with_room is not null then
            if ticketdb.try_bucket(p_schedule_id, v_type, v_seats.bucket_with_room, p_quantity) then
                return v_seats.bucket_with_room;
            end if;
            continue;
        end if;

        -- as in try_bucket, no lock may stay behind where this does not come to an end
        begin
            if ticketdb.gather_seats(p_schedule_id, 0, v_seats.own_bucket, p_quantity)
                and (v_type = 0 or ticketdb.gather_seats(p_schedule_id, v_type, v_seats.own_bucket, p_quantity))
            then
                return v_seats.own_bucket;
            end if;
            raise sqlstate 'TD001';
        exception
            when sqlstate 'TD001' then null;
        end;
        -- a lapsed hold is just being paid: mostly that has ended in a moment. Who pays may wait for this very transaction, so
        -- there is no lock to wait for
        v_patience := v_patience - 1;
        if v_patience = 0 then
            if v_seats.free < p_quantity then
                perform ticketdb.refuse_sold_out(p_schedule_id, 0, v_seats.free, p_quantity);
            else
                perform ticketdb.refuse_sold_out(p_schedule_id, v_type, v_seats.free_of_type, p_quantity);
            end if;
        end if;
        perform pg_sleep(0.01);
    end loop;
end
$$;
revoke execute on function ticketdb.find_bucket(int, int, int) from public;
comment on function ticketdb.find_bucket(int, int, int) is
'Lock a bucket that has room for a party, and return its number

p_ticket_type_id may be null.';
-- <<< sql/functions/find_bucket.sql

-- >>> sql/functions/find_idempotent_hold.sql
-- The reservation that an idempotency key stands for already, if any. Called by hold_tickets_once.
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
-- What a ticket costs now, or why none is sold: the occurrence, its event, the ticket type and their windows; seats are
-- find_bucket's business. Called before seats are taken.
-- locks: none
-- raises: schedule_not_found, schedule_cancelled, schedule_completed, schedule_blocked, not_on_sale, ticket_type_not_found
create or replace function ticketdb.find_offer(
    p_schedule_id int,
    p_ticket_type_id int,
    out price numeric,
    out max_per_order int,
    out limit_per_user int
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_offer record;
    v_type record;
begin
    select o.refusal, o.ticket_price, o.max_per_order, o.limit_per_user, o.opens_at, o.closes_at into v_offer
    from ticketdb.schedule_offers as o
    where o.schedule_id = p_schedule_id;
    if not found then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    if v_offer.refusal is not null then
        perform ticketdb.raise_error(
            v_offer.refusal,
            format(
                'schedule %s sells no tickets: it is %s', p_schedule_id, ticketdb.describe_refusal(v_offer.refusal)
            ),
            'v_event_availability lists what is on sale.',
            jsonb_strip_nulls(jsonb_build_object(
                'schedule_id', p_schedule_id, 'opens_at', v_offer.opens_at, 'closes_at', v_offer.closes_at
            ))
        );
    end if;
    price := v_offer.ticket_price;
    max_per_order := v_offer.max_per_order;
    limit_per_user := v_offer.limit_per_user;

    if p_ticket_type_id is not null then
        select t.is_on_sale, t.price, t.opens_at, t.closes_at into v_type
        from ticketdb.type_offer(p_schedule_id, p_ticket_type_id) as t;
        if not found then
            perform ticketdb.refuse_ticket_type(p_schedule_id, p_ticket_type_id);
        end if;
        if not v_type.is_on_sale then
            perform ticketdb.raise_error(
                'not_on_sale', format('ticket type %s is not on sale', p_ticket_type_id),
                'Choose another ticket type.',
                jsonb_strip_nulls(jsonb_build_object(
                    'ticket_type_id', p_ticket_type_id, 'opens_at', v_type.opens_at, 'closes_at', v_type.closes_at
                ))
            );
        end if;
        price := v_type.price;
    end if;
end
$$;
revoke execute on function ticketdb.find_offer(int, int) from public;
comment on function ticketdb.find_offer(int, int) is
'Price of one ticket and the limits of an order, where it is on sale

p_ticket_type_id may be null.';
-- <<< sql/functions/find_offer.sql

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

-- >>> sql/functions/free_seats.sql
-- One look at all buckets of an occurrence, without a lock and in one snapshot: how many seats are free in all, of a ticket type
-- too, and a bucket that has room for a party, the own one of this connection before any other; and whether every bucket has one of
-- the type. Seats that somebody is
-- just taking count as free, so that too many are never refused. Called by look_for_seats.
-- locks: none
-- raises: nothing
create or replace function ticketdb.free_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_quantity int,
    out own_bucket int,
    out bucket_with_room int,
    out free int,
    out free_of_type int,
    out are_open boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with buckets as (
        select
            b.bucket,
            b.capacity - b.held - b.sold as free,
            -- without a limit of its own a type has as many as there are
            case when p_ticket_type_id <> 0 then t.capacity - t.held - t.sold end as free_of_type,
            p_ticket_type_id = 0 or t.bucket is not null as is_open,
            (pg_backend_pid() % count(*) over ())::int as own_bucket
        from ticketdb.seat_buckets as b
        left join ticketdb.seat_buckets as t
            on t.schedule_id = b.schedule_id and t.ticket_type_id = p_ticket_type_id and t.bucket = b.bucket
        where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
    )
    select
        max(b.own_bucket),
        (
            array_agg(b.bucket order by b.bucket <> b.own_bucket, random())
            filter (where b.free >= p_quantity and coalesce(b.free_of_type, b.free) >= p_quantity)
        )[1],
        sum(b.free),
        sum(b.free_of_type),
        bool_and(b.is_open)
    from buckets as b;
$$;
revoke execute on function ticketdb.free_seats(int, int, int) from public;
comment on function ticketdb.free_seats(int, int, int) is
'Free seats of an occurrence and of a ticket type on it, and a bucket with room for a party

p_ticket_type_id: 0 means none. free_of_type is null without a limit.';
-- <<< sql/functions/free_seats.sql

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
        select sum(b.capacity), sum(b.capacity - b.held - b.sold) into v_capacity, v_free
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

-- >>> sql/functions/hold_booking_again.sql
-- A booking whose hold had ended is pending again: it takes seats like a new one. Called by follow_booking.
-- locks: ticket_reservations (by the caller), then as lock_moving_seats, check_limits and (by trigger) find_bucket
-- raises: what find_offer, check_limits and find_bucket raise
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
    v_offer record;
begin
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    perform ticketdb.lock_moving_seats(p_reservation_id, p_schedule_id);
    -- a lapsed hold gives up its old seats first
    update public.ticket_reservations as r
    set status = 'expired'
    where r.id = p_reservation_id and r.status = 'held';
    v_offer := ticketdb.find_offer(p_schedule_id, p_ticket_type_id);
    perform ticketdb.check_limits(p_schedule_id, p_quantity, r.user_id, v_offer.max_per_order, v_offer.limit_per_user)
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    update public.ticket_reservations as r
    set schedule_id = p_schedule_id, ticket_type_id = p_ticket_type_id, quantity = p_quantity,
        unit_price = v_offer.price, total_amount = coalesce(p_total_amount, v_offer.price * p_quantity),
        status = 'held', expires_at = clock_timestamp() + ticketdb.default_hold(),
        closed_at = null, close_reason = null, bucket = null
    where r.id = p_reservation_id;
end
$$;
revoke execute on function ticketdb.hold_booking_again(bigint, int, int, int, numeric) from public;
comment on function ticketdb.hold_booking_again(bigint, int, int, int, numeric) is
'Hold tickets again for a booking whose hold had ended';
-- <<< sql/functions/hold_booking_again.sql

-- >>> sql/functions/hold_series.sql
-- Holds tickets of every occurrence of an event in a period, or none. Seats are taken in ascending schedule id, so that two
-- series meet in the same order and never wait for each other in a circle; then all reservations are written in one statement. The
-- first of them carries the idempotency key and gives the series its number. The inside of reserve_series.
-- locks: users; then for each occurrence as find_bucket
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
    v_hold_for constant interval := ticketdb.default_hold();
    v_id bigint := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
    v_sequence constant regclass := pg_get_serial_sequence('public.ticket_reservations', 'id');
    v_schedule_id int;
    v_taken record;
    v_schedules int[];
    v_prices numeric[];
    v_buckets int[];
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_period(p_event_definition_id, p_start_date, p_end_date);
    perform ticketdb.check_reservation_arguments(0, p_quantity, p_user_id, v_hold_for, p_contact);
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
        v_taken := ticketdb.take_offered_seats(v_schedule_id, null, p_quantity, p_user_id);
        v_schedules := v_schedules || v_schedule_id;
        v_prices := v_prices || v_taken.price;
        v_buckets := v_buckets || v_taken.bucket;
    end loop;
    if v_schedules is null then
        perform ticketdb.raise_error(
            'schedule_not_found',
            format(
                'event %s has no occurrence from %s to %s', p_event_definition_id, p_start_date::date, p_end_date::date
            ),
            'generate_recurring_schedules makes them.',
            jsonb_build_object('event_definition_id', p_event_definition_id)
        );
    end if;

    v_id := nextval(v_sequence);
    insert into public.ticket_reservations (
        id, series_id, schedule_id, user_id, quantity, unit_price, total_amount, expires_at, idempotency_key, request,
        contact, bucket
    )
    overriding system value
    select
        case when t.n = 1 then v_id else nextval(v_sequence) end, v_id, t.schedule_id, p_user_id, p_quantity, t.price,
        ticketdb.total_price(t.price, p_quantity), clock_timestamp() + v_hold_for, case when t.n = 1 then p_idempotency_key end,
        case when t.n = 1 and p_idempotency_key is not null then v_request end, p_contact, t.bucket
    from unnest(v_schedules, v_prices, v_buckets) with ordinality as t (schedule_id, price, bucket, n);
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
-- Takes tickets out of sale until they are paid or the hold lapses. The inside of reserve_tickets; the trigger on bookings
-- calls it for the application's pending bookings. Every statement in it is paid for by every buyer of a hot sale, so
-- functions are called in expressions, which costs less than a query each.
-- locks: as take_offered_seats
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
    v_checked constant boolean := ticketdb.require_read_committed()
        and ticketdb.check_reservation_arguments(p_schedule_id, p_quantity, p_user_id, v_hold_for, p_contact);
    v_taken record;
begin
    v_taken := ticketdb.take_offered_seats(p_schedule_id, p_ticket_type_id, p_quantity, p_user_id);
    unit_price := v_taken.price;
    total_amount := coalesce(p_total_amount, ticketdb.total_price(unit_price, p_quantity));
    expires_at := clock_timestamp() + v_hold_for;
    insert into public.ticket_reservations as r (
        schedule_id, ticket_type_id, user_id, booking_id, quantity, unit_price, total_amount, expires_at, origin,
        idempotency_key, request, contact, bucket
    )
    values (
        p_schedule_id, p_ticket_type_id, p_user_id, p_booking_id, p_quantity, hold_tickets.unit_price,
        hold_tickets.total_amount, hold_tickets.expires_at,
        case when p_booking_id is null then 'api' else 'booking' end,
        p_idempotency_key, p_request, p_contact, v_taken.bucket
    )
    returning r.id, r.reservation_code into reservation_id, reservation_code;
end
$$;
revoke execute on function ticketdb.hold_tickets(int, int, int, int, interval, jsonb, text, jsonb, int, numeric) from public;
comment on function ticketdb.hold_tickets(int, int, int, int, interval, jsonb, text, jsonb, int, numeric) is
'Hold tickets

p_hold_for: default 15 minutes; p_total_amount: default quantity times price; p_booking_id: the application''s booking.';
-- <<< sql/functions/hold_tickets.sql

-- >>> sql/functions/hold_tickets_once.sql
-- Holds tickets for an order that has a key of the caller's: however often it is sent, and however many of it arrive at once,
-- it is one order. Called by reserve_tickets.
-- locks: as hold_tickets
-- raises: idempotency_key_reused, invalid_argument, and what hold_tickets raises
create or replace function ticketdb.hold_tickets_once(
    p_schedule_id int,
    p_quantity int,
    p_ticket_type_id int,
    p_user_id int,
    p_hold_for interval,
    p_contact jsonb,
    p_idempotency_key text
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_request constant jsonb := jsonb_build_object(
        'schedule_id', p_schedule_id, 'quantity', p_quantity, 'ticket_type_id', p_ticket_type_id,
        'user_id', p_user_id, 'hold_seconds', extract(epoch from p_hold_for), 'contact', p_contact
    );
    v_id bigint := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
    v_hold record;
begin
    if v_id is not null then
        return v_id;
    end if;
    v_hold := ticketdb.hold_tickets(
        p_schedule_id, p_quantity, p_ticket_type_id, p_user_id, p_hold_for, p_contact, p_idempotency_key, v_request
    );
    return v_hold.reservation_id;
exception
    when unique_violation or sqlstate 'PT409' then
        -- this very order, sent twice at once, may have come first, or taken the last seats; its seats here are given back
        v_id := ticketdb.find_idempotent_hold(p_idempotency_key, v_request);
        if v_id is null then
            raise;
        end if;
        return v_id;
end
$$;
revoke execute on function ticketdb.hold_tickets_once(int, int, int, int, interval, jsonb, text) from public;
comment on function ticketdb.hold_tickets_once(int, int, int, int, interval, jsonb, text) is
'Hold tickets for an order with an idempotency key; returns the id of the reservation';
-- <<< sql/functions/hold_tickets_once.sql

drop function ticketdb.issue_tickets;

-- >>> sql/functions/issue_tickets.sql
-- Makes the valid tickets of a reservation as many as are wanted. Missing ones are issued, the newest surplus ones become void.
-- Called wherever a reservation is confirmed, resized or cancelled.
-- locks: ticket_reservations (by the caller), event_tickets
-- raises: nothing
create or replace function ticketdb.issue_tickets(p_reservation_id bigint, p_wanted int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_valid int;
begin
    select count(*) into v_valid
    from public.event_tickets as t
    where t.reservation_id = p_reservation_id and t.status = 'valid';
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
end
$$;
revoke execute on function ticketdb.issue_tickets(bigint, int) from public;
comment on function ticketdb.issue_tickets(bigint, int) is
'Issue or void tickets until the valid ones match the reservation';
-- <<< sql/functions/issue_tickets.sql

-- >>> sql/functions/link_capacity.sql
-- Makes room for imported sales: an occurrence that was sold above its capacity keeps the truth, and an issue has both numbers.
-- Called by the steps of link_legacy_data just before they write sales. The buckets stay locked until then, so that nobody takes
-- the room away.
-- locks: for each occurrence by id as open_buckets and lock_buckets; then event_schedules
-- raises: nothing
create or replace function ticketdb.link_capacity(p_schedules int[], p_quantities bigint[])
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.open_buckets(n.schedule_id), ticketdb.lock_buckets(n.schedule_id)
    from (select unnest(p_schedules) as schedule_id order by 1) as n;

    with oversold as (
        select
            n.schedule_id, sum(b.capacity) as capacity, sum(b.sold) + n.quantity as sold,
            sum(b.held + b.sold) + n.quantity as needed
        from unnest(p_schedules, p_quantities) as n (schedule_id, quantity)
        inner join ticketdb.seat_buckets as b on b.schedule_id = n.schedule_id and b.ticket_type_id = 0
        group by n.schedule_id, n.quantity
        having sum(b.held + b.sold) + n.quantity > sum(b.capacity)
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
-- locks: event_schedules (new rows only)
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
    v_first bigint;
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

        -- without seats at first: the update below counts them once for each occurrence, not once for each row
        with made as (
            insert into public.ticket_reservations (
                schedule_id, user_id, booking_id, participant_id, quantity, unit_price, total_amount, status, expires_at,
                origin, created_at, confirmed_at, bucket
            )
            select
                p.schedule_id, p.user_id, p.booking_id, p.participant_id, p.quantity, p.unit_price, p.total_amount,
                'released', p.booked_at, 'legacy', p.booked_at, p.booked_at, 0
            from ticketdb.legacy_places(v_after, v_to) as p
            where p.schedule_id is not null
            order by p.participant_id, p.schedule_id
            returning id
        )
        select min(m.id), count(*) into v_first, v_rows from made as m;
        update public.ticket_reservations as r
        set status = 'confirmed'
        where r.id >= v_first and r.origin = 'legacy' and r.bucket = 0 and r.status = 'released';
        update public.bookings as b
        set event_schedule_id = r.schedule_id
        from public.ticket_reservations as r
        where r.id >= v_first and r.origin = 'legacy' and r.booking_id = b.id;
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
    v_first bigint;
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

        -- without seats at first: the update below counts them once for each occurrence, not once for each row
        with made as (
            insert into public.ticket_reservations (
                schedule_id, user_id, booking_id, quantity, unit_price, total_amount, status, expires_at, origin,
                created_at, confirmed_at, closed_at, bucket
            )
            select
                p.schedule_id, p.user_id, p.booking_id, p.quantity, p.unit_price, p.total_amount,
                case when p.status = 'confirmed' then 'released' else p.status end,
                p.booked_at, 'legacy', p.booked_at,
                case when p.status = 'confirmed' then p.booked_at end,
                case when p.status <> 'confirmed' then p.booked_at end,
                case when p.status = 'confirmed' then 0 end
            from ticketdb.legacy_sales(v_after, v_to) as p
            where p.schedule_id is not null
            order by p.booking_id
            returning id
        )
        select min(m.id), count(*) into v_first, v_rows from made as m;
        update public.ticket_reservations as r
        set status = 'confirmed'
        where r.id >= v_first and r.origin = 'legacy' and r.bucket = 0 and r.status = 'released';
        update public.bookings as b
        set event_schedule_id = r.schedule_id
        from public.ticket_reservations as r
        where r.id >= v_first and r.origin = 'legacy' and r.booking_id = b.id;
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
-- locks: bookings, event_schedules (new rows only)
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

-- >>> sql/functions/lock_buckets.sql
-- Locks all buckets of an occurrence, in order, until the end of the transaction, and returns their numbers: nobody else moves
-- one of its seats meanwhile, for whoever moves seats of a ticket type holds a bucket of the occurrence. Called by whoever
-- must know all of them.
-- locks: ticketdb.seat_buckets
-- raises: nothing
create or replace function ticketdb.lock_buckets(p_schedule_id int)
returns int[]
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(l.bucket)
    from (
        select b.bucket
        from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
        order by b.bucket
        for no key update
    ) as l;
$$;
revoke execute on function ticketdb.lock_buckets(int) from public;
comment on function ticketdb.lock_buckets(int) is
'Lock all buckets of an occurrence until the end of the transaction; returns their numbers';
-- <<< sql/functions/lock_buckets.sql

-- >>> sql/functions/lock_moving_seats.sql
-- Locks all buckets of the occurrences between which a reservation moves its seats, or of the one on which it changes them:
-- giving seats back locks one bucket, and to look for others with that in hand could end in a deadlock. Called before.
-- locks: as lock_buckets, by schedule_id
-- raises: nothing
create or replace function ticketdb.lock_moving_seats(p_reservation_id bigint, p_schedule_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.lock_buckets(m.schedule_id)
    from (
        select r.schedule_id from public.ticket_reservations as r where r.id = p_reservation_id
        union
        select p_schedule_id
        order by 1
    ) as m;
end
$$;
revoke execute on function ticketdb.lock_moving_seats(bigint, int) from public;
comment on function ticketdb.lock_moving_seats(bigint, int) is
'Lock all buckets of the occurrences between which a reservation moves its seats

p_schedule_id: where it moves to; may be the one where it is.';
-- <<< sql/functions/lock_moving_seats.sql

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
    select r.booking_id into v_booking_id
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    if v_booking_id is not null then
        -- participants that are written later refer to the booking
        perform from public.bookings as b where b.id = v_booking_id for key share;
    end if;
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

-- >>> sql/functions/look_for_seats.sql
-- Looks for seats for a party: a bucket that has room, or all of them together with what lapsed holds give back; what does not fit
-- into that is refused. Stable, so that all is counted in one snapshot, in which seats that somebody is just taking are still free:
-- nobody is refused while there is room, and whoever is refused has locked nothing, written nothing and waited for nobody.
-- Called by find_bucket, and ahead of any lock by take_offered_seats.
-- locks: none
-- raises: schedule_not_found, ticket_type_not_found, sold_out, ticket_type_sold_out
create or replace function ticketdb.look_for_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_quantity int,
    out own_bucket int,
    out bucket_with_room int,
    out free int,
    out free_of_type int,
    out are_open boolean
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_left int;
    v_left_of_type int;
begin
    select s.own_bucket, s.bucket_with_room, s.free, s.free_of_type, s.are_open
    into own_bucket, bucket_with_room, free, free_of_type, are_open
    from ticketdb.free_seats(p_schedule_id, p_ticket_type_id, p_quantity) as s;
    if bucket_with_room is not null and are_open then
        return;
    end if;

    if own_bucket is null then
        select s.max_tickets into free
        from public.event_schedules as s
        where s.id = p_schedule_id;
        if not found then
            perform ticketdb.refuse_schedule(p_schedule_id);
        end if;
    end if;
    v_left := free;
    if v_left < p_quantity then
        v_left := v_left + ticketdb.lapsed_seats(p_schedule_id);
    end if;
    if v_left < p_quantity then
        perform ticketdb.refuse_sold_out(p_schedule_id, 0, v_left, p_quantity);
    end if;
    if p_ticket_type_id <> 0 then
        v_left_of_type := ticketdb.type_seats(p_schedule_id, p_ticket_type_id);
        if v_left_of_type < p_quantity then
            perform ticketdb.refuse_sold_out(p_schedule_id, p_ticket_type_id, v_left_of_type, p_quantity);
        end if;
    end if;
end
$$;
revoke execute on function ticketdb.look_for_seats(int, int, int) from public;
comment on function ticketdb.look_for_seats(int, int, int) is
'Look for seats for a party

p_ticket_type_id: 0 means none. own_bucket is null where no bucket was made yet; are_open is false where the ticket type lacks one.';
-- <<< sql/functions/look_for_seats.sql

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

drop function ticketdb.move_seats;

-- >>> sql/functions/move_seats.sql
-- Moves held and sold seats of one bucket in a single guarded update: correct whatever runs beside it. False where it has no
-- room for them. Called by count_seats and take_seats alone.
-- locks: ticketdb.seat_buckets
-- raises: nothing
create or replace function ticketdb.move_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_bucket int,
    p_held int,
    p_sold int
)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update ticketdb.seat_buckets as b
    set held = b.held + p_held, sold = b.sold + p_sold
    where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id and b.bucket = p_bucket
      -- giving back always works; taking only what is there
      and (p_held + p_sold <= 0 or b.capacity is null or b.held + b.sold + p_held + p_sold <= b.capacity);
    return found;
end
$$;
revoke execute on function ticketdb.move_seats(int, int, int, int, int) from public;
comment on function ticketdb.move_seats(int, int, int, int, int) is
'Move seats of one bucket; false where there is no room

p_ticket_type_id: 0 means the whole occurrence; p_held, p_sold: seats to add, negative to take off.';
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
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    if p_participants is null then
        quantity := p_quantity;
        amount := p_amount;
        return next;
        return;
    end if;
    return query
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
end
$$;
revoke execute on function ticketdb.named_participants(jsonb, int, numeric) from public;
comment on function ticketdb.named_participants(jsonb, int, numeric) is 'The people of a reservation, one row each';
-- <<< sql/functions/named_participants.sql

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

-- >>> sql/functions/open_type_buckets.sql
-- Makes the buckets of a ticket type on an occurrence when its first ticket is asked for, and those that came with a higher
-- capacity meanwhile. The locks keep limit and buckets still until they are there, so that a new limit finds them.
-- locks: ticket_types (share), then as lock_buckets
-- raises: ticket_type_not_found
create or replace function ticketdb.open_type_buckets(p_schedule_id int, p_ticket_type_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_limit int;
    v_is_first boolean;
begin
    select t.max_quantity into v_limit
    from public.ticket_types as t
    where t.id = p_ticket_type_id
    for share;
    if not found then
        perform ticketdb.refuse_ticket_type(p_schedule_id, p_ticket_type_id);
    end if;
    perform ticketdb.lock_buckets(p_schedule_id);
    v_is_first := not exists (
        select from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id
    );
    insert into ticketdb.seat_buckets (schedule_id, ticket_type_id, bucket, capacity)
    select b.schedule_id, p_ticket_type_id, b.bucket, case when v_limit is not null then 0 end
    from ticketdb.seat_buckets as b
    where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
    on conflict on constraint seat_buckets_pkey do nothing;
    if v_is_first then
        perform ticketdb.deal_seats(p_schedule_id, p_ticket_type_id, v_limit, 0, 0);
    end if;
end
$$;
revoke execute on function ticketdb.open_type_buckets(int, int) from public;
comment on function ticketdb.open_type_buckets(int, int) is 'Make the buckets of a ticket type on an occurrence';
-- <<< sql/functions/open_type_buckets.sql

-- >>> sql/functions/participant_text_length.sql
-- How long a text column of the application's program_participants may be. Called by add_participants.
-- locks: none
-- raises: nothing
create or replace function ticketdb.participant_text_length(p_column text)
returns int
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- a varchar(n) has n + 4 here, a text has -1
    return (
        select case when a.atttypmod > 4 then a.atttypmod - 4 else 10000 end
        from pg_attribute as a
        where a.attrelid = 'public.program_participants'::regclass and a.attname = p_column
    );
end
$$;
revoke execute on function ticketdb.participant_text_length(text) from public;
comment on function ticketdb.participant_text_length(text) is
'Longest text, in characters, that a column of program_participants takes';
-- <<< sql/functions/participant_text_length.sql

-- >>> sql/functions/reclaim_lapsed_holds.sql
-- Takes the seats of lapsed holds of one occurrence back, the oldest first and a bounded number at a time. Called by whoever
-- needs the seats, and by the sweep.
-- locks: as lock_buckets, then as expire_lapsed_holds
-- raises: nothing
create or replace function ticketdb.reclaim_lapsed_holds(p_schedule_id int, p_limit int default 100)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return ticketdb.expire_lapsed_holds(p_schedule_id, ticketdb.lock_buckets(p_schedule_id), p_limit);
end
$$;
revoke execute on function ticketdb.reclaim_lapsed_holds(int, int) from public;
comment on function ticketdb.reclaim_lapsed_holds(int, int) is
'Expire lapsed holds of an occurrence; returns how many

p_limit: at most so many.';
-- <<< sql/functions/reclaim_lapsed_holds.sql

-- >>> sql/functions/refuse_reserved.sql
-- Stands for the foreign keys that ticket_reservations does without: an occurrence or a ticket type that was ever reserved is
-- not deleted. Buckets are what both sides lock: whoever deletes waits for reservations on their way, and those that come later
-- find no bucket. Called by trigger when a ticket type, or the first bucket of an occurrence, is deleted.
-- locks: ticketdb.seat_buckets
-- raises: foreign_key_violation, as a foreign key does
create or replace function ticketdb.refuse_reserved()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_table_name = 'ticket_types' then
        delete from ticketdb.seat_buckets as b where b.ticket_type_id = old.id;
        if exists (select from public.ticket_reservations as r where r.ticket_type_id = old.id) then
            raise foreign_key_violation using
                message = format('ticket type %s has reservations', old.id),
                hint = 'Set is_active to false; nothing more of it is sold then.';
        end if;
    elsif exists (select from public.ticket_reservations as r where r.schedule_id = old.schedule_id) then
        raise foreign_key_violation using
            message = format('schedule %s has reservations', old.schedule_id),
            hint = 'Set its status to cancelled; nothing more of it is sold then.';
    end if;
    return old;
end
$$;
revoke execute on function ticketdb.refuse_reserved() from public;
comment on function ticketdb.refuse_reserved() is 'Trigger: refuse to delete what was ever reserved';
-- <<< sql/functions/refuse_reserved.sql

-- >>> sql/functions/refuse_scan_id.sql
-- Says that a scan's number stands for another scan.
-- locks: none
-- raises: idempotency_key_reused
create or replace function ticketdb.refuse_scan_id(p_scan_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'idempotency_key_reused', format('scan %s was of another ticket', p_scan_id),
        'Use a new p_scan_id for a new scan.', jsonb_build_object('scan_id', p_scan_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_scan_id(uuid) from public;
comment on function ticketdb.refuse_scan_id(uuid) is 'Raise idempotency_key_reused for a scan';
-- <<< sql/functions/refuse_scan_id.sql

-- >>> sql/functions/refuse_schedule.sql
-- Says that there is no such occurrence.
-- locks: none
-- raises: schedule_not_found
create or replace function ticketdb.refuse_schedule(p_schedule_id int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'schedule_not_found', format('schedule %s does not exist', p_schedule_id),
        'v_event_availability lists what is on sale.', jsonb_build_object('schedule_id', p_schedule_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_schedule(int) from public;
comment on function ticketdb.refuse_schedule(int) is 'Raise schedule_not_found';
-- <<< sql/functions/refuse_schedule.sql

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
        jsonb_build_object('schedule_id', p_schedule_id, 'available', p_available, 'requested', p_requested)
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
returns boolean
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
    return true;
end
$$;
revoke execute on function ticketdb.require_read_committed() from public;
comment on function ticketdb.require_read_committed() is
'Refuse isolation levels at which a contended counter would end in SQLSTATE 40001; true otherwise';
-- <<< sql/functions/require_read_committed.sql

-- >>> sql/functions/reserve_series.sql
-- The face of ticketdb.hold_series.
-- locks, raises: as hold_series
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
reservations. Errors: those of reserve_tickets, definition_not_found.';
-- <<< sql/functions/reserve_series.sql

-- >>> sql/functions/reserve_tickets.sql
-- The face of ticketdb.hold_tickets and hold_tickets_once.
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
Amounts are in the venue''s currency. Errors: invalid_quantity, invalid_argument, schedule_not_found,
ticket_type_not_found, sold_out, ticket_type_sold_out, not_on_sale, schedule_cancelled, schedule_completed,
schedule_blocked, limit_per_user, idempotency_key_reused.';
-- <<< sql/functions/reserve_tickets.sql

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
            select sum(b.held + b.sold) into v_taken
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
                      'public.event_definitions'::regclass, 'public.event_schedules'::regclass,
                      'public.ticket_types'::regclass, 'public.ticket_reservations'::regclass,
                      'public.ticket_payments'::regclass, 'public.event_tickets'::regclass,
                      'public.ticket_check_ins'::regclass,
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
                            'public.ticket_check_ins'::regclass,
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
                   'public.cancel_reservation'::regproc, 'public.reserve_series'::regproc,
                   'public.check_in'::regproc, 'public.run_maintenance'::regproc,
                   'public.link_legacy_data'::regproc, 'public.verify_inventory'::regproc
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
    select r.id, r.status, s.tickets_sold into reservation_id, status, tickets_sold
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.id = p_reservation_id;
    ticket_codes := array(
        select t.ticket_code
        from public.event_tickets as t
        where t.reservation_id = p_reservation_id and t.status = 'valid'
        order by t.id
    );
    select coalesce(sum(p.refund_due), 0) into refund_due
    from public.ticket_payments as p
    where p.reservation_id = p_reservation_id;
end
$$;
revoke execute on function ticketdb.sale_receipt(bigint) from public;
comment on function ticketdb.sale_receipt(bigint) is 'A sale as its buyer gets to see it';
-- <<< sql/functions/sale_receipt.sql

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
        select p.name into name
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
    out ticket_codes uuid[],
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reservation record;
    v_sale record;
    v_was_seated boolean;
begin
    select r.status, r.schedule_id, r.ticket_type_id, s.status = 'cancelled' or s.is_blocked as is_called_off
    into v_reservation
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.id = p_reservation_id;
    if v_reservation.is_called_off then
        is_seated := false;
    elsif v_reservation.status = 'held' then
        v_sale := ticketdb.sell_seats(p_reservation_id, p_participants);
        is_seated := true;
    else
        begin
            perform ticketdb.find_offer(v_reservation.schedule_id, v_reservation.ticket_type_id);
            v_sale := ticketdb.sell_seats(p_reservation_id, p_participants);
            is_seated := true;
        exception
            when sqlstate 'PT409' or sqlstate 'PT404' then is_seated := false;
        end;
    end if;
    v_was_seated := is_seated;
    if is_seated then
        -- once more, for now its row is locked
        select s.status <> 'cancelled' and not s.is_blocked into is_seated
        from public.event_schedules as s
        where s.id = v_reservation.schedule_id;
    end if;
    if is_seated then
        ticket_codes := v_sale.ticket_codes;
        refund_due := v_sale.refund_due;
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

p_payment_reference: the payment on record that pays for it; p_participants: who comes, as add_participants has it.';
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

-- >>> sql/functions/sell_seats.sql
-- Turns a reservation into a sale: participants, tickets, and last its status, with which triggers find it seats that it no longer
-- has, count them, and lock the occurrence's own row. What the caller will be told is read before that, so that nothing is left to be
-- done while all other sales wait for that row. Called by seat_paid_reservation.
-- locks: ticket_reservations (by the caller), program_participants, then (by trigger) as find_bucket and count_seats
-- raises: what find_bucket raises
create or replace function ticketdb.sell_seats(
    p_reservation_id bigint,
    p_participants jsonb,
    out ticket_codes uuid[],
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_receipt record;
begin
    perform ticketdb.add_participants(p_reservation_id, p_participants);
    perform ticketdb.issue_tickets(p_reservation_id, r.quantity)
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    v_receipt := ticketdb.sale_receipt(p_reservation_id);
    ticket_codes := v_receipt.ticket_codes;
    refund_due := v_receipt.refund_due;
    update public.ticket_reservations as r
    set status = 'confirmed', confirmed_at = clock_timestamp(), closed_at = null, close_reason = null,
        bucket = case when r.status = 'held' then r.bucket end
    where r.id = p_reservation_id;
end
$$;
revoke execute on function ticketdb.sell_seats(bigint, jsonb) from public;
comment on function ticketdb.sell_seats(bigint, jsonb) is
'Turn a reservation into a sale; returns its tickets and what is due back of other payments';
-- <<< sql/functions/sell_seats.sql

-- >>> sql/functions/series_receipt.sql
-- The reservations of a series as their buyer gets to see them, in order of their occurrences. Called by reserve_series.
-- locks: none
-- raises: nothing
create or replace function ticketdb.series_receipt(
    p_series_id bigint,
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
returns setof record
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        r.id, r.reservation_code, r.schedule_id, r.ticket_type_id, r.quantity, r.unit_price, r.total_amount, r.status,
        r.expires_at
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.series_id = p_series_id
    order by s.starts_at, r.schedule_id;
$$;
revoke execute on function ticketdb.series_receipt(bigint) from public;
comment on function ticketdb.series_receipt(bigint) is 'The reservations of a series as their buyer gets to see them';
-- <<< sql/functions/series_receipt.sql

-- >>> sql/functions/take_offered_seats.sql
-- Takes seats for an order at the price of the moment, or says why it cannot have them. First the fast path of a hot sale: one
-- statement that takes them from this connection's own bucket. Where that finds nothing, for whatever reason, it looks closely.
-- The inner transaction gives back a lock that was waited for in vain, as in try_bucket. Called by hold_tickets and hold_series.
-- locks: ticketdb.seat_buckets (one); where that does not serve, as check_limits and take_seats
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
    if p_ticket_type_id is null then
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
              and b.bucket = pg_backend_pid() % ticketdb.bucket_count(o.max_tickets)
              and b.held + b.sold + p_quantity <= b.capacity
            returning b.bucket, o.ticket_price into bucket, price;
            if found then
                return;
            end if;
            raise sqlstate 'TD001';
        exception
            when sqlstate 'TD001' then null;
        end;
    end if;
    v_offer := ticketdb.find_offer(p_schedule_id, p_ticket_type_id);
    -- ahead of the user's lock: who comes too late waits for nobody, not even for another order of his own
    v_seats := ticketdb.look_for_seats(p_schedule_id, coalesce(p_ticket_type_id, 0), p_quantity);
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
-- Takes seats for a hold, of a ticket type too, and returns the bucket that they lie in. Called by hold_tickets and reserve_series.
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
        else (select t.price from ticketdb.type_offer(p_schedule_id, p_ticket_type_id) as t)
    end
    from ticketdb.schedule_offers as s
    where s.schedule_id = p_schedule_id;
$$;
revoke execute on function ticketdb.ticket_price(int, int) from public;
comment on function ticketdb.ticket_price(int, int) is 'Price of one ticket of an occurrence

p_ticket_type_id: null means general admission.';
-- <<< sql/functions/ticket_price.sql

-- >>> sql/functions/time_before.sql
-- The instant that lies so long before another: days and months are counted on the venue's calendar, so that a week before Sunday
-- 19:00 is Sunday 19:00, summer time or not and whatever zone the session is in; hours are hours. Called for sale windows, and
-- only where one is set.
-- locks: none
-- raises: nothing
create or replace function ticketdb.time_before(p_instant timestamptz, p_before interval, p_timezone text)
returns timestamptz
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
begin
    return ticketdb.local_instant((p_instant at time zone p_timezone) - date_trunc('day', p_before), p_timezone)
        - (p_before - date_trunc('day', p_before));
end
$$;
revoke execute on function ticketdb.time_before(timestamptz, interval, text) from public;
comment on function ticketdb.time_before(timestamptz, interval, text) is
'Instant so long before another, on the calendar of p_timezone; null where an argument is null';
-- <<< sql/functions/time_before.sql

-- >>> sql/functions/total_price.sql
-- What so many tickets cost, as far as an amount can say it. Called wherever an order is made.
-- locks: none
-- raises: invalid_quantity
create or replace function ticketdb.total_price(p_unit_price numeric, p_quantity int)
returns numeric
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_unit_price * p_quantity > 99999999.99 then
        perform ticketdb.raise_error(
            'invalid_quantity', format('%s tickets at %s cost more than an amount can be', p_quantity, p_unit_price),
            'Ask for fewer tickets.', jsonb_build_object('requested', p_quantity)
        );
    end if;
    return p_unit_price * p_quantity;
end
$$;
revoke execute on function ticketdb.total_price(numeric, int) from public;
comment on function ticketdb.total_price(numeric, int) is 'Price of an order, in the venue''s currency';
-- <<< sql/functions/total_price.sql

-- >>> sql/functions/try_bucket.sql
-- Locks a bucket if it has room for a party, of the occurrence and of the ticket type; otherwise leaves no lock behind. A
-- lock that was waited for stays even where the row no longer has room, and whoever then locked all buckets in order could
-- wait for one that waits for him: hence the inner transaction, which gives it back. Called by find_bucket.
-- locks: ticketdb.seat_buckets
-- raises: nothing
create or replace function ticketdb.try_bucket(
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
begin
    perform from ticketdb.seat_buckets as b
    where b.schedule_id = p_schedule_id and b.ticket_type_id = 0 and b.bucket = p_bucket
      and b.held + b.sold + p_quantity <= b.capacity
    for no key update;
    if found and p_ticket_type_id <> 0 then
        perform from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id and b.bucket = p_bucket
          and (b.capacity is null or b.held + b.sold + p_quantity <= b.capacity)
        for no key update;
    end if;
    if not found then
        raise sqlstate 'TD001';
    end if;
    return true;
exception
    when sqlstate 'TD001' then return false;
end
$$;
revoke execute on function ticketdb.try_bucket(int, int, int, int) from public;
comment on function ticketdb.try_bucket(int, int, int, int) is
'Lock a bucket that has room for a party; false where it has none

p_ticket_type_id: 0 means none.';
-- <<< sql/functions/try_bucket.sql

-- >>> sql/functions/type_offer.sql
-- A ticket type of an occurrence's event: what it costs and whether it is on sale now, within its own window. No row where
-- the type belongs to another event.
-- locks: none
-- raises: nothing
create or replace function ticketdb.type_offer(
    p_schedule_id int,
    p_ticket_type_id int,
    out price numeric,
    out max_quantity int,
    out is_on_sale boolean,
    out opens_at timestamptz,
    out closes_at timestamptz
)
returns setof record
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        t.price,
        t.max_quantity,
        t.is_active
        and coalesce(w.opens_at <= statement_timestamp(), true)
        and coalesce(w.closes_at > statement_timestamp(), true),
        w.opens_at,
        w.closes_at
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    inner join public.ticket_types as t on t.event_definition_id = d.id
    cross join lateral (
        select
            coalesce(t.sales_open_at, ticketdb.time_before(s.starts_at, t.sales_open_before, d.timezone)) as opens_at,
            coalesce(t.sales_close_at, ticketdb.time_before(s.starts_at, t.sales_close_before, d.timezone)) as closes_at
    ) as w
    where s.id = p_schedule_id and t.id = p_ticket_type_id;
$$;
revoke execute on function ticketdb.type_offer(int, int) from public;
comment on function ticketdb.type_offer(int, int) is 'A ticket type on one occurrence: price, limit and window';
-- <<< sql/functions/type_offer.sql

drop function ticketdb.type_seats;

-- >>> sql/functions/type_seats.sql
-- How many seats are left of a ticket type on one occurrence; null without a limit of its own. Called by
-- check_ticket_availability.
-- locks: none
-- raises: nothing
create or replace function ticketdb.type_seats(p_schedule_id int, p_ticket_type_id int)
returns int
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select t.max_quantity - c.taken + case when c.held > 0 then ticketdb.lapsed_seats(p_schedule_id, t.id) else 0 end
    from public.ticket_types as t
    cross join lateral (
        select coalesce(sum(b.held), 0)::int as held, coalesce(sum(b.held + b.sold), 0)::int as taken
        from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = t.id
    ) as c
    where t.id = p_ticket_type_id;
$$;
revoke execute on function ticketdb.type_seats(int, int) from public;
comment on function ticketdb.type_seats(int, int) is
'Seats left of a ticket type on one occurrence; null without a limit';
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

-- >>> sql/functions/verify_participant.sql
-- Lets the application see that a participant came. The table is the application's, with triggers of its own: what fails there
-- keeps nobody at the door. Called by scan_ticket.
-- locks: program_participants
-- raises: nothing but a deadlock or a lock timeout
create or replace function ticketdb.verify_participant(p_participant_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    update public.program_participants as pp
    set is_verified = true, scan_count = coalesce(pp.scan_count, 0) + 1
    where pp.id = p_participant_id;
exception
    when deadlock_detected or lock_not_available or serialization_failure then
        raise;
    when others then null;
end
$$;
revoke execute on function ticketdb.verify_participant(int) from public;
comment on function ticketdb.verify_participant(int) is 'Note in the application''s table that a participant came';
-- <<< sql/functions/verify_participant.sql

-- >>> sql/views/schedule_offers.sql
-- The one place that says whether an occurrence is on sale, for how much and within which limits; how many seats are left is
-- schedule_sales' business. Read by every reservation, so it reads no more than the two rows it must.
create or replace view ticketdb.schedule_offers as
select
    s.id as schedule_id,
    s.event_definition_id,
    s.starts_at,
    s.max_tickets,
    s.tickets_sold,
    coalesce(s.ticket_price, d.default_ticket_price) as ticket_price,
    coalesce(s.max_per_order, d.max_per_order) as max_per_order,
    coalesce(s.limit_per_user, d.limit_per_user) as limit_per_user,
    w.opens_at,
    w.closes_at,
    case
        when s.status = 'cancelled' then 'schedule_cancelled'
        when s.status = 'completed' or s.ends_at <= statement_timestamp() then 'schedule_completed'
        when s.is_blocked then 'schedule_blocked'
        when not d.is_active or w.opens_at > statement_timestamp() or w.closes_at <= statement_timestamp()
            then 'not_on_sale'
    end as refusal
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
-- what the occurrence says goes before what the event says. Without a word sales close when it ends: people buy at the door
cross join lateral (
    select
        coalesce(
            s.sales_open_at, ticketdb.time_before(s.starts_at, s.sales_open_before, d.timezone),
            d.sales_open_at, ticketdb.time_before(s.starts_at, d.sales_open_before, d.timezone)
        ) as opens_at,
        coalesce(
            s.sales_close_at, ticketdb.time_before(s.starts_at, s.sales_close_before, d.timezone),
            d.sales_close_at, ticketdb.time_before(s.starts_at, d.sales_close_before, d.timezone)
        ) as closes_at
) as w;
revoke all on ticketdb.schedule_offers from public;
comment on view ticketdb.schedule_offers is
'Whether an occurrence is on sale, at what price and within which limits';
comment on column ticketdb.schedule_offers.schedule_id is 'Occurrence';
comment on column ticketdb.schedule_offers.event_definition_id is 'Its event';
comment on column ticketdb.schedule_offers.starts_at is 'Instant of its start';
comment on column ticketdb.schedule_offers.max_tickets is 'Capacity in tickets';
comment on column ticketdb.schedule_offers.tickets_sold is 'Confirmed tickets';
comment on column ticketdb.schedule_offers.ticket_price is 'Price of one ticket without a ticket type';
comment on column ticketdb.schedule_offers.max_per_order is 'Most tickets in one order; null means no limit';
comment on column ticketdb.schedule_offers.limit_per_user is 'Most tickets of one user; null means no limit';
comment on column ticketdb.schedule_offers.opens_at is 'When the sale opens; null means it always was open';
comment on column ticketdb.schedule_offers.closes_at is 'When the sale closes; null means when the occurrence ends';
comment on column ticketdb.schedule_offers.refusal is 'Reason for which nothing is sold; null while on sale';
-- <<< sql/views/schedule_offers.sql

-- >>> sql/views/schedule_sales.sql
-- What schedule_offers says of an occurrence, and how many seats are left. It runs with its owner's rights, so that everybody
-- counts everybody's holds; it gives numbers only. Read by the availability view and wherever seats are counted for people.
create or replace view ticketdb.schedule_sales as
select
    o.schedule_id,
    o.event_definition_id,
    o.ticket_price,
    o.refusal,
    b.held - l.lapsed as seats_held,
    o.max_tickets - o.tickets_sold - b.held + l.lapsed as seats_left,
    o.opens_at,
    o.closes_at,
    o.max_per_order,
    o.limit_per_user
from ticketdb.schedule_offers as o
cross join lateral (
    select coalesce(sum(sb.held), 0)::int as held
    from ticketdb.seat_buckets as sb
    where sb.schedule_id = o.schedule_id and sb.ticket_type_id = 0
) as b
cross join lateral (
    select case when b.held > 0 then ticketdb.lapsed_seats(o.schedule_id) else 0 end as lapsed
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
comment on column ticketdb.schedule_sales.opens_at is 'When the sale opens; null means it always was open';
comment on column ticketdb.schedule_sales.closes_at is 'When the sale closes; null means when the occurrence ends';
comment on column ticketdb.schedule_sales.max_per_order is 'Most tickets in one order; null means no limit';
comment on column ticketdb.schedule_sales.limit_per_user is 'Most tickets of one user; null means no limit';
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
    es.is_blocked,
    sale.opens_at as sales_open_at,
    sale.closes_at as sales_close_at,
    sale.max_per_order,
    sale.limit_per_user
from public.event_definitions as ed
inner join public.event_schedules as es on es.event_definition_id = ed.id
inner join ticketdb.schedule_sales as sale on sale.schedule_id = es.id
where ed.is_active
  and es.status = 'scheduled'
  and es.schedule_date >= (now() at time zone ed.timezone)::date
  -- says nothing new, but lets an index on the date leave out the past before the event's zone is known
  and es.schedule_date >= (now() at time zone 'UTC')::date - 1;
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
'Tickets that can be bought now: neither sold nor held, 0 while the slot is blocked or over or the sale not open';
comment on column public.v_event_availability.effective_price is 'Price of one ticket of this occurrence';
comment on column public.v_event_availability.status is 'Always scheduled';
comment on column public.v_event_availability.space_id is 'Space it takes place in';
comment on column public.v_event_availability.venue_id is 'Venue it takes place at';
comment on column public.v_event_availability.tickets_held is 'Tickets in live holds; a lapsed hold does not count';
comment on column public.v_event_availability.starts_at is 'Instant of the start';
comment on column public.v_event_availability.ends_at is 'Instant of the end';
comment on column public.v_event_availability.timezone is 'IANA name of the zone of the local times';
comment on column public.v_event_availability.is_blocked is 'The slot is taken and nothing is sold';
comment on column public.v_event_availability.sales_open_at is 'When the sale opens; null means it always was open';
comment on column public.v_event_availability.sales_close_at is 'When the sale closes; null means when the occurrence ends';
comment on column public.v_event_availability.max_per_order is 'Most tickets in one order; null means no limit';
comment on column public.v_event_availability.limit_per_user is 'Most tickets of one user on this occurrence; null means no limit';
-- <<< sql/views/v_event_availability.sql

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

-- >>> sql/triggers/seat_buckets.sql
-- Trigger of seat_buckets: they go with their occurrence, and an occurrence with reservations stays.
create or replace trigger refuse_reserved
after delete on ticketdb.seat_buckets
for each row when (old.ticket_type_id = 0 and old.bucket = 0)
execute function ticketdb.refuse_reserved();
-- <<< sql/triggers/seat_buckets.sql

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

-- >>> sql/triggers/ticket_types.sql
-- Triggers of ticket_types: a new limit reaches the buckets; a type with reservations stays.
create or replace trigger resize_ticket_type
before update of max_quantity on public.ticket_types
for each row when (new.max_quantity is distinct from old.max_quantity)
execute function ticketdb.resize_ticket_type();
create or replace trigger refuse_reserved
before delete on public.ticket_types
for each row execute function ticketdb.refuse_reserved();
-- <<< sql/triggers/ticket_types.sql

-- >>> sql/functions/quote_tickets.sql (gone)
drop function ticketdb.quote_tickets;
-- <<< sql/functions/quote_tickets.sql (gone)

-- >>> sql/functions/open_type_pool.sql (gone)
drop function ticketdb.open_type_pool;
-- <<< sql/functions/open_type_pool.sql (gone)

-- >>> sql/functions/open_seat_pools.sql (gone)
drop function ticketdb.open_seat_pools;
-- <<< sql/functions/open_seat_pools.sql (gone)

-- >>> sql/functions/new_reservation_code.sql (gone)
drop function ticketdb.new_reservation_code;
-- <<< sql/functions/new_reservation_code.sql (gone)

-- >>> sql/functions/lock_schedule.sql (gone)
drop function ticketdb.lock_schedule;
-- <<< sql/functions/lock_schedule.sql (gone)
-- <<< generated

-- the seats that were counted in pools, dealt over buckets; occurrences that were never reserved get theirs when they are
insert into ticketdb.seat_buckets (schedule_id, ticket_type_id, bucket, capacity, held, sold)
select
    p.schedule_id,
    p.ticket_type_id,
    n.bucket,
    case when p.capacity is not null then case n.bucket when 0 then p.capacity else 0 end end,
    case n.bucket when 0 then p.held else 0 end,
    case n.bucket when 0 then p.sold else 0 end
from ticketdb.seat_pools as p
inner join public.event_schedules as s on s.id = p.schedule_id
cross join generate_series(0, ticketdb.bucket_count(s.max_tickets) - 1) as n (bucket)
where exists (select from public.ticket_reservations as r where r.schedule_id = p.schedule_id);
do $$
begin
    perform ticketdb.deal_seats(p.schedule_id, p.ticket_type_id, p.capacity, 0, 0)
    from ticketdb.seat_pools as p
    where exists (select from public.ticket_reservations as r where r.schedule_id = p.schedule_id);
end
$$;
drop table ticketdb.seat_pools;

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
end
$$;
