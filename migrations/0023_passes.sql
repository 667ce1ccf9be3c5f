-- Passes: their types, the passes, their pauses; their places are reservations, their payments stand with the others.

-- What passes of an event are sold: for a period, with a place on each of its occurrences, or for a number of visits.

create table public.pass_types (
    id serial constraint pass_types_pkey primary key,
    event_definition_id int not null
        constraint pass_type_definition references public.event_definitions (id) on delete cascade,
    name varchar(100) not null,
    description text,
    kind text not null,
    visits int,
    valid_for interval not null default '1 month',
    price numeric(10,2) not null,
    renew_before_days int not null default 7,
    is_active boolean not null default true,
    sort_order int not null default 0,
    created_at timestamptz not null default current_timestamp,

    constraint pass_type_name_unique unique (event_definition_id, name),
    constraint pass_type_kind_known check (kind in ('monthly', 'visits')),
    -- a monthly pass is good for whatever takes place in its period
    constraint pass_type_visits_counted check (
        case kind when 'visits' then visits is not null and visits between 1 and 10000 else visits is null end
    ),
    -- whole days; what is longer than a year is no pass any more
    constraint pass_type_period_of_days check (
        valid_for between interval '1 day' and interval '366 days'
        and valid_for = date_trunc('day', valid_for)
    ),
    constraint pass_type_price_not_negative check (price >= 0 and price < 'NaN'),
    constraint pass_type_renewal_within_a_month check (renew_before_days between 0 and 28)
);
alter table public.pass_types enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy public_or_staff on public.pass_types for select
using (
    (select ticketdb.is_staff())
    or is_active and event_definition_id in (select d.id from public.event_definitions as d where d.is_active)
);
create policy staff_insert on public.pass_types for insert with check ((select ticketdb.is_staff()));
create policy staff_update on public.pass_types for update
using ((select ticketdb.is_staff())) with check ((select ticketdb.is_staff()));
create policy staff_delete on public.pass_types for delete using ((select ticketdb.is_staff()));

comment on table public.pass_types is
'Pass types

Passes that are sold for an event: monthly ones, with a place on every occurrence of a period, and ones for a number of visits.';
comment on column public.pass_types.id is 'Identity';
comment on column public.pass_types.event_definition_id is 'Event it is for';
comment on column public.pass_types.name is 'Name shown to buyers, unique within the event';
comment on column public.pass_types.description is 'Text shown to buyers';
comment on column public.pass_types.kind is 'monthly (a place on every occurrence of the period) or visits (a number of visits in it)';
comment on column public.pass_types.visits is 'Number of visits; null for a monthly pass';
comment on column public.pass_types.valid_for is 'Length of the period, in whole days or months: 1 month, 30 days';
comment on column public.pass_types.price is 'Price of one period in the venue''s currency';
comment on column public.pass_types.renew_before_days is 'How many days before its end a renewing pass gets its next period';
comment on column public.pass_types.is_active is 'Inactive types are neither sold nor renewed';
comment on column public.pass_types.sort_order is 'Position in lists, ascending';
comment on column public.pass_types.created_at is 'When the row was made';

-- A pass: sold once, good for many occurrences of one event. Its places are ordinary reservations that name it.

create table public.event_passes (
    id bigint generated always as identity constraint event_passes_pkey primary key,
    pass_code uuid not null default gen_random_uuid() constraint pass_code_unique unique,
    event_definition_id int not null
        constraint pass_definition references public.event_definitions (id),
    pass_type_id int constraint pass_pass_type references public.pass_types (id),
    user_id int constraint pass_user references public.users (id) on delete set null,
    participant_id int
        constraint pass_participant references public.program_participants (id) on delete set null,
    contact jsonb,
    kind text not null,
    starts_on date not null,
    ends_on date not null,
    visits int not null,
    visits_used int not null default 0,
    price numeric(10,2) not null,
    status text not null default 'held',
    expires_at timestamptz not null,
    origin text not null default 'api',
    renews boolean not null default false,
    renewed_from bigint
        constraint pass_renewed_from references public.event_passes (id)
        constraint pass_renewed_once unique,
    renewal_problem text,
    idempotency_key text,
    request jsonb,
    created_at timestamptz not null default clock_timestamp(),
    confirmed_at timestamptz,
    closed_at timestamptz,
    close_reason text,

    constraint pass_kind_known check (kind in ('monthly', 'visits')),
    constraint pass_status_known check (status in ('held', 'active', 'refund_due', 'released', 'cancelled')),
    constraint pass_origin_known check (origin in ('api', 'renewal', 'legacy')),
    constraint pass_ends_after_start check (ends_on >= starts_on),
    -- no visit that was not paid for, and none is given back twice
    constraint visits_used_within_visits check (visits >= 1 and visits_used between 0 and visits),
    constraint pass_price_not_negative check (price >= 0 and price < 'NaN'),
    -- the next period costs what the type says then
    constraint renewing_pass_has_a_type check (not renews or pass_type_id is not null)
);
create unique index one_pass_per_key on public.event_passes (idempotency_key)
where idempotency_key is not null;
-- an imported participant has one pass
create unique index one_pass_of_participant on public.event_passes (participant_id)
where participant_id is not null;
create index event_passes_definition on public.event_passes (event_definition_id);
create index event_passes_pass_type on public.event_passes (pass_type_id);
create index event_passes_user on public.event_passes (user_id);
create index event_passes_renewing on public.event_passes (ends_on)
where renews and status = 'active';
alter table public.event_passes enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy own_or_staff on public.event_passes for select
using (user_id = (select ticketdb.caller_user_id()) or (select ticketdb.is_staff()));

comment on table public.event_passes is
'Passes

One row for each pass: held until paid, then active until cancelled. v_event_passes tells which are paused or over.';
comment on column public.event_passes.id is 'Identity';
comment on column public.event_passes.pass_code is 'Unguessable code that the pass carries';
comment on column public.event_passes.event_definition_id is 'Event it is for';
comment on column public.event_passes.pass_type_id is 'Type it was sold as; null for an imported one';
comment on column public.event_passes.user_id is 'Buyer, where known';
comment on column public.event_passes.participant_id is 'Application''s participant whose imported pass it is';
comment on column public.event_passes.contact is 'Buyer''s contact data: name, mobile, email';
comment on column public.event_passes.kind is 'monthly or visits';
comment on column public.event_passes.starts_on is 'First local date on which it is good';
comment on column public.event_passes.ends_on is 'Last local date on which it is good; pauses and extensions move it';
comment on column public.event_passes.visits is 'What was sold: the number of visits, or of occurrences in a monthly pass''s period';
comment on column public.event_passes.visits_used is 'Visits that have a place, kept by trigger; 0 for a monthly pass';
comment on column public.event_passes.price is 'What is to be paid for it';
comment on column public.event_passes.status is
'held, active, refund_due (paid, but its places were gone), released or cancelled';
comment on column public.event_passes.expires_at is 'When the hold lapses unless paid';
comment on column public.event_passes.origin is
'Who made it: api (buy_pass), renewal (the daily round) or legacy (link_legacy_data)';
comment on column public.event_passes.renews is 'Whether the next period is made before this one ends';
comment on column public.event_passes.renewed_from is 'Pass whose next period it is';
comment on column public.event_passes.renewal_problem is 'Why the next period could not be made; renews is false from then on';
comment on column public.event_passes.idempotency_key is 'Caller''s key; a repeat with it is answered with this row';
comment on column public.event_passes.request is 'Arguments that came with the idempotency key';
comment on column public.event_passes.created_at is 'When it was made';
comment on column public.event_passes.confirmed_at is 'When it was paid';
comment on column public.event_passes.closed_at is 'When it was released or cancelled';
comment on column public.event_passes.close_reason is 'Why it was cancelled, as the caller said it';

-- Days on which a pass is not good, for which its end was moved.

create table public.pass_pauses (
    id bigint generated always as identity constraint pass_pauses_pkey primary key,
    pass_id bigint not null constraint pause_pass references public.event_passes (id),
    paused_from date not null,
    paused_until date not null,
    created_at timestamptz not null default clock_timestamp(),

    constraint pause_ends_after_start check (paused_until >= paused_from),
    -- a day that is paused twice would be added twice; ranges of one id, for plain ids take an extension here
    constraint one_pause_at_a_time exclude using gist (
        int8range(pass_id, pass_id, '[]') with &&,
        daterange(paused_from, paused_until, '[]') with &&
    )
);
create index pass_pauses_pass on public.pass_pauses (pass_id);
alter table public.pass_pauses enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy own_or_staff on public.pass_pauses for select
using (
    (select ticketdb.is_staff())
    or pass_id in (
        select p.id from public.event_passes as p where p.user_id = (select ticketdb.caller_user_id())
    )
);

comment on table public.pass_pauses is
'Pauses of passes

One row for each time that a pass was paused; its end was moved by as many days.';
comment on column public.pass_pauses.id is 'Identity';
comment on column public.pass_pauses.pass_id is 'Pass';
comment on column public.pass_pauses.paused_from is 'First local date of the pause';
comment on column public.pass_pauses.paused_until is 'Last local date of the pause';
comment on column public.pass_pauses.created_at is 'When the row was made';

alter table public.ticket_reservations add column pass_id bigint;
-- validated by the next migration, without keeping anybody out
alter table public.ticket_reservations add constraint reservation_pass
foreign key (pass_id) references public.event_passes (id) not valid;
comment on column public.ticket_reservations.pass_id is 'Pass whose place it is; null for one of its own';

alter table public.ticket_payments add column pass_id bigint;
alter table public.ticket_payments add constraint payment_pass
foreign key (pass_id) references public.event_passes (id) not valid;
alter table public.ticket_payments alter column reservation_id drop not null;
alter table public.ticket_payments add constraint payment_of_one_sale
check (num_nonnulls(reservation_id, pass_id) = 1) not valid;
alter policy own_or_staff on public.ticket_payments
using (
    (select ticketdb.is_staff())
    or reservation_id in (
        select r.id from public.ticket_reservations as r where r.user_id = (select ticketdb.caller_user_id())
    )
    or pass_id in (
        select p.id from public.event_passes as p where p.user_id = (select ticketdb.caller_user_id())
    )
);
comment on table public.ticket_payments is
'Ticket payments

One row for each payment that arrived for a reservation or a pass, kept also where no seat was left.';
comment on column public.ticket_payments.reservation_id is 'Reservation it was made for; null for a pass';
comment on column public.ticket_payments.pass_id is 'Pass it was made for; null for a reservation';

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/add_pass_place.sql
-- Gives a pass a place on an occurrence: an ordinary sale that costs nothing more. Called by take_visit and settle_places.
-- locks: event_passes (by the caller), then as hold_tickets and seat_paid_reservation
-- raises: what hold_tickets raises
create or replace function ticketdb.add_pass_place(p_pass_id bigint, p_schedule_id int, p_user_id int, p_contact jsonb)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hold record;
    v_sale record;
begin
    v_hold := ticketdb.hold_tickets(
        p_schedule_id, 1, null, p_user_id, null, p_contact, p_total_amount => 0
    );
    update public.ticket_reservations as r
    set pass_id = p_pass_id, origin = 'pass', unit_price = 0
    where r.id = v_hold.reservation_id;
    v_sale := ticketdb.seat_paid_reservation(v_hold.reservation_id, null, null);
    if not v_sale.is_seated then
        -- called off at that moment, which this says
        perform ticketdb.find_offer(p_schedule_id, null);
    end if;
    return v_hold.reservation_id;
end
$$;
revoke execute on function ticketdb.add_pass_place(bigint, int, int, jsonb) from public;
comment on function ticketdb.add_pass_place(bigint, int, int, jsonb) is 'Give a pass a place on an occurrence';
-- <<< sql/functions/add_pass_place.sql

-- >>> sql/functions/buy_pass.sql
-- The face of ticketdb.hold_pass, and of buy_pass_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.buy_pass(
    p_pass_type_id int,
    p_starts_on date default null,
    p_user_id int default null,
    p_renews boolean default false,
    p_idempotency_key text default null,
    p_contact jsonb default null,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
begin
    if not ticketdb.may_sell() then
        select r.* into
            pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left,
            price, status, expires_at, renews, refund_due
        from ticketdb.buy_pass_for_caller(
            p_pass_type_id, p_starts_on, p_user_id, p_renews, p_idempotency_key, p_contact
        ) as r;
        return;
    end if;
    v_id := ticketdb.hold_pass(
        p_pass_type_id, p_starts_on, p_user_id, p_renews, p_idempotency_key, p_contact
    );
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(v_id) as r;
end
$$;
revoke execute on function public.buy_pass(int, date, int, boolean, text, jsonb) from public;
comment on function public.buy_pass(int, date, int, boolean, text, jsonb) is
'Buy a pass

Orders a pass, to be paid within 15 minutes: confirm_pass records the payment. A monthly pass takes a place on every occurrence of
its period, or is refused; one for a number of visits takes places later, with redeem_pass. The same p_idempotency_key with the
same arguments returns the same pass. A signed-in buyer buys for himself. p_pass_type_id: from pass_types; p_starts_on: first date,
by default today, or tomorrow where today''s occurrence has begun; p_user_id: a row of users, null for a guest; p_renews: make the
next period before this one ends; p_contact: {"name", "mobile", "email"}. visits_left: visits, or places to come, once it is paid.
Errors: those of reserve_series, pass_not_found, not_allowed.';
-- <<< sql/functions/buy_pass.sql

-- >>> sql/functions/buy_pass_for_caller.sql
-- Buys a pass for the signed-in buyer who calls. The way of buy_pass for whoever may not run the inside of selling.
-- locks: as hold_pass
-- raises: not_allowed, and what hold_pass raises
create or replace function ticketdb.buy_pass_for_caller(
    p_pass_type_id int,
    p_starts_on date,
    p_user_id int,
    p_renews boolean,
    p_idempotency_key text,
    p_contact jsonb,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(p_user_id);
    v_id bigint;
begin
    -- what is not public yet does not exist for him
    if exists (
        select
        from public.pass_types as t
        inner join public.event_definitions as d on d.id = t.event_definition_id
        where t.id = p_pass_type_id and not (t.is_active and d.is_active)
    ) then
        perform ticketdb.refuse_pass_type(p_pass_type_id);
    end if;
    v_id := ticketdb.hold_pass(
        p_pass_type_id, p_starts_on, v_user_id, p_renews, ticketdb.caller_key(v_user_id, p_idempotency_key), p_contact
    );
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(v_id) as r;
end
$$;
revoke execute on function ticketdb.buy_pass_for_caller(int, date, int, boolean, text, jsonb) from public;
comment on function ticketdb.buy_pass_for_caller(int, date, int, boolean, text, jsonb) is
'Buy a pass for the signed-in buyer who calls';
-- <<< sql/functions/buy_pass_for_caller.sql

-- >>> sql/functions/cancel_pass.sql
-- The face of ticketdb.close_pass, and of cancel_pass_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.cancel_pass(
    p_pass_id bigint,
    p_reason text default null,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select r.* into
            pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left,
            price, status, expires_at, renews, refund_due
        from ticketdb.cancel_pass_for_caller(p_pass_id) as r;
        return;
    end if;
    perform ticketdb.close_pass(p_pass_id, p_reason);
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function public.cancel_pass(bigint, text) from public;
comment on function public.cancel_pass(bigint, text) is
'Cancel a pass

A pass that is not paid is released. Of a paid one the places to come go back on sale, and refund_due is what the buyer has to get
back: what was paid, by the share of its visits, or of the occurrences it was sold with, that have not begun with a place of it;
rounded half up to the paisa, and never more than was paid. A signed-in buyer gives up his own while it is not paid. A second
call answers like the first. p_pass_id: from buy_pass; p_reason: kept with it. Errors: pass_not_found, not_allowed.';
-- <<< sql/functions/cancel_pass.sql

-- >>> sql/functions/cancel_pass_for_caller.sql
-- Gives up a pass of the signed-in buyer who calls, while it is not paid. Those of others do not exist for him. The way of
-- cancel_pass for whoever may not run the inside of selling.
-- locks: as close_pass
-- raises: not_allowed, and what close_pass raises
create or replace function ticketdb.cancel_pass_for_caller(
    p_pass_id bigint,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass record;
begin
    perform ticketdb.require_own_pass(p_pass_id);
    v_pass := ticketdb.lock_pass(p_pass_id);
    if v_pass.status not in ('held', 'released') then
        perform ticketdb.raise_error(
            'not_allowed', format('pass %s is paid', p_pass_id), 'Ask the venue to cancel it.',
            jsonb_build_object('pass_id', p_pass_id, 'status', v_pass.status)
        );
    end if;
    perform ticketdb.close_pass(p_pass_id, null);
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function ticketdb.cancel_pass_for_caller(bigint) from public;
comment on function ticketdb.cancel_pass_for_caller(bigint) is
'Give up a pass of the signed-in buyer who calls';
-- <<< sql/functions/cancel_pass_for_caller.sql

-- >>> sql/functions/cancel_sale.sql
-- Undoes a sale: tickets become void, seats go back on sale, and what was paid is due back. A hold is simply released. The
-- inside of cancel_reservation; the trigger on bookings calls it. A second cancellation of a sale answers like the first.
-- locks: event_passes (for a place of one), as lock_reservation, then as undo_sales
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
    perform ticketdb.lock_pass_of(p_reservation_id);
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

-- >>> sql/functions/change_renewal.sql
-- Says whether a pass gets its next period by itself. The inside of set_pass_renewal.
-- locks: as lock_pass
-- raises: pass_not_found, pass_not_valid, invalid_argument
create or replace function ticketdb.change_renewal(p_pass_id bigint, p_renews boolean)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass constant record := ticketdb.lock_pass(p_pass_id);
begin
    if p_renews is null or p_renews and exists (
        select from public.event_passes as e where e.id = p_pass_id and e.pass_type_id is null
    ) then
        perform ticketdb.raise_error(
            'invalid_argument', format('pass %s cannot renew so', p_pass_id),
            'Pass true or false; an imported pass has no type to renew as: sell a new one with buy_pass.',
            jsonb_build_object('pass_id', p_pass_id)
        );
    end if;
    if p_renews and v_pass.status not in ('held', 'active') then
        perform ticketdb.refuse_pass_use(p_pass_id, v_pass.status);
    end if;
    update public.event_passes as e
    set renews = p_renews, renewal_problem = null
    where e.id = p_pass_id and (e.renews <> p_renews or e.renewal_problem is not null);
end
$$;
revoke execute on function ticketdb.change_renewal(bigint, boolean) from public;
comment on function ticketdb.change_renewal(bigint, boolean) is 'Say whether a pass renews';
-- <<< sql/functions/change_renewal.sql

-- >>> sql/functions/check_visit.sql
-- Refuses a place on an occurrence for which a pass is not good. Called by take_visit for a new place, and by move_sale for one that
-- moves: that has its visit already, unless it was given back. With the pass locked.
-- locks: event_passes (by the caller)
-- raises: pass_not_valid
create or replace function ticketdb.check_visit(p_pass_id bigint, p_schedule_id int, p_moving_id bigint default null)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_problem text;
begin
    select case
        when e.status <> 'active' then e.status
        when s.event_definition_id <> e.event_definition_id then 'other_event'
        when s.schedule_date not between e.starts_on and e.ends_on then 'outside_period'
        when exists (
            select
            from public.pass_pauses as p
            where p.pass_id = e.id and s.schedule_date between p.paused_from and p.paused_until
        ) then 'paused'
        when exists (
            select
            from public.ticket_reservations as r
            where r.pass_id = e.id and r.schedule_id = s.id and r.status in ('held', 'confirmed')
              and r.id is distinct from p_moving_id
        ) then 'has_place'
        when e.kind = 'visits' and e.visits_used >= e.visits and not exists (
            select from public.ticket_reservations as r where r.id = p_moving_id and r.status = 'confirmed'
        ) then 'used_up'
    end into v_problem
    from public.event_passes as e
    cross join public.event_schedules as s
    where e.id = p_pass_id and s.id = p_schedule_id;
    if v_problem is not null then
        perform ticketdb.refuse_pass_use(p_pass_id, v_problem, jsonb_build_object('schedule_id', p_schedule_id));
    end if;
end
$$;
revoke execute on function ticketdb.check_visit(bigint, int, bigint) from public;
comment on function ticketdb.check_visit(bigint, int, bigint) is
'Refuse a place on an occurrence for which a pass is not good

p_moving_id: the place of the pass that moves there; null for a new one.';
-- <<< sql/functions/check_visit.sql

-- >>> sql/functions/close_pass.sql
-- Cancels a pass. One that is not paid is released. Of a paid one the coming places go back on sale, and what was not used is due
-- back: of what was paid and is not due back already, the share of visits (or occurrences of its period) that have not begun with
-- a place of it, rounded half up to the paisa. The inside of cancel_pass; a repeat answers like the first call.
-- locks: as lock_pass, ticket_reservations, then for each occurrence as cancel_sale; ticket_payments
-- raises: pass_not_found
create or replace function ticketdb.close_pass(p_pass_id bigint, p_reason text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass constant record := ticketdb.lock_pass(p_pass_id);
    v_payments bigint[];
    v_due numeric[];
    v_kept numeric[];
    v_used int;
    v_back numeric;
begin
    if v_pass.status not in ('held', 'active') then
        return;
    end if;
    perform ticketdb.lock_pass_places(p_pass_id);
    select
        coalesce(array_agg(p.payment_id), '{}'), array_agg(p.refund_due), array_agg(p.kept)
    into v_payments, v_due, v_kept
    from (select q.* from ticketdb.pass_payments(p_pass_id) as q order by q.payment_id) as p;
    -- what has begun is used
    select count(*)::int into v_used
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.pass_id = p_pass_id and r.status = 'confirmed' and s.starts_at <= now();

    perform ticketdb.cancel_sale(p.id, p_reason)
    from (
        select r.id
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        where r.pass_id = p_pass_id and r.status = 'confirmed' and s.starts_at > now()
        order by r.schedule_id
    ) as p;
    update public.ticket_reservations as r
    set status = 'released', closed_at = clock_timestamp()
    where r.pass_id = p_pass_id and r.status = 'held';
    update public.event_passes as e
    set status = case when v_pass.status = 'held' then 'released' else 'cancelled' end,
        closed_at = clock_timestamp(),
        close_reason = p_reason,
        renews = false
    where e.id = p_pass_id;

    -- an extension may have had it used more often than it was sold for
    v_back := round(
        (select coalesce(sum(k.amount), 0) from unnest(v_kept) as k (amount))
        * greatest(v_pass.visits - v_used, 0) / v_pass.visits, 2
    );
    for v_n in 1 .. cardinality(v_payments) loop
        update public.ticket_payments as p
        set refund_due = v_due[v_n] + least(v_kept[v_n], v_back)
        where p.id = v_payments[v_n];
        v_back := v_back - least(v_kept[v_n], v_back);
    end loop;
end
$$;
revoke execute on function ticketdb.close_pass(bigint, text) from public;
comment on function ticketdb.close_pass(bigint, text) is 'Cancel a pass, and note what is due back for what was not used';
-- <<< sql/functions/close_pass.sql

-- >>> sql/functions/confirm_pass.sql
-- The face of ticketdb.pay_pass. The status is what became of this payment: a second one of an active pass is refund_due.
-- locks, raises: as pay_pass
create or replace function public.confirm_pass(
    p_pass_id bigint,
    p_payment_reference text,
    p_amount numeric default null,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_status text;
begin
    v_status := ticketdb.pay_pass(p_pass_id, p_payment_reference, p_amount);
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(p_pass_id) as r;
    status := v_status;
end
$$;
revoke execute on function public.confirm_pass(bigint, text, numeric) from public;
comment on function public.confirm_pass(bigint, text, numeric) is
'Confirm a pass

A payment arrived: p_amount of the venue''s currency, by default what is due. status is active, or refund_due where the hold
had lapsed and a place is gone, or where the pass was paid already: the payment is on record either way, and refund_due is what the
buyer has to get back. The same p_payment_reference (the provider''s, 1 to 255 characters) with the same arguments returns the first
answer. p_pass_id: from buy_pass. Errors: invalid_argument, pass_not_found, amount_mismatch, payment_reference_reused.';
-- <<< sql/functions/confirm_pass.sql

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
        perform ticketdb.refuse_reference_length(p_payment_reference);
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
        if v_payment.reservation_id is distinct from p_reservation_id or v_payment.amount <> p_amount then
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
      )
      -- the holder of an imported pass still comes on other days
      and not exists (
          select
          from public.event_tickets as o
          inner join public.ticket_reservations as r on r.id = o.reservation_id
          inner join public.event_schedules as s on s.id = r.schedule_id
          where o.participant_id = pp.id and o.status = 'valid' and s.ends_at > now()
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

-- >>> sql/functions/extend_pass.sql
-- The face of ticketdb.prolong_pass.
-- locks, raises: as prolong_pass
create or replace function public.extend_pass(
    p_pass_id bigint,
    p_ends_on date,
    out pass_id bigint,
    out ends_on date,
    out places_released int,
    out places_added int,
    out full_schedules int[]
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    select c.places_released, c.places_added, c.full_schedules into places_released, places_added, full_schedules
    from ticketdb.prolong_pass(p_pass_id, p_ends_on) as c;
    select r.pass_id, r.ends_on into pass_id, ends_on
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function public.extend_pass(bigint, date) from public;
comment on function public.extend_pass(bigint, date) is
'Extend a pass

The pass is good until p_ends_on, at no cost. A monthly one takes places on the days it gains where there is room; full_schedules
are those where there was none. The same date again changes nothing. p_pass_id: from buy_pass; p_ends_on: not before its end, nor
a year after it. One whose next period has been made is not extended. Errors: invalid_argument, pass_not_found, pass_not_valid.';
-- <<< sql/functions/extend_pass.sql

-- >>> sql/functions/find_idempotent_pass.sql
-- The pass that an idempotency key stands for already, if any. Called by hold_pass.
-- locks: none
-- raises: idempotency_key_reused, invalid_argument
create or replace function ticketdb.find_idempotent_pass(p_idempotency_key text, p_request jsonb)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass record;
begin
    if length(p_idempotency_key) not between 1 and 255 then
        perform ticketdb.raise_error(
            'invalid_argument', format('p_idempotency_key has %s characters', length(p_idempotency_key)),
            'Pass a key of your own for this order, 1 to 255 characters, or null.'
        );
    end if;
    select e.id, e.request into v_pass
    from public.event_passes as e
    where e.idempotency_key = p_idempotency_key;
    if v_pass.request <> p_request then
        perform ticketdb.raise_error(
            'idempotency_key_reused',
            format('idempotency key %L was used with other arguments', p_idempotency_key),
            'Use a new key for a new order.', jsonb_build_object('idempotency_key', p_idempotency_key)
        );
    end if;
    return v_pass.id;
end
$$;
revoke execute on function ticketdb.find_idempotent_pass(text, jsonb) from public;
comment on function ticketdb.find_idempotent_pass(text, jsonb) is 'The pass of an idempotency key';
-- <<< sql/functions/find_idempotent_pass.sql

-- >>> sql/functions/give_visit_back.sql
-- The holder of a pass does not come after all: before the occurrence begins its place goes back on sale, and the visit to the
-- pass. The inside of return_visit; a repeat answers like the first call.
-- locks: as cancel_sale
-- raises: invalid_argument (isolation), reservation_not_found, pass_not_valid, and what cancel_sale raises
create or replace function ticketdb.give_visit_back(p_reservation_id bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_place record;
begin
    perform ticketdb.require_read_committed();
    select r.pass_id, r.status, s.id as schedule_id, s.starts_at <= now() as has_begun into v_place
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.id = p_reservation_id and r.pass_id is not null;
    if not found then
        perform ticketdb.refuse_reservation(p_reservation_id);
    end if;
    if v_place.has_begun and v_place.status = 'confirmed' then
        perform ticketdb.refuse_pass_use(
            v_place.pass_id, 'begun', jsonb_build_object('schedule_id', v_place.schedule_id)
        );
    end if;
    perform ticketdb.cancel_sale(p_reservation_id, 'given back');
end
$$;
revoke execute on function ticketdb.give_visit_back(bigint) from public;
comment on function ticketdb.give_visit_back(bigint) is 'Give a place of a pass back before its occurrence begins';
-- <<< sql/functions/give_visit_back.sql

-- >>> sql/functions/hold_pass.sql
-- Takes an order for a pass, to be paid like a reservation within default_hold. The inside of buy_pass.
-- locks: as open_pass
-- raises: invalid_argument, pass_not_found, idempotency_key_reused, and what open_pass raises
create or replace function ticketdb.hold_pass(
    p_pass_type_id int,
    p_starts_on date,
    p_user_id int,
    p_renews boolean,
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
        'pass_type_id', p_pass_type_id, 'starts_on', p_starts_on, 'user_id', p_user_id, 'renews', p_renews,
        'contact', p_contact
    );
    v_id bigint := ticketdb.find_idempotent_pass(p_idempotency_key, v_request);
    v_definition_id constant int := (select t.event_definition_id from public.pass_types as t where t.id = p_pass_type_id);
    v_earliest date;
begin
    perform ticketdb.require_read_committed();
    if v_id is not null then
        return v_id;
    end if;
    perform ticketdb.check_reservation_arguments(0, 1, p_user_id, null, p_contact);
    if v_definition_id is null then
        perform ticketdb.refuse_pass_type(p_pass_type_id);
    end if;
    v_earliest := ticketdb.pass_start(v_definition_id);
    if p_starts_on not between v_earliest and v_earliest + 366 then
        perform ticketdb.raise_error(
            'invalid_argument', format('a pass cannot begin on %s', p_starts_on),
            format('Begin from %s to a year later.', v_earliest), jsonb_build_object('earliest', v_earliest)
        );
    end if;
    return ticketdb.open_pass(
        p_pass_type_id, coalesce(p_starts_on, v_earliest), p_user_id, p_contact, coalesce(p_renews, false),
        clock_timestamp() + ticketdb.default_hold(), null, p_idempotency_key, v_request
    );
exception
    when unique_violation or sqlstate 'PT409' then
        -- this very order, sent twice at once; as in hold_tickets_once
        v_id := ticketdb.find_idempotent_pass(p_idempotency_key, v_request);
        if v_id is null then
            raise;
        end if;
        return v_id;
end
$$;
revoke execute on function ticketdb.hold_pass(int, date, int, boolean, text, jsonb) from public;
comment on function ticketdb.hold_pass(int, date, int, boolean, text, jsonb) is
'Take an order for a pass

p_starts_on: null means as soon as possible.';
-- <<< sql/functions/hold_pass.sql

-- >>> sql/functions/link_passes.sql
-- Makes a pass of each monthly participant whose places in a class are linked, by this run or an earlier one; what he paid is its
-- price, and his places name it. By ranges of ids, so that memory stays flat. A step of link_legacy_data.
-- locks: event_passes (new rows), ticket_reservations
-- raises: nothing
create or replace function ticketdb.link_passes()
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
begin
    select count(*) into v_of
    from public.program_participants as pp
    where lower(btrim(pp.subscription_type)) = 'monthly';
    loop
        select max(n.id), count(*) into v_to, v_rows
        from (
            select pp.id
            from public.program_participants as pp
            where pp.id > v_after and lower(btrim(pp.subscription_type)) = 'monthly'
            order by pp.id
            limit v_chunk
        ) as n;
        exit when v_to is null;
        v_done := v_done + v_rows;

        perform
        from public.ticket_reservations as r
        where r.participant_id > v_after and r.participant_id <= v_to and r.pass_id is null
        order by r.id
        for no key update;
        insert into public.event_passes (
            event_definition_id, user_id, participant_id, kind, starts_on, ends_on, visits, price, status, expires_at, origin,
            created_at, confirmed_at, closed_at
        )
        select
            n.event_definition_id, n.user_id, n.participant_id, 'monthly', n.starts_on, n.ends_on, n.places, n.price,
            case when n.is_active then 'active' else 'cancelled' end, n.booked_at, 'legacy', n.booked_at, n.booked_at,
            case when not n.is_active then n.closed_at end
        from (
            select
                r.participant_id, s.event_definition_id, max(r.user_id) as user_id,
                least(min(pp.start_date::date) filter (where isfinite(pp.start_date)), min(s.schedule_date)) as starts_on,
                greatest(max(pp.end_date::date) filter (where isfinite(pp.end_date)), max(s.schedule_date)) as ends_on,
                count(*) as places, sum(r.total_amount) as price,
                bool_or(r.status = 'confirmed') as is_active, min(r.created_at) as booked_at, max(r.closed_at) as closed_at,
                row_number() over (partition by r.participant_id order by min(s.schedule_date)) as n
            from public.ticket_reservations as r
            inner join public.program_participants as pp on pp.id = r.participant_id
            inner join public.event_schedules as s on s.id = r.schedule_id
            inner join public.event_definitions as d on d.id = s.event_definition_id
            where r.participant_id > v_after and r.participant_id <= v_to
              and r.pass_id is null
              and lower(btrim(pp.subscription_type)) = 'monthly'
              -- somebody entered for a show has a ticket, whatever his entry says
              and d.recurrence_type <> 'none'
            group by r.participant_id, s.event_definition_id
        ) as n
        -- a place that was moved to another event since belongs to that
        where n.n = 1
        order by n.participant_id
        on conflict do nothing;
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;
        update public.ticket_reservations as r
        set pass_id = e.id
        from public.event_passes as e, public.event_schedules as s
        where e.participant_id > v_after and e.participant_id <= v_to
          and r.participant_id = e.participant_id and r.pass_id is null
          and s.id = r.schedule_id and s.event_definition_id = e.event_definition_id;
        v_after := v_to;
        perform ticketdb.legacy_progress('passes', v_done, v_of);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_passes() from public;
comment on function ticketdb.link_passes() is 'Make passes of the monthly participants whose places are linked';
-- <<< sql/functions/link_passes.sql

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
    return query select 'passes', ticketdb.link_passes();
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
-- A place of a pass comes after its pass (count_visits).
-- locks: event_passes, ticket_reservations
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
        perform
        from public.event_passes as e
        where e.id in (
            select r.pass_id
            from public.ticket_reservations as r
            where r.schedule_id = p_schedule_id and r.origin = 'pass' and r.status in ('held', 'confirmed')
        )
        order by e.id
        for no key update;
        select array_agg(l.id) into v_ids
        from (
            select r.id
            from public.ticket_reservations as r
            where r.schedule_id = p_schedule_id and r.status in ('held', 'confirmed')
            order by r.id
            for no key update
        ) as l;
    else
        with passes as materialized (
            select e.id
            from public.event_passes as e
            where e.id in (
                select r.pass_id
                from public.ticket_reservations as r
                where r.schedule_id = p_schedule_id and r.origin = 'pass' and r.status in ('held', 'confirmed')
            )
            for no key update skip locked
        )
        select array_agg(l.id) into v_ids
        from (
            select r.id
            from public.ticket_reservations as r
            where r.schedule_id = p_schedule_id and r.status in ('held', 'confirmed')
              and (r.origin <> 'pass' or r.pass_id in (select e.id from passes as e))
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

-- >>> sql/functions/lock_pass.sql
-- Locks a pass until the end of the transaction and says what it is. Called by whatever changes one, before its places. Bookings come
-- before passes: the first place of an imported pass may follow one.
-- locks: bookings (key share), event_passes
-- raises: invalid_argument (isolation), pass_not_found
create or replace function ticketdb.lock_pass(
    p_pass_id bigint,
    out event_definition_id int,
    out user_id int,
    out contact jsonb,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_used int,
    out price numeric,
    out status text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_read_committed();
    perform
    from public.bookings as b
    where b.id in (select r.booking_id from public.ticket_reservations as r where r.pass_id = p_pass_id)
    order by b.id
    for key share;
    select
        e.event_definition_id, e.user_id, e.contact, e.kind, e.starts_on, e.ends_on, e.visits, e.visits_used, e.price,
        e.status
    into event_definition_id, user_id, contact, kind, starts_on, ends_on, visits, visits_used, price, status
    from public.event_passes as e
    where e.id = p_pass_id
    for no key update;
    if not found then
        perform ticketdb.refuse_pass(p_pass_id);
    end if;
end
$$;
revoke execute on function ticketdb.lock_pass(bigint) from public;
comment on function ticketdb.lock_pass(bigint) is 'Lock a pass and say what it is';
-- <<< sql/functions/lock_pass.sql

-- >>> sql/functions/lock_pass_of.sql
-- Locks the pass that a reservation is a place of, for a pass comes before its places; an imported pass counts none, so its places, which
-- may follow bookings, are free of it. Called by whatever closes or moves one place, before it locks the reservation.
-- locks: event_passes
-- raises: nothing
create or replace function ticketdb.lock_pass_of(p_reservation_id bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform
    from public.event_passes as e
    where e.id = (
        select r.pass_id from public.ticket_reservations as r where r.id = p_reservation_id and r.origin = 'pass'
    )
    for no key update;
end
$$;
revoke execute on function ticketdb.lock_pass_of(bigint) from public;
comment on function ticketdb.lock_pass_of(bigint) is 'Lock the pass that a reservation is a place of';
-- <<< sql/functions/lock_pass_of.sql

-- >>> sql/functions/lock_pass_places.sql
-- Locks the places of a pass that may change, before any seat moves. Called with the pass locked, so that no place comes besides.
-- locks: event_passes (by the caller), ticket_reservations
-- raises: nothing
create or replace function ticketdb.lock_pass_places(p_pass_id bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform
    from public.ticket_reservations as r
    where r.pass_id = p_pass_id
    order by r.id
    for no key update;
end
$$;
revoke execute on function ticketdb.lock_pass_places(bigint) from public;
comment on function ticketdb.lock_pass_places(bigint) is 'Lock the places of a pass';
-- <<< sql/functions/lock_pass_places.sql

-- >>> sql/functions/maintain.sql
-- The daily round: whatever is late is done here, nothing waits for it. Seats come late, for their buckets stay locked until the
-- round is over. The inside of run_maintenance.
-- locks: event_schedules (new rows); ticket_reservations (passing over locked ones); as reclaim_lapsed_holds by schedule_id; then
--        event_schedules (passing over locked ones); then as renew_passes
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
    v_renewed int;
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

    -- each with a month of places, which stay locked
    v_renewed := ticketdb.renew_passes(50);

    return jsonb_build_object(
        'schedules_generated', v_generated, 'schedules_completed', v_completed, 'holds_deleted', v_deleted,
        'holds_expired', v_expired, 'passes_renewed', v_renewed
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
-- locks: event_passes (for a place of one), as lock_reservation and check_limits, lock_moving_seats; then (by trigger) as count_seats;
--        then event_tickets,
--        program_participants
-- raises: invalid_argument, reservation_not_found, reservation_expired, reservation_released, reservation_cancelled, what
--         find_offer, check_visit and check_limits raise, sold_out, ticket_type_sold_out
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
    perform ticketdb.lock_pass_of(p_reservation_id);
    v_lock := ticketdb.lock_reservation(p_reservation_id);
    select
        r.schedule_id, r.ticket_type_id, r.user_id, r.booking_id, r.pass_id, r.quantity, r.total_amount, r.status
    into v_sale
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
    if v_sale.pass_id is not null then
        perform ticketdb.check_visit(v_sale.pass_id, p_schedule_id, p_reservation_id);
    end if;
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

-- >>> sql/functions/open_pass.sql
-- Makes a pass that is to be paid: a monthly one with a place on every occurrence of its period, or not at all. Occurrences that the
-- event's recurrence has there are generated first. Called by hold_pass and renew_pass.
-- locks: event_schedules (new rows), then as hold_series; event_passes (new row)
-- raises: not_on_sale, and what hold_series raises
create or replace function ticketdb.open_pass(
    p_pass_type_id int,
    p_starts_on date,
    p_user_id int,
    p_contact jsonb,
    p_renews boolean,
    p_expires_at timestamptz,
    p_renewed_from bigint default null,
    p_idempotency_key text default null,
    p_request jsonb default null
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_type record;
    v_ends_on date;
    v_series_id bigint;
    v_visits int;
    v_id bigint;
begin
    select
        t.event_definition_id, t.kind, t.visits, t.valid_for, t.price, t.is_active and d.is_active as is_on_sale,
        d.recurrence_type <> 'none' as recurs
    into v_type
    from public.pass_types as t
    inner join public.event_definitions as d on d.id = t.event_definition_id
    where t.id = p_pass_type_id;
    if not v_type.is_on_sale then
        perform ticketdb.raise_error(
            'not_on_sale', format('pass type %s is not on sale', p_pass_type_id), 'pass_types lists what is sold.',
            jsonb_build_object('pass_type_id', p_pass_type_id)
        );
    end if;
    v_ends_on := (p_starts_on + v_type.valid_for)::date - 1;

    if v_type.kind = 'monthly' then
        if v_type.recurs then
            perform public.generate_recurring_schedules(v_type.event_definition_id, p_starts_on, v_ends_on);
        end if;
        v_series_id := ticketdb.hold_series(
            v_type.event_definition_id, p_starts_on, v_ends_on, 1, p_user_id, null, p_contact
        );
        select count(*)::int into v_visits
        from public.ticket_reservations as r
        where r.series_id = v_series_id;
    else
        v_visits := v_type.visits;
    end if;
    insert into public.event_passes as e (
        event_definition_id, pass_type_id, user_id, contact, kind, starts_on, ends_on, visits, price, expires_at, origin,
        renews, renewed_from, idempotency_key, request
    )
    values (
        v_type.event_definition_id, p_pass_type_id, p_user_id, p_contact, v_type.kind, p_starts_on, v_ends_on, v_visits,
        v_type.price, p_expires_at, case when p_renewed_from is null then 'api' else 'renewal' end,
        p_renews, p_renewed_from, p_idempotency_key, p_request
    )
    returning e.id into v_id;
    -- the pass is what is paid for
    update public.ticket_reservations as r
    set pass_id = v_id, origin = 'pass', unit_price = 0, total_amount = 0, expires_at = p_expires_at
    where r.series_id = v_series_id;
    return v_id;
end
$$;
revoke execute on function ticketdb.open_pass(int, date, int, jsonb, boolean, timestamptz, bigint, text, jsonb) from public;
comment on function ticketdb.open_pass(int, date, int, jsonb, boolean, timestamptz, bigint, text, jsonb) is
'Make a pass that is to be paid, with its places';
-- <<< sql/functions/open_pass.sql

-- >>> sql/functions/pass_payments.sql
-- What was paid for a pass: its own payments, and for an imported one those of its places. Called by pass_receipt and close_pass.
-- locks: none
-- raises: nothing
create or replace function ticketdb.pass_payments(p_pass_id bigint)
returns table (payment_id bigint, refund_due numeric, kept numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select p.id, p.refund_due, p.amount - p.refund_due - p.refunded
    from public.ticket_payments as p
    where p.pass_id = p_pass_id
    union all
    select p.id, p.refund_due, p.amount - p.refund_due - p.refunded
    from public.ticket_payments as p
    inner join public.ticket_reservations as r on r.id = p.reservation_id
    where r.pass_id = p_pass_id;
$$;
revoke execute on function ticketdb.pass_payments(bigint) from public;
comment on function ticketdb.pass_payments(bigint) is 'Payments of a pass and of its places: what of each is due back, and what is kept';
-- <<< sql/functions/pass_payments.sql

-- >>> sql/functions/pass_receipt.sql
-- A pass as its buyer gets to see it. Called by the faces of passes.
-- locks: none
-- raises: nothing
create or replace function ticketdb.pass_receipt(
    p_pass_id bigint,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select
        e.id, e.pass_code, e.event_definition_id, e.kind, e.starts_on, e.ends_on, e.visits,
        ticketdb.pass_visits_left(e.id), e.price, e.status, e.expires_at, e.renews,
        (select coalesce(sum(p.refund_due), 0) from ticketdb.pass_payments(e.id) as p)
    into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price, status,
        expires_at, renews, refund_due
    from public.event_passes as e
    where e.id = p_pass_id;
end
$$;
revoke execute on function ticketdb.pass_receipt(bigint) from public;
comment on function ticketdb.pass_receipt(bigint) is 'A pass as its buyer gets to see it';
-- <<< sql/functions/pass_receipt.sql

-- >>> sql/functions/pass_start.sql
-- The first day from which a pass of an event can be good: not before today, and not on a day on which something of it has begun.
-- Called where a pass begins.
-- locks: none
-- raises: nothing
create or replace function ticketdb.pass_start(p_event_definition_id int, p_from date default null)
returns date
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_today constant date := (
        select (now() at time zone d.timezone)::date from public.event_definitions as d where d.id = p_event_definition_id
    );
begin
    if p_from > v_today then
        return p_from;
    end if;
    return case
        when exists (
            select
            from public.event_schedules as s
            where s.event_definition_id = p_event_definition_id and s.schedule_date = v_today
              and s.starts_at <= now() and s.status <> 'cancelled' and not s.is_blocked
        ) then v_today + 1
        else v_today
    end;
end
$$;
revoke execute on function ticketdb.pass_start(int, date) from public;
comment on function ticketdb.pass_start(int, date) is
'First day from which a pass can be good

p_from: not before; null means today.';
-- <<< sql/functions/pass_start.sql

-- >>> sql/functions/pass_visits_left.sql
-- What a pass is still good for: visits that have no place yet, or places of a monthly pass that are yet to come.
-- Called by pass_receipt and v_event_passes.
-- locks: none
-- raises: nothing
create or replace function ticketdb.pass_visits_left(p_pass_id bigint)
returns int
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select
            case
                when e.status <> 'active' then 0
                when e.kind = 'visits' then e.visits - e.visits_used
                else (
                    select count(*)::int
                    from public.ticket_reservations as r
                    inner join public.event_schedules as s on s.id = r.schedule_id
                    where r.pass_id = e.id and r.status = 'confirmed' and s.starts_at > now()
                )
            end
        from public.event_passes as e
        where e.id = p_pass_id
    );
end
$$;
revoke execute on function ticketdb.pass_visits_left(bigint) from public;
comment on function ticketdb.pass_visits_left(bigint) is 'Visits, or coming places of a monthly pass, that are left';
-- <<< sql/functions/pass_visits_left.sql

-- >>> sql/functions/pause_pass.sql
-- The face of ticketdb.suspend_pass.
-- locks, raises: as suspend_pass
create or replace function public.pause_pass(
    p_pass_id bigint,
    p_start_date date,
    p_end_date date,
    out pass_id bigint,
    out ends_on date,
    out places_released int,
    out places_added int,
    out full_schedules int[]
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    select c.places_released, c.places_added, c.full_schedules into places_released, places_added, full_schedules
    from ticketdb.suspend_pass(p_pass_id, p_start_date, p_end_date) as c;
    select r.pass_id, r.ends_on into pass_id, ends_on
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function public.pause_pass(bigint, date, date) from public;
comment on function public.pause_pass(bigint, date, date) is
'Pause a pass

From p_start_date to p_end_date, both included, the pass is not good: its places there go back on sale, and it ends as many days
later. A monthly pass takes places on the days it gains where there is room; full_schedules are those where there was none. The
same pause again changes nothing. Days that are over, or on which an occurrence has begun, cannot be paused, nor can a pass whose
next period has been made. p_pass_id: from buy_pass; p_start_date, p_end_date: local dates. Errors: invalid_argument,
pass_not_found, pass_not_valid.';
-- <<< sql/functions/pause_pass.sql

-- >>> sql/functions/pay_pass.sql
-- A payment for a pass arrived. As confirm_payment for a reservation: it is put on record first; where the places are gone, it
-- stays there as a refund that is due. The inside of confirm_pass.
-- locks: as lock_pass; ticket_payments (new row); then as seat_pass
-- raises: invalid_argument, pass_not_found, payment_reference_reused, amount_mismatch
create or replace function ticketdb.pay_pass(p_pass_id bigint, p_payment_reference text, p_amount numeric)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass record;
    v_payment record;
    v_payment_id bigint;
begin
    perform ticketdb.require_read_committed();
    if coalesce(length(p_payment_reference), 0) not between 1 and 255 then
        perform ticketdb.refuse_reference_length(p_payment_reference);
    end if;
    v_pass := ticketdb.lock_pass(p_pass_id);
    if p_amount is null or p_amount = v_pass.price then
        insert into public.ticket_payments (pass_id, payment_reference, amount)
        values (p_pass_id, p_payment_reference, v_pass.price)
        on conflict on constraint payment_reference_unique do nothing
        returning id into v_payment_id;
    end if;
    if v_payment_id is null then
        select p.pass_id, p.amount, p.refund_due + p.refunded as sent_back into v_payment
        from public.ticket_payments as p
        where p.payment_reference = p_payment_reference;
        if not found then
            perform ticketdb.raise_error(
                'amount_mismatch',
                format('%s was paid for pass %s, %s is due', p_amount, p_pass_id, v_pass.price),
                'Charge what is due, or refund the payment; nothing was recorded.',
                jsonb_build_object('paid', p_amount, 'due', v_pass.price)
            );
        end if;
        if v_payment.pass_id is distinct from p_pass_id or v_payment.amount <> p_amount then
            perform ticketdb.refuse_payment_reference(p_payment_reference);
        end if;
        return case when v_pass.status = 'active' and v_payment.sent_back = 0 then 'active' else 'refund_due' end;
    end if;

    if v_pass.status in ('held', 'released') then
        if ticketdb.seat_pass(p_pass_id) then
            return 'active';
        end if;
        update public.event_passes as e
        set status = 'refund_due', closed_at = clock_timestamp(), renews = false
        where e.id = p_pass_id;
        update public.ticket_reservations as r
        set status = 'released', closed_at = clock_timestamp()
        where r.pass_id = p_pass_id and r.status = 'held';
    end if;
    -- no places left, paid already, or called off: this payment goes back
    update public.ticket_payments as p
    set refund_due = p.amount
    where p.id = v_payment_id and p.amount > 0;
    -- nothing more was paid for a free pass
    return case when v_pass.status = 'active' and not found then 'active' else 'refund_due' end;
end
$$;
revoke execute on function ticketdb.pay_pass(bigint, text, numeric) from public;
comment on function ticketdb.pay_pass(bigint, text, numeric) is
'Record the payment of a pass; active or refund_due

p_amount: null means what is due.';
-- <<< sql/functions/pay_pass.sql

-- >>> sql/functions/prolong_pass.sql
-- Makes a pass good until a later day, with places on the days it gains where there is room. The inside of extend_pass, so that
-- a repeat moves nothing; suspend_pass calls it.
-- locks: as lock_pass; event_schedules (new rows); then as settle_places
-- raises: invalid_argument, pass_not_found, pass_not_valid
create or replace function ticketdb.prolong_pass(
    p_pass_id bigint,
    p_ends_on date,
    out places_released int,
    out places_added int,
    out full_schedules int[]
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass constant record := ticketdb.lock_pass(p_pass_id);
    v_first constant date := ticketdb.pass_start(v_pass.event_definition_id, v_pass.ends_on + 1);
begin
    if (p_ends_on between v_pass.ends_on and v_pass.ends_on + 366) is not true then
        perform ticketdb.raise_error(
            'invalid_argument', format('pass %s cannot be extended to %s', p_pass_id, coalesce(p_ends_on::text, 'null')),
            format('Pass a date from %s to a year later.', v_pass.ends_on),
            jsonb_build_object('pass_id', p_pass_id, 'ends_on', v_pass.ends_on)
        );
    end if;
    if v_pass.status <> 'active' then
        perform ticketdb.refuse_pass_use(p_pass_id, v_pass.status);
    end if;
    -- both would have a place on the same days
    if exists (
        select from public.event_passes as n where n.renewed_from = p_pass_id and n.status in ('held', 'active')
    ) then
        perform ticketdb.refuse_pass_use(p_pass_id, 'renewed');
    end if;
    update public.event_passes as e
    set ends_on = p_ends_on
    where e.id = p_pass_id;
    if v_pass.kind = 'monthly' and v_first <= p_ends_on and exists (
        select
        from public.event_definitions as d
        where d.id = v_pass.event_definition_id and d.is_active and d.recurrence_type <> 'none'
    ) then
        perform public.generate_recurring_schedules(
            v_pass.event_definition_id, v_first, p_ends_on
        );
    end if;
    select s.places_released, s.places_added, s.full_schedules into places_released, places_added, full_schedules
    from ticketdb.settle_places(p_pass_id, v_pass.ends_on) as s;
end
$$;
revoke execute on function ticketdb.prolong_pass(bigint, date) from public;
comment on function ticketdb.prolong_pass(bigint, date) is 'Make a pass good until a later day';
-- <<< sql/functions/prolong_pass.sql

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
            'space_not_found', 'pass_not_found'
        ) then 'PT404'
        when p_reason in (
            'sold_out', 'ticket_type_sold_out', 'not_on_sale', 'schedule_cancelled', 'schedule_completed',
            'schedule_blocked', 'limit_per_user', 'slot_conflict', 'idempotency_key_reused',
            'payment_reference_reused', 'already_confirmed', 'tickets_sold_is_derived', 'capacity_below_sold',
            'pass_not_valid'
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

-- >>> sql/functions/redeem_pass.sql
-- The face of ticketdb.take_visit, and of redeem_pass_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.redeem_pass(
    p_pass_id bigint,
    p_schedule_id int,
    out reservation_id bigint,
    out reservation_code text,
    out pass_id bigint,
    out schedule_id int,
    out status text,
    out ticket_codes uuid[],
    out visits_left int
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
begin
    if not ticketdb.may_sell() then
        select r.* into
            reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
        from ticketdb.redeem_pass_for_caller(p_pass_id, p_schedule_id) as r;
        return;
    end if;
    v_id := ticketdb.take_visit(p_pass_id, p_schedule_id);
    select r.* into
        reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
    from ticketdb.visit_receipt(v_id) as r;
end
$$;
revoke execute on function public.redeem_pass(bigint, int) from public;
comment on function public.redeem_pass(bigint, int) is
'Redeem a pass

One visit of a pass becomes a place on an occurrence of its event, with a ticket, at once. A monthly pass gets back a place that it
gave up. Asked again for the same occurrence it answers with the place that is there. A signed-in buyer uses his own passes. Where a
pass is not valid, the problem in the error''s detail is held, refund_due, released, cancelled, other_event, outside_period, paused or
used_up. p_pass_id: from buy_pass; p_schedule_id: an occurrence in its period. Errors: those of reserve_tickets, pass_not_found,
pass_not_valid.';
-- <<< sql/functions/redeem_pass.sql

-- >>> sql/functions/redeem_pass_for_caller.sql
-- Uses a pass of the signed-in buyer who calls. Those of others do not exist for him. The way of redeem_pass for whoever may not
-- run the inside of selling.
-- locks: as take_visit
-- raises: not_allowed, and what take_visit raises
create or replace function ticketdb.redeem_pass_for_caller(
    p_pass_id bigint,
    p_schedule_id int,
    out reservation_id bigint,
    out reservation_code text,
    out pass_id bigint,
    out schedule_id int,
    out status text,
    out ticket_codes uuid[],
    out visits_left int
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
begin
    perform ticketdb.require_own_pass(p_pass_id);
    -- an event that is not public yet does not exist for him
    if exists (
        select
        from public.event_schedules as s
        inner join public.event_definitions as d on d.id = s.event_definition_id
        where s.id = p_schedule_id and not d.is_active
    ) then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    v_id := ticketdb.take_visit(p_pass_id, p_schedule_id);
    select r.* into
        reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
    from ticketdb.visit_receipt(v_id) as r;
end
$$;
revoke execute on function ticketdb.redeem_pass_for_caller(bigint, int) from public;
comment on function ticketdb.redeem_pass_for_caller(bigint, int) is
'Redeem a pass of the signed-in buyer who calls';
-- <<< sql/functions/redeem_pass_for_caller.sql

-- >>> sql/functions/refuse_pass.sql
-- Says that there is no such pass.
-- locks: none
-- raises: pass_not_found
create or replace function ticketdb.refuse_pass(p_pass_id bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'pass_not_found', format('pass %s does not exist', coalesce(p_pass_id::text, 'null')),
        'Pass the id that buy_pass returned.', jsonb_build_object('pass_id', p_pass_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_pass(bigint) from public;
comment on function ticketdb.refuse_pass(bigint) is 'Raise pass_not_found';
-- <<< sql/functions/refuse_pass.sql

-- >>> sql/functions/refuse_pass_type.sql
-- Says that there is no such kind of pass.
-- locks: none
-- raises: pass_not_found
create or replace function ticketdb.refuse_pass_type(p_pass_type_id int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'pass_not_found', format('pass type %s does not exist', coalesce(p_pass_type_id::text, 'null')),
        'pass_types lists what is sold.', jsonb_build_object('pass_type_id', p_pass_type_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_pass_type(int) from public;
comment on function ticketdb.refuse_pass_type(int) is 'Raise pass_not_found for a pass type';
-- <<< sql/functions/refuse_pass_type.sql

-- >>> sql/functions/refuse_pass_use.sql
-- Says that a pass is not good for what is asked of it. p_problem is for programs: held, refund_due, released, cancelled (its status),
-- other_event, outside_period, paused, has_place, used_up, begun or renewed.
-- locks: none
-- raises: pass_not_valid
create or replace function ticketdb.refuse_pass_use(p_pass_id bigint, p_problem text, p_detail jsonb default '{}')
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'pass_not_valid',
        format(
            'pass %s cannot be used so: it is %s', p_pass_id,
            case p_problem
                when 'held' then 'not paid'
                when 'other_event' then 'for another event'
                when 'outside_period' then 'not good on that day'
                when 'has_place' then 'there already'
                when 'used_up' then 'used up'
                when 'begun' then 'too late, the occurrence has begun'
                when 'renewed' then 'renewed already'
                else replace(p_problem, '_', ' ')
            end
        ),
        case p_problem
            when 'held' then 'confirm_pass records its payment.'
            when 'renewed' then 'Cancel the pass of the next period first, or change that one.'
            else 'v_event_passes tells what each pass is good for.'
        end,
        jsonb_build_object('pass_id', p_pass_id, 'problem', p_problem) || p_detail
    );
end
$$;
revoke execute on function ticketdb.refuse_pass_use(bigint, text, jsonb) from public;
comment on function ticketdb.refuse_pass_use(bigint, text, jsonb) is 'Raise pass_not_valid';
-- <<< sql/functions/refuse_pass_use.sql

-- >>> sql/functions/refuse_reference_length.sql
-- Says that a payment has no reference, or one too long to be kept.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.refuse_reference_length(p_payment_reference text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'invalid_argument',
        format('p_payment_reference has %s characters', coalesce(length(p_payment_reference)::text, 'no')),
        'Pass the reference of the payment provider, 1 to 255 characters; for a free ticket any text of your own '
        'that is unique.'
    );
end
$$;
revoke execute on function ticketdb.refuse_reference_length(text) from public;
comment on function ticketdb.refuse_reference_length(text) is 'Raise invalid_argument for the length of a payment reference';
-- <<< sql/functions/refuse_reference_length.sql

-- >>> sql/functions/renew_pass.sql
-- Makes the next period of a pass, to be paid before it begins. Where it cannot be had, the pass says why and renews no more. True if
-- it was made. Called by renew_passes with seats of other passes in hand, so it waits for nobody for long: what is locked is
-- left to the next round.
-- locks: event_passes (by the caller), then as open_pass, each for a fifth of a second at most
-- raises: nothing about seats
create or replace function ticketdb.renew_pass(p_pass_id bigint)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
    v_pass record;
    v_starts_on date;
begin
    select e.pass_type_id, e.event_definition_id, e.user_id, e.contact, e.ends_on, d.timezone into v_pass
    from public.event_passes as e
    inner join public.event_definitions as d on d.id = e.event_definition_id
    where e.id = p_pass_id;
    v_starts_on := ticketdb.pass_start(v_pass.event_definition_id, v_pass.ends_on + 1);
    perform ticketdb.open_pass(
        v_pass.pass_type_id, v_starts_on, v_pass.user_id, v_pass.contact, true,
        -- a round that came late still leaves a day to pay
        greatest(
            ticketdb.local_instant(v_starts_on::timestamp, v_pass.timezone), clock_timestamp() + interval '1 day'
        ),
        p_pass_id
    );
    return true;
exception
    when lock_not_available or deadlock_detected or unique_violation then
        return false;
    when sqlstate 'PT400' or sqlstate 'PT404' or sqlstate 'PT409' then
        update public.event_passes as e
        set renews = false, renewal_problem = sqlerrm
        where e.id = p_pass_id;
        return false;
end
$$;
revoke execute on function ticketdb.renew_pass(bigint) from public;
comment on function ticketdb.renew_pass(bigint) is 'Make the next period of a pass; false where that cannot be now';
-- <<< sql/functions/renew_pass.sql

-- >>> sql/functions/renew_passes.sql
-- Gives renewing passes that end soon their next period, each exactly once, a bounded number at a time. Called by maintain, last,
-- for it takes seats.
-- locks: event_passes (passing over locked ones), then as renew_pass
-- raises: nothing
create or replace function ticketdb.renew_passes(p_limit int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
    v_renewed int := 0;
begin
    for v_id in
        select e.id
        from public.event_passes as e
        inner join public.pass_types as t on t.id = e.pass_type_id
        inner join public.event_definitions as d on d.id = e.event_definition_id
        where e.renews and e.status = 'active'
          -- who was forgotten for a week is not surprised with a bill
          and (now() at time zone d.timezone)::date between e.ends_on - t.renew_before_days and e.ends_on + 7
          and not exists (select from public.event_passes as n where n.renewed_from = e.id)
        order by e.ends_on, e.id
        limit p_limit
        for no key update of e skip locked
    loop
        if ticketdb.renew_pass(v_id) then
            v_renewed := v_renewed + 1;
        end if;
    end loop;
    return v_renewed;
end
$$;
revoke execute on function ticketdb.renew_passes(int) from public;
comment on function ticketdb.renew_passes(int) is
'Give renewing passes their next period; the number of those that got one

p_limit: how many are looked at.';
-- <<< sql/functions/renew_passes.sql

-- >>> sql/functions/require_own_pass.sql
-- Refuses a pass that is not the signed-in caller's, as if it did not exist. Called by the functions that act for a caller.
-- locks: none
-- raises: not_allowed, pass_not_found
create or replace function ticketdb.require_own_pass(p_pass_id bigint)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(null);
begin
    if not exists (select from public.event_passes as e where e.id = p_pass_id and e.user_id = v_user_id) then
        perform ticketdb.refuse_pass(p_pass_id);
    end if;
end
$$;
revoke execute on function ticketdb.require_own_pass(bigint) from public;
comment on function ticketdb.require_own_pass(bigint) is 'Refuse a pass that is not the caller''s';
-- <<< sql/functions/require_own_pass.sql

-- >>> sql/functions/return_visit.sql
-- The face of ticketdb.give_visit_back, and of return_visit_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.return_visit(
    p_reservation_id bigint,
    out reservation_id bigint,
    out reservation_code text,
    out pass_id bigint,
    out schedule_id int,
    out status text,
    out ticket_codes uuid[],
    out visits_left int
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select r.* into
            reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
        from ticketdb.return_visit_for_caller(p_reservation_id) as r;
        return;
    end if;
    perform ticketdb.give_visit_back(p_reservation_id);
    select r.* into
        reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
    from ticketdb.visit_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function public.return_visit(bigint) from public;
comment on function public.return_visit(bigint) is
'Return a visit

The holder of a pass does not come after all: before the occurrence begins its place goes back on sale, and the visit back to the
pass. Later it is not valid any more. A signed-in buyer returns his own. p_reservation_id: from redeem_pass, or another place of a
pass. Errors: reservation_not_found, pass_not_valid, reservation_released, reservation_expired, not_allowed.';
-- <<< sql/functions/return_visit.sql

-- >>> sql/functions/return_visit_for_caller.sql
-- Gives a visit of the signed-in buyer who calls back. Those of others do not exist for him. The way of return_visit for whoever
-- may not run the inside of selling.
-- locks: as give_visit_back
-- raises: not_allowed, and what give_visit_back raises
create or replace function ticketdb.return_visit_for_caller(
    p_reservation_id bigint,
    out reservation_id bigint,
    out reservation_code text,
    out pass_id bigint,
    out schedule_id int,
    out status text,
    out ticket_codes uuid[],
    out visits_left int
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(null);
begin
    if p_reservation_id is not null and not exists (
        select
        from public.ticket_reservations as r
        inner join public.event_passes as e on e.id = r.pass_id
        where r.id = p_reservation_id and e.user_id = v_user_id
    ) then
        perform ticketdb.refuse_reservation(p_reservation_id);
    end if;
    perform ticketdb.give_visit_back(p_reservation_id);
    select r.* into
        reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
    from ticketdb.visit_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function ticketdb.return_visit_for_caller(bigint) from public;
comment on function ticketdb.return_visit_for_caller(bigint) is
'Return a visit of the signed-in buyer who calls';
-- <<< sql/functions/return_visit_for_caller.sql

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
90 days ago, expires lapsed holds, and makes the next period of passes that renew; a bounded number of the last four, so that a
big backlog takes several rounds. Returns how many of each. Nothing depends on it for being right: run it at any time, twice, at once.
Errors: invalid_argument.';
-- <<< sql/functions/run_maintenance.sql

-- >>> sql/functions/seat_pass.sql
-- Makes a paid pass good: each place becomes a sale, lapsed or not, or none does. What was called off meanwhile has no place; it
-- counts as unused. False leaves everything as it was. Called by pay_pass.
-- locks: event_passes (by the caller), ticket_reservations, then for each occurrence as seat_paid_reservation
-- raises: nothing about seats
create or replace function ticketdb.seat_pass(p_pass_id bigint)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_place record;
    v_sale record;
    v_places int := 0;
begin
    perform ticketdb.lock_pass_places(p_pass_id);
    -- ahead of its places, which trigger count_visits keeps from becoming sales of a pass that is not
    update public.event_passes as e
    set status = 'active', confirmed_at = clock_timestamp(), closed_at = null
    where e.id = p_pass_id;
    for v_place in
        select r.id, r.status, s.status = 'cancelled' or s.is_blocked as is_called_off
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        where r.pass_id = p_pass_id and r.status in ('held', 'expired', 'released')
        order by r.schedule_id, r.id
    loop
        v_places := v_places + 1;
        if v_place.is_called_off then
            update public.ticket_reservations as r
            set status = 'released', closed_at = clock_timestamp()
            where r.id = v_place.id and r.status = 'held';
            continue;
        end if;
        v_sale := ticketdb.seat_paid_reservation(v_place.id, null, null);
        if not v_sale.is_seated then
            raise sqlstate 'TD001';
        end if;
    end loop;
    -- places of a hold that came to nothing long ago are deleted
    if exists (
        select from public.event_passes as e where e.id = p_pass_id and e.kind = 'monthly' and e.visits > v_places
    ) then
        raise sqlstate 'TD001';
    end if;
    return true;
exception
    when sqlstate 'TD001' then return false;
end
$$;
revoke execute on function ticketdb.seat_pass(bigint) from public;
comment on function ticketdb.seat_pass(bigint) is 'Make a paid pass good, with all its places; false where that cannot be';
-- <<< sql/functions/seat_pass.sql

-- >>> sql/functions/set_pass_renewal.sql
-- The face of ticketdb.change_renewal, and of set_pass_renewal_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.set_pass_renewal(
    p_pass_id bigint,
    p_renews boolean,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select r.* into
            pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left,
            price, status, expires_at, renews, refund_due
        from ticketdb.set_pass_renewal_for_caller(p_pass_id, p_renews) as r;
        return;
    end if;
    perform ticketdb.change_renewal(p_pass_id, p_renews);
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function public.set_pass_renewal(bigint, boolean) from public;
comment on function public.set_pass_renewal(bigint, boolean) is
'Set the renewal of a pass

Whether the daily round makes the next period of a pass before it ends: a pass of its own, held until it begins, to be paid
with confirm_pass. A signed-in buyer decides for his own. p_pass_id: from buy_pass; p_renews: true or false.
Errors: invalid_argument, pass_not_found, pass_not_valid, not_allowed.';
-- <<< sql/functions/set_pass_renewal.sql

-- >>> sql/functions/set_pass_renewal_for_caller.sql
-- Decides on the renewal of a pass of the signed-in buyer who calls. Those of others do not exist for him. The way of
-- set_pass_renewal for whoever may not run the inside of selling.
-- locks: as change_renewal
-- raises: not_allowed, and what change_renewal raises
create or replace function ticketdb.set_pass_renewal_for_caller(
    p_pass_id bigint,
    p_renews boolean,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_own_pass(p_pass_id);
    perform ticketdb.change_renewal(p_pass_id, p_renews);
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function ticketdb.set_pass_renewal_for_caller(bigint, boolean) from public;
comment on function ticketdb.set_pass_renewal_for_caller(bigint, boolean) is
'Set the renewal of a pass of the signed-in buyer who calls';
-- <<< sql/functions/set_pass_renewal_for_caller.sql

-- >>> sql/functions/settle_places.sql
-- Brings the coming places of a pass in line with its period and its pauses: those of paused days go back on sale; a monthly pass gets
-- places on occurrences after p_add_after where there is room. In one pass over the occurrences, so that seats are locked in order.
-- Called by suspend_pass and prolong_pass.
-- locks: event_passes (by the caller), ticket_reservations, then for each occurrence as cancel_sale or add_pass_place
-- raises: nothing about seats
create or replace function ticketdb.settle_places(
    p_pass_id bigint,
    p_add_after date,
    out places_released int,
    out places_added int,
    out full_schedules int[]
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass constant record := ticketdb.lock_pass(p_pass_id);
    v_day record;
begin
    places_released := 0;
    places_added := 0;
    full_schedules := '{}';
    perform ticketdb.lock_pass_places(p_pass_id);
    for v_day in
        select
            s.id as schedule_id, r.id as place,
            s.status <> 'cancelled' and not s.is_blocked and s.schedule_date > p_add_after and v_pass.kind = 'monthly' as is_new,
            exists (
                select
                from public.pass_pauses as p
                where p.pass_id = p_pass_id and s.schedule_date between p.paused_from and p.paused_until
            ) as is_paused
        from public.event_schedules as s
        left join public.ticket_reservations as r
            on r.pass_id = p_pass_id and r.schedule_id = s.id and r.status = 'confirmed'
        where s.event_definition_id = v_pass.event_definition_id
          and s.schedule_date between v_pass.starts_on and v_pass.ends_on
          and s.starts_at > now()
        order by s.id
    loop
        if v_day.is_paused and v_day.place is not null then
            perform ticketdb.cancel_sale(v_day.place, 'the pass is paused');
            places_released := places_released + 1;
        elsif v_day.is_new and not v_day.is_paused and v_day.place is null then
            begin
                perform ticketdb.add_pass_place(p_pass_id, v_day.schedule_id, v_pass.user_id, v_pass.contact);
                places_added := places_added + 1;
            exception
                when sqlstate 'PT409' then full_schedules := full_schedules || v_day.schedule_id;
            end;
        end if;
    end loop;
end
$$;
revoke execute on function ticketdb.settle_places(bigint, date) from public;
comment on function ticketdb.settle_places(bigint, date) is
'Bring the places of a pass in line with its period and pauses

p_add_after: on later dates it gets places; earlier ones stay as they are.';
-- <<< sql/functions/settle_places.sql

-- >>> sql/functions/suspend_pass.sql
-- Pauses a pass from one local date to another: its places there go back on sale, and its end moves by as many days. Only days to come
-- can be paused. The inside of pause_pass; a repeat answers that nothing moved.
-- locks: as prolong_pass
-- raises: invalid_argument, pass_not_found, pass_not_valid
create or replace function ticketdb.suspend_pass(
    p_pass_id bigint,
    p_start_date date,
    p_end_date date,
    out places_released int,
    out places_added int,
    out full_schedules int[]
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass constant record := ticketdb.lock_pass(p_pass_id);
    v_earliest constant date := greatest(v_pass.starts_on, ticketdb.pass_start(v_pass.event_definition_id));
begin
    if v_pass.status <> 'active' then
        perform ticketdb.refuse_pass_use(p_pass_id, v_pass.status);
    end if;
    if exists (
        select
        from public.pass_pauses as p
        where p.pass_id = p_pass_id and p.paused_from = p_start_date and p.paused_until = p_end_date
    ) then
        -- sent twice
        places_released := 0;
        places_added := 0;
        full_schedules := '{}';
        return;
    end if;
    if (p_start_date between v_earliest and v_pass.ends_on and p_end_date between p_start_date and p_start_date + 365) is not true then
        perform ticketdb.raise_error(
            'invalid_argument',
            format(
                'pass %s cannot be paused from %s to %s', p_pass_id, coalesce(p_start_date::text, 'null'),
                coalesce(p_end_date::text, 'null')
            ),
            format('Begin from %s to %s, and end within a year.', v_earliest, v_pass.ends_on),
            jsonb_build_object('pass_id', p_pass_id, 'earliest', v_earliest, 'ends_on', v_pass.ends_on)
        );
    end if;
    if exists (
        select
        from public.pass_pauses as p
        where p.pass_id = p_pass_id and p.paused_from <= p_end_date and p.paused_until >= p_start_date
    ) then
        perform ticketdb.refuse_pass_use(p_pass_id, 'paused');
    end if;
    insert into public.pass_pauses (pass_id, paused_from, paused_until)
    values (p_pass_id, p_start_date, p_end_date);
    select s.places_released, s.places_added, s.full_schedules into places_released, places_added, full_schedules
    from ticketdb.prolong_pass(p_pass_id, v_pass.ends_on + (p_end_date - p_start_date + 1)) as s;
end
$$;
revoke execute on function ticketdb.suspend_pass(bigint, date, date) from public;
comment on function ticketdb.suspend_pass(bigint, date, date) is 'Pause a pass';
-- <<< sql/functions/suspend_pass.sql

-- >>> sql/functions/take_visit.sql
-- Uses a pass: a place on an occurrence, sold at once. Asked again for the same one it answers with the place that is there. The
-- inside of redeem_pass.
-- locks: as lock_pass, then as add_pass_place
-- raises: pass_not_found, pass_not_valid, schedule_not_found, and what hold_tickets raises
create or replace function ticketdb.take_visit(p_pass_id bigint, p_schedule_id int)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass constant record := ticketdb.lock_pass(p_pass_id);
    v_schedule record;
    v_problem text;
    v_place bigint;
begin
    select s.event_definition_id, s.schedule_date into v_schedule
    from public.event_schedules as s
    where s.id = p_schedule_id;
    if not found then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    select r.id into v_place
    from public.ticket_reservations as r
    where r.pass_id = p_pass_id and r.schedule_id = p_schedule_id and r.status = 'confirmed';
    if found then
        return v_place;
    end if;

    v_problem := case
        when v_pass.status <> 'active' then v_pass.status
        when v_schedule.event_definition_id <> v_pass.event_definition_id then 'other_event'
        when v_schedule.schedule_date not between v_pass.starts_on and v_pass.ends_on then 'outside_period'
        when exists (
            select
            from public.pass_pauses as p
            where p.pass_id = p_pass_id and v_schedule.schedule_date between p.paused_from and p.paused_until
        ) then 'paused'
        when v_pass.kind = 'visits' and v_pass.visits_used >= v_pass.visits then 'used_up'
    end;
    if v_problem is not null then
        perform ticketdb.refuse_pass_use(p_pass_id, v_problem, jsonb_build_object('schedule_id', p_schedule_id));
    end if;
    return ticketdb.add_pass_place(p_pass_id, p_schedule_id, v_pass.user_id, v_pass.contact);
end
$$;
revoke execute on function ticketdb.take_visit(bigint, int) from public;
comment on function ticketdb.take_visit(bigint, int) is 'Use a pass for an occurrence';
-- <<< sql/functions/take_visit.sql

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
    -- a pass as a whole is on no one occurrence
    select null, 'visits of pass ' || e.id, count(r.id), e.visits_used
    from public.event_passes as e
    left join public.ticket_reservations as r on r.pass_id = e.id and r.status in ('held', 'confirmed')
    where e.kind = 'visits'
    group by e.id
    having count(r.id) <> e.visits_used
    union all
    select r.schedule_id, 'place ' || r.id || ' of pass ' || e.id || ', which is ' || e.status, 0, r.quantity
    from public.ticket_reservations as r
    inner join public.event_passes as e on e.id = r.pass_id
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.status = 'confirmed' and e.status <> 'active'
      -- what had begun when it was cancelled stays used
      and (e.status <> 'cancelled' or s.starts_at > now())
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

-- >>> sql/functions/visit_receipt.sql
-- A place of a pass as its holder gets to see it. Called by redeem_pass and return_visit.
-- locks: none
-- raises: nothing
create or replace function ticketdb.visit_receipt(
    p_reservation_id bigint,
    out reservation_id bigint,
    out reservation_code text,
    out pass_id bigint,
    out schedule_id int,
    out status text,
    out ticket_codes uuid[],
    out visits_left int
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select r.id, r.reservation_code, r.pass_id, r.schedule_id, r.status, ticketdb.pass_visits_left(r.pass_id)
    into reservation_id, reservation_code, pass_id, schedule_id, status, visits_left
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    ticket_codes := ticketdb.valid_ticket_codes(p_reservation_id);
end
$$;
revoke execute on function ticketdb.visit_receipt(bigint) from public;
comment on function ticketdb.visit_receipt(bigint) is 'A place of a pass as its holder gets to see it';
-- <<< sql/functions/visit_receipt.sql

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
    ('table', 'public.pass_types', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.pass_types', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.pass_types_id_seq', 'usage', '{authenticated,service_role}'),
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
    ('table', 'public.event_passes', 'select', '{authenticated,service_role}'),
    ('table', 'public.pass_pauses', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_event_passes', 'select', '{authenticated,service_role}'),
    ('function', 'public.buy_pass(int, date, int, boolean, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.redeem_pass(bigint, int)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.return_visit(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_pass(bigint, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.set_pass_renewal(bigint, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_pass(bigint, text, numeric)', 'execute', '{service_role}'),
    ('function', 'public.pause_pass(bigint, date, date)', 'execute', '{service_role}'),
    ('function', 'public.extend_pass(bigint, date)', 'execute', '{service_role}'),
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
    ('function', 'ticketdb.buy_pass_for_caller(int, date, int, boolean, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.redeem_pass_for_caller(bigint, int)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.return_visit_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.cancel_pass_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.set_pass_renewal_for_caller(bigint, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.pass_visits_left(bigint)', 'execute', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.hold_pass(int, date, int, boolean, text, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.pay_pass(bigint, text, numeric)', 'execute', '{service_role}'),
    ('function', 'ticketdb.take_visit(bigint, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.give_visit_back(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.suspend_pass(bigint, date, date)', 'execute', '{service_role}'),
    ('function', 'ticketdb.prolong_pass(bigint, date)', 'execute', '{service_role}'),
    ('function', 'ticketdb.close_pass(bigint, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.change_renewal(bigint, boolean)', 'execute', '{service_role}'),
    ('function', 'ticketdb.pass_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.visit_receipt(bigint)', 'execute', '{service_role}'),
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

-- >>> sql/views/v_event_passes.sql
-- Passes with what they are good for now: who may see a pass is said by the policy of event_passes.
create or replace view public.v_event_passes
with (security_invoker = true)
as
select
    e.id as pass_id,
    e.pass_code,
    e.event_definition_id,
    d.title as event_title,
    e.pass_type_id,
    t.name as pass_type,
    e.user_id,
    e.contact,
    e.kind,
    e.starts_on,
    e.ends_on,
    e.visits,
    e.visits_used,
    ticketdb.pass_visits_left(e.id) as visits_left,
    e.price,
    case
        when e.status = 'held' and e.expires_at <= now() then 'lapsed'
        when e.status <> 'active' then e.status
        when l.today > e.ends_on then 'ended'
        when exists (
            select
            from public.pass_pauses as p
            where p.pass_id = e.id and l.today between p.paused_from and p.paused_until
        ) then 'paused'
        else 'active'
    end as state,
    e.expires_at,
    e.renews,
    e.renewed_from,
    e.renewal_problem,
    e.created_at,
    e.confirmed_at,
    e.closed_at,
    e.close_reason
from public.event_passes as e
inner join public.event_definitions as d on d.id = e.event_definition_id
left join public.pass_types as t on t.id = e.pass_type_id
cross join lateral (select (now() at time zone d.timezone)::date as today) as l;
revoke all on public.v_event_passes from public;
comment on view public.v_event_passes is
'Passes and their state

Each pass with what it is good for now. Staff see all, a signed-in buyer his own.';
comment on column public.v_event_passes.pass_id is 'Pass';
comment on column public.v_event_passes.pass_code is 'Unguessable code that the pass carries';
comment on column public.v_event_passes.event_definition_id is 'Event it is for';
comment on column public.v_event_passes.event_title is 'Title of the event';
comment on column public.v_event_passes.pass_type_id is 'Type it was sold as; null for an imported one';
comment on column public.v_event_passes.pass_type is 'Name of the type, as far as it is public';
comment on column public.v_event_passes.user_id is 'Buyer, where known';
comment on column public.v_event_passes.contact is 'Buyer''s contact data: name, mobile, email';
comment on column public.v_event_passes.kind is 'monthly or visits';
comment on column public.v_event_passes.starts_on is 'First local date on which it is good';
comment on column public.v_event_passes.ends_on is 'Last local date on which it is good';
comment on column public.v_event_passes.visits is 'What was sold: the number of visits, or of occurrences in the period';
comment on column public.v_event_passes.visits_used is 'Visits that have a place; 0 for a monthly pass';
comment on column public.v_event_passes.visits_left is 'Visits without a place yet, or places of a monthly pass that are to come';
comment on column public.v_event_passes.price is 'What is to be paid for it';
comment on column public.v_event_passes.state is
'held, lapsed (not paid in time), active, paused (today), ended, refund_due (paid, but its places were gone), released or cancelled';
comment on column public.v_event_passes.expires_at is 'When the hold lapses unless paid';
comment on column public.v_event_passes.renews is 'Whether the next period is made before this one ends';
comment on column public.v_event_passes.renewed_from is 'Pass whose next period it is';
comment on column public.v_event_passes.renewal_problem is 'Why the next period could not be made';
comment on column public.v_event_passes.created_at is 'When it was made';
comment on column public.v_event_passes.confirmed_at is 'When it was paid';
comment on column public.v_event_passes.closed_at is 'When it was released or cancelled';
comment on column public.v_event_passes.close_reason is 'Why it was cancelled, as the caller said it';
-- <<< sql/views/v_event_passes.sql

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
create or replace trigger count_visits_inserted
after insert on public.ticket_reservations
for each row when (new.pass_id is not null)
execute function ticketdb.count_visits();
create or replace trigger count_visits_updated
after update on public.ticket_reservations
for each row when (
    new.pass_id is not null and new.origin = 'pass'
    and (new.status <> old.status or old.pass_id is null)
)
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
-- <<< sql/triggers/ticket_reservations.sql
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
