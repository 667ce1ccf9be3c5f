-- Reports that are sums of one ledger, and the log of who changed what.

-- When how much of a payment became due back. ticket_payments says what is due now; reports ask what was due on a day, and a day that is
-- over must not change with a refund of today's. Written by trigger note_refund alone.

create table ticketdb.refund_movements (
    id bigint generated always as identity constraint refund_movements_pkey primary key,
    payment_id bigint not null
        constraint refund_movement_payment references public.ticket_payments (id) on delete cascade,
    amount numeric(10,2) not null,
    noted_at timestamptz not null default clock_timestamp(),

    constraint refund_movement_moves_something check (amount <> 0)
);
create index refund_movements_payment on ticketdb.refund_movements (payment_id);

comment on table ticketdb.refund_movements is
'Movements of what is due back

One row for each change of a payment''s refund; the sum of a payment''s rows is what it has to give back.';
comment on column ticketdb.refund_movements.id is 'Identity';
comment on column ticketdb.refund_movements.payment_id is 'Payment of which something is to go back';
comment on column ticketdb.refund_movements.amount is
'Amount in the venue''s currency that became due back; negative where it no longer is';
comment on column ticketdb.refund_movements.noted_at is 'When it became so';

-- what was due back before counts from when its sale was undone. Nobody writes payments meanwhile: the new table refers to them
insert into ticketdb.refund_movements (payment_id, amount, noted_at)
select p.id, p.refund_due + p.refunded, greatest(p.received_at, r.closed_at, e.closed_at)
from public.ticket_payments as p
left join public.ticket_reservations as r on r.id = p.reservation_id
left join public.event_passes as e on e.id = p.pass_id
where p.refund_due + p.refunded > 0;

-- Who changed what. Written by trigger log_change alone, never changed (refuse_rewrite). No foreign key: what happened to a row stays
-- on record when the row, or the user, is gone.

create table public.ticket_audit_log (
    id bigint generated always as identity constraint ticket_audit_log_pkey primary key,
    logged_at timestamptz not null default clock_timestamp(),
    role_name text not null,
    user_id int,
    claims jsonb,
    table_name text not null,
    row_key text not null,
    operation text not null,
    before jsonb,
    after jsonb,

    constraint audit_operation_known check (operation in ('insert', 'update', 'delete')),
    -- what was not there before has no before, what is gone no after
    constraint audit_says_what_changed check (
        (before is null) = (operation = 'insert') and (after is null) = (operation = 'delete')
    )
) with (
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000
);
create index ticket_audit_log_row on public.ticket_audit_log (table_name, row_key, id);
alter table public.ticket_audit_log enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy staff on public.ticket_audit_log for select using ((select ticketdb.is_staff()));

comment on table public.ticket_audit_log is
'Ticket audit log

One row for each change of an event, an occurrence, a ticket type, a sale or a refund: who, when, what it was and what it
became. Rows are added, never changed. Contact data of buyers is not copied.';
comment on column public.ticket_audit_log.id is 'Identity; ascending in the order of the changes of a row';
comment on column public.ticket_audit_log.logged_at is 'When it was changed';
comment on column public.ticket_audit_log.role_name is 'Database role that changed it';
comment on column public.ticket_audit_log.user_id is 'User that the token stood for; null where it stood for none';
comment on column public.ticket_audit_log.claims is
'Claims of the token that say who it was: sub, role, email, user_id, session_id, app_metadata; null on a direct connection';
comment on column public.ticket_audit_log.table_name is 'Table';
comment on column public.ticket_audit_log.row_key is 'Key of the row: its id';
comment on column public.ticket_audit_log.operation is 'insert, update or delete';
comment on column public.ticket_audit_log.before is
'Row as it was; of an update only the columns that changed; null for an insert';
comment on column public.ticket_audit_log.after is
'Row as it became; of an update only the columns that changed; null for a delete';

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/check_report_period.sql
-- Refuses a period that ends before it begins. Called by the reports; a null is an open end.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.check_report_period(p_start_date date, p_end_date date)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_end_date < p_start_date then
        perform ticketdb.raise_error(
            'invalid_argument', format('the end %s is before the start %s', p_end_date, p_start_date),
            'Pass the earlier date first.',
            jsonb_build_object('start_date', p_start_date, 'end_date', p_end_date)
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_report_period(date, date) from public;
comment on function ticketdb.check_report_period(date, date) is
'Refuse a period that ends before it begins; a null is an open end';
-- <<< sql/functions/check_report_period.sql

-- >>> sql/functions/log_change.sql
-- Writes a changed row into ticket_audit_log, with who changed it: the role and the token of the caller, though it runs with its
-- owner's rights. Of an update it keeps the columns that changed, and nothing where none did. Called by triggers: to watch one more
-- table, add a trigger there; its arguments are columns to leave out, such as contact data. The row's key is its column id.
-- locks: ticket_audit_log (new row)
-- raises: nothing
create or replace function ticketdb.log_change()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_left_out constant text[] := array['updated_at'] || tg_argv;
    v_old constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - v_left_out end;
    v_new constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - v_left_out end;
    v_before jsonb := v_old;
    v_after jsonb := v_new;
begin
    if tg_op = 'UPDATE' then
        select jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, v_new -> o.key) into v_before, v_after
        from jsonb_each(v_old) as o
        where o.value is distinct from v_new -> o.key;
        if v_before is null then
            return null;
        end if;
    end if;
    insert into public.ticket_audit_log (role_name, user_id, claims, table_name, row_key, operation, before, after)
    values (
        -- "set role" counts, as PostgREST does it; the owner, in whose name this runs, does not
        coalesce(nullif(current_setting('role'), 'none'), session_user), ticketdb.caller_user_id(),
        (
            -- what says who it was; a token may carry more of his than a log needs
            select jsonb_object_agg(c.key, c.value)
            from jsonb_each(ticketdb.caller_claims()) as c
            where c.key in ('sub', 'role', 'email', 'user_id', 'session_id', 'app_metadata')
        ),
        tg_table_name, coalesce(v_new, v_old) ->> 'id', lower(tg_op),
        v_before, v_after
    );
    return null;
end
$$;
revoke execute on function ticketdb.log_change() from public;
comment on function ticketdb.log_change() is
'Trigger: write a changed row into the audit log

Arguments: columns to leave out.';
-- <<< sql/functions/log_change.sql

-- >>> sql/functions/note_refund.sql
-- Keeps the history of what a payment has to give back, given back already or not (refund_movements), in the transaction
-- that changes it. Called by trigger on
-- ticket_payments, whose condition keeps it out of the way of a sale.
-- locks: ticketdb.refund_movements (new row)
-- raises: nothing
create or replace function ticketdb.note_refund()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into ticketdb.refund_movements (payment_id, amount)
    values (
        new.id, new.refund_due + new.refunded - case when tg_op = 'UPDATE' then old.refund_due + old.refunded else 0 end
    );
    return null;
end
$$;
revoke execute on function ticketdb.note_refund() from public;
comment on function ticketdb.note_refund() is 'Trigger: note by how much the refund of a payment changed, and when';
-- <<< sql/functions/note_refund.sql

-- >>> sql/functions/refuse_rewrite.sql
-- What is on record stays as it was written, whoever asks. Called by trigger before any update, delete or truncate of
-- ticket_audit_log.
-- locks: none
-- raises: not_allowed
create or replace function ticketdb.refuse_rewrite()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'not_allowed', format('%s only grows: no %s', tg_table_name, lower(tg_op)),
        'To drop rows that are too old to keep, its owner disables trigger refuse_rewrite in the transaction that does it.',
        jsonb_build_object('table', tg_table_name)
    );
    return null;
end
$$;
revoke execute on function ticketdb.refuse_rewrite() from public;
comment on function ticketdb.refuse_rewrite() is 'Trigger: refuse to change or delete what is on record';
-- <<< sql/functions/refuse_rewrite.sql

-- >>> sql/functions/report_attendance.sql
-- Who came to what took place, by the day of the occurrence.
-- locks: none
-- raises: not_allowed, invalid_argument
create or replace function public.report_attendance(p_start_date date default null, p_end_date date default null)
returns table (
    schedule_id int,
    schedule_date date,
    start_time time,
    event_code text,
    title text,
    event_type text,
    max_tickets int,
    tickets_sold int,
    admitted int,
    no_shows int,
    attendance_rate numeric
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant date := coalesce(p_start_date, '-infinity');
    v_last constant date := coalesce(p_end_date, 'infinity');
begin
    perform ticketdb.require_staff();
    perform ticketdb.check_report_period(p_start_date, p_end_date);
    return query
    select
        s.schedule_id, s.schedule_date, s.start_time, s.event_code::text, s.title::text, s.event_type::text,
        s.max_tickets, s.tickets_sold, t.admitted,
        -- until it is over they may still come
        case when s.ends_at <= statement_timestamp() then t.tickets - t.admitted end,
        round(t.admitted::numeric / nullif(t.tickets, 0), 4)
    from ticketdb.held_schedules as s
    cross join lateral (
        select coalesce(sum(st.tickets), 0)::int as tickets, coalesce(sum(st.admitted), 0)::int as admitted
        from ticketdb.sold_tickets as st
        where st.schedule_id = s.schedule_id
    ) as t
    where s.schedule_date between v_first and v_last
    order by s.schedule_date, s.start_time, s.schedule_id;
end
$$;
revoke execute on function public.report_attendance(date, date) from public;
comment on function public.report_attendance(date, date) is
'Report attendance

Who came, one row for each occurrence that has begun, by its own date; called off and blocked ones are left out.
admitted counts tickets whose holder was let in, no_shows those whose holder was not (null until it is over),
attendance_rate is the admitted part of the valid tickets, from 0 to 1.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
-- <<< sql/functions/report_attendance.sql

-- >>> sql/functions/report_no_shows.sql
-- Who did not come, by the day of the occurrence.
-- locks: none
-- raises: not_allowed, invalid_argument
create or replace function public.report_no_shows(p_start_date date default null, p_end_date date default null)
returns table (
    schedule_id int,
    schedule_date date,
    start_time time,
    event_code text,
    title text,
    reservation_id bigint,
    reservation_code text,
    user_id int,
    tickets int,
    no_shows int
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant date := coalesce(p_start_date, '-infinity');
    v_last constant date := coalesce(p_end_date, 'infinity');
begin
    perform ticketdb.require_staff();
    perform ticketdb.check_report_period(p_start_date, p_end_date);
    return query
    select
        s.schedule_id, s.schedule_date, s.start_time, s.event_code::text, s.title::text, st.reservation_id, st.reservation_code,
        st.user_id, st.tickets, st.tickets - st.admitted
    from ticketdb.held_schedules as s
    cross join lateral (
        select t.reservation_id, t.reservation_code, t.user_id, t.tickets, t.admitted
        from ticketdb.sold_tickets as t
        where t.schedule_id = s.schedule_id
        -- keeps it together: the sales of each occurrence are found by key, those of all others are not read
        offset 0
    ) as st
    where s.schedule_date between v_first and v_last
      and s.ends_at <= statement_timestamp()
      and st.admitted < st.tickets
    order by s.schedule_date, s.start_time, s.schedule_id, st.reservation_id;
end
$$;
revoke execute on function public.report_no_shows(date, date) from public;
comment on function public.report_no_shows(date, date) is
'Report no-shows

Who did not come, one row for each sale with a valid ticket whose holder was not let in, for occurrences that are over, by their own
date. no_shows counts such tickets.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
-- <<< sql/functions/report_no_shows.sql

-- >>> sql/functions/report_occupancy.sql
-- How full it was on which weekday at which hour, by the local start of what took place.
-- locks: none
-- raises: not_allowed, invalid_argument
create or replace function public.report_occupancy(p_start_date date default null, p_end_date date default null)
returns table (
    weekday int,
    hour int,
    schedules int,
    max_tickets bigint,
    tickets_sold bigint,
    occupancy numeric
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant date := coalesce(p_start_date, '-infinity');
    v_last constant date := coalesce(p_end_date, 'infinity');
begin
    perform ticketdb.require_staff();
    perform ticketdb.check_report_period(p_start_date, p_end_date);
    return query
    select
        extract(isodow from s.schedule_date)::int, extract(hour from s.start_time)::int, count(*)::int,
        sum(s.max_tickets), sum(s.tickets_sold), round(sum(s.tickets_sold)::numeric / nullif(sum(s.max_tickets), 0), 4)
    from ticketdb.held_schedules as s
    where s.schedule_date between v_first and v_last
    group by 1, 2
    order by 1, 2;
end
$$;
revoke execute on function public.report_occupancy(date, date) from public;
comment on function public.report_occupancy(date, date) is
'Report occupancy

How full it was, one row for each weekday (1 = Monday to 7 = Sunday) and hour of the start, both local, over the occurrences that have
begun, by their own date; called off and blocked ones are left out. occupancy is the sold part of the capacity, from 0 to 1.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
-- <<< sql/functions/report_occupancy.sql

-- >>> sql/functions/report_revenue.sql
-- What was taken with each type of event: sums of report_sales.
-- locks: none
-- raises: as report_sales
create or replace function public.report_revenue(p_start_date date default null, p_end_date date default null)
returns table (
    event_type text,
    payments int,
    tickets_sold int,
    tickets_returned int,
    gross numeric,
    refunds numeric,
    net numeric
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        r.event_type, sum(r.payments)::int, sum(r.tickets_sold)::int, sum(r.tickets_returned)::int, sum(r.gross),
        sum(r.refunds), sum(r.net)
    from public.report_sales(p_start_date, p_end_date) as r
    group by r.event_type
    order by r.event_type;
end
$$;
revoke execute on function public.report_revenue(date, date) from public;
comment on function public.report_revenue(date, date) is
'Report revenue

What was taken with each type of event, by the day of the payment or refund as in report_sales. gross is money that
arrived, refunds what became due back, net the difference.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
-- <<< sql/functions/report_revenue.sql

-- >>> sql/functions/report_sales.sql
-- What was sold on each day, by event: sums of sales_ledger by the day of the movement, which for a payment is the day it arrived.
-- locks: none
-- raises: not_allowed, invalid_argument
create or replace function public.report_sales(p_start_date date default null, p_end_date date default null)
returns table (
    sale_date date,
    event_definition_id int,
    event_code text,
    title text,
    event_type text,
    payments int,
    tickets_sold int,
    tickets_returned int,
    gross numeric,
    refunds numeric,
    net numeric
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant date := coalesce(p_start_date, '-infinity');
    v_last constant date := coalesce(p_end_date, 'infinity');
begin
    perform ticketdb.require_staff();
    perform ticketdb.check_report_period(p_start_date, p_end_date);
    return query
    select
        l.local_date, d.id, d.event_code::text, d.title::text, d.event_type::text,
        l.payments, l.tickets_sold, l.tickets_returned, l.gross, l.refunds, l.gross - l.refunds
    from (
        select
            m.local_date, m.event_definition_id,
            count(*) filter (where m.kind = 'payment')::int as payments,
            coalesce(sum(m.tickets) filter (where m.kind = 'sale'), 0)::int as tickets_sold,
            coalesce(-sum(m.tickets) filter (where m.kind = 'return'), 0)::int as tickets_returned,
            coalesce(sum(m.amount) filter (where m.kind = 'payment'), 0.00) as gross,
            coalesce(-sum(m.amount) filter (where m.kind = 'refund'), 0.00) as refunds
        from ticketdb.sales_ledger as m
        where m.local_date between v_first and v_last
          -- no clock is more than a day from the universal one
          and m.moved_at >= (v_first::timestamp - interval '1 day') at time zone 'UTC'
          and m.moved_at < (v_last::timestamp + interval '2 days') at time zone 'UTC'
        group by m.local_date, m.event_definition_id
    ) as l
    inner join public.event_definitions as d on d.id = l.event_definition_id
    order by l.local_date, d.event_code;
end
$$;
revoke execute on function public.report_sales(date, date) from public;
comment on function public.report_sales(date, date) is
'Report sales

What was sold on each day, one row for each day and event on which money or tickets moved. A day is one of the event''s time
zone; a payment counts on the day on which it arrived, a refund on the day on which it became due, whenever the event takes place.
gross is money that arrived, refunds what became due back, net the difference.

p_start_date and p_end_date: both included; null means no limit. Errors: not_allowed, invalid_argument.';
-- <<< sql/functions/report_sales.sql

-- >>> sql/views/due_refunds.sql
-- The payments of which something is due back, found by what is due alone. It reads with its owner's rights, and shows staff
-- everything and others nothing. Read by v_refunds_due.
create or replace view ticketdb.due_refunds
with (security_barrier = true)
as
select
    p.id as payment_id,
    p.payment_reference,
    p.received_at,
    p.amount,
    p.refund_due,
    f.due_since,
    (f.due_since at time zone d.timezone)::date as due_date,
    r.id as reservation_id,
    r.reservation_code,
    r.status as reservation_status,
    coalesce(r.user_id, e.user_id) as user_id,
    s.id as schedule_id,
    s.schedule_date,
    d.id as event_definition_id,
    d.event_code,
    d.title,
    d.event_type,
    p.pass_id
from public.ticket_payments as p
left join public.ticket_reservations as r on r.id = p.reservation_id
left join public.event_schedules as s on s.id = r.schedule_id
left join public.event_passes as e on e.id = p.pass_id
inner join public.event_definitions as d on d.id = coalesce(s.event_definition_id, e.event_definition_id)
cross join lateral (
    select max(m.noted_at) as due_since
    from ticketdb.refund_movements as m
    where m.payment_id = p.id and m.amount > 0
) as f
where p.refund_due > 0 and (select ticketdb.is_staff());
revoke all on ticketdb.due_refunds from public;
comment on view ticketdb.due_refunds is 'Payments of which something is due back, for staff';
comment on column ticketdb.due_refunds.payment_id is 'Payment';
comment on column ticketdb.due_refunds.payment_reference is 'Payment provider''s reference';
comment on column ticketdb.due_refunds.received_at is 'When it was put on record';
comment on column ticketdb.due_refunds.amount is 'Amount received in the venue''s currency';
comment on column ticketdb.due_refunds.refund_due is 'Part of it that the buyer has to get back';
comment on column ticketdb.due_refunds.due_since is 'When it became due, the last part of it';
comment on column ticketdb.due_refunds.due_date is 'Date of that moment in the event''s time zone';
comment on column ticketdb.due_refunds.reservation_id is 'Reservation it was made for; null for a pass';
comment on column ticketdb.due_refunds.reservation_code is 'Its code for people';
comment on column ticketdb.due_refunds.reservation_status is 'confirmed (paid twice), cancelled, or refund_due (no seat was left)';
comment on column ticketdb.due_refunds.user_id is 'Buyer, where known';
comment on column ticketdb.due_refunds.schedule_id is 'Occurrence';
comment on column ticketdb.due_refunds.schedule_date is 'Local date of the occurrence';
comment on column ticketdb.due_refunds.event_definition_id is 'Event';
comment on column ticketdb.due_refunds.event_code is 'Code of the event';
comment on column ticketdb.due_refunds.title is 'Title of the event';
comment on column ticketdb.due_refunds.event_type is 'Type of the event';
comment on column ticketdb.due_refunds.pass_id is 'Pass it was made for as a whole; null for a reservation';
-- <<< sql/views/due_refunds.sql

-- >>> sql/views/held_schedules.sql
-- The occurrences that reports on attendance speak of: those that have begun, were not called off and not blocked. It reads with
-- its owner's rights, and shows staff everything and others nothing.
create or replace view ticketdb.held_schedules
with (security_barrier = true)
as
select
    s.id as schedule_id,
    s.schedule_date,
    s.start_time,
    s.ends_at,
    s.max_tickets,
    s.tickets_sold,
    d.id as event_definition_id,
    d.event_code,
    d.title,
    d.event_type
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
where s.status <> 'cancelled' and not s.is_blocked and s.starts_at <= statement_timestamp()
  and (select ticketdb.is_staff());
revoke all on ticketdb.held_schedules from public;
comment on view ticketdb.held_schedules is 'Occurrences that took place or are taking place, for staff';
comment on column ticketdb.held_schedules.schedule_id is 'Occurrence';
comment on column ticketdb.held_schedules.schedule_date is 'Local date';
comment on column ticketdb.held_schedules.start_time is 'Local start';
comment on column ticketdb.held_schedules.ends_at is 'Instant of the end';
comment on column ticketdb.held_schedules.max_tickets is 'Capacity in tickets';
comment on column ticketdb.held_schedules.tickets_sold is 'Confirmed tickets';
comment on column ticketdb.held_schedules.event_definition_id is 'Event';
comment on column ticketdb.held_schedules.event_code is 'Code of the event';
comment on column ticketdb.held_schedules.title is 'Title of the event';
comment on column ticketdb.held_schedules.event_type is 'Type of the event';
-- <<< sql/views/held_schedules.sql

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
    -- the books
    ('table', 'public.ticket_audit_log', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_ticket_sales_by_event', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_revenue_by_event_type', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_refunds_due', 'select', '{authenticated,service_role}'),
    ('function', 'public.report_sales(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_revenue(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_attendance(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_occupancy(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_no_shows(date, date)', 'execute', '{authenticated,service_role}'),
    -- the inside, as far as views, policies, defaults and the faces above read it in the caller's name
    ('schema', 'ticketdb.', 'usage', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_sales', 'select', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_people', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sales_ledger', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.held_schedules', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sold_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.due_refunds', 'select', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.check_report_period(date, date)', 'execute', '{authenticated,service_role}'),
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

-- >>> sql/views/sales_ledger.sql
-- The one reading of what was sold: each movement of money and of tickets, with the moment and the local date, on the event's own
-- clock, on which it happened. Money follows the payments and their refunds, tickets the reservations: a payment for which no
-- seat was left moves money alone, a visit that a pass paid for tickets alone. All reports of sales and revenue are sums of it, so they
-- agree. It reads with its owner's rights, and shows staff everything and others nothing.
create or replace view ticketdb.sales_ledger
with (security_barrier = true)
as
select
    m.kind,
    m.moved_at,
    (m.moved_at at time zone d.timezone)::date as local_date,
    m.amount,
    m.tickets,
    m.reservation_id,
    s.id as schedule_id,
    d.id as event_definition_id
from (
    select
        'payment' as kind, p.received_at as moved_at, p.amount, 0 as tickets, r.id as reservation_id, r.schedule_id,
        -- a pass is of an event, and of no one occurrence
        e.event_definition_id as pass_definition_id
    from public.ticket_payments as p
    left join public.ticket_reservations as r on r.id = p.reservation_id
    left join public.event_passes as e on e.id = p.pass_id
    union all
    select 'refund', f.noted_at, -f.amount, 0, r.id, r.schedule_id, e.event_definition_id
    from ticketdb.refund_movements as f
    inner join public.ticket_payments as p on p.id = f.payment_id
    left join public.ticket_reservations as r on r.id = p.reservation_id
    left join public.event_passes as e on e.id = p.pass_id
    union all
    -- what was seated once; refund_due may have been, for an instant
    select 'sale', coalesce(r.confirmed_at, r.created_at), 0.00, r.quantity, r.id, r.schedule_id, null
    from public.ticket_reservations as r
    where r.status = 'confirmed' or r.status in ('cancelled', 'refund_due') and r.confirmed_at is not null
    union all
    select 'return', coalesce(r.closed_at, r.confirmed_at), 0.00, -r.quantity, r.id, r.schedule_id, null
    from public.ticket_reservations as r
    where r.status in ('cancelled', 'refund_due') and r.confirmed_at is not null
) as m
left join public.event_schedules as s on s.id = m.schedule_id
inner join public.event_definitions as d on d.id = coalesce(s.event_definition_id, m.pass_definition_id)
where (select ticketdb.is_staff());
revoke all on ticketdb.sales_ledger from public;
comment on view ticketdb.sales_ledger is 'Each movement of money and of tickets, for staff';
comment on column ticketdb.sales_ledger.kind is
'payment (arrived), refund (became due back), sale (tickets were paid for) or return (of tickets)';
comment on column ticketdb.sales_ledger.moved_at is 'When it happened';
comment on column ticketdb.sales_ledger.local_date is 'Date of that moment in the event''s time zone';
comment on column ticketdb.sales_ledger.amount is 'Money in the venue''s currency; negative for a refund';
comment on column ticketdb.sales_ledger.tickets is 'Tickets; negative for a return';
comment on column ticketdb.sales_ledger.reservation_id is 'Reservation';
comment on column ticketdb.sales_ledger.schedule_id is 'Occurrence';
comment on column ticketdb.sales_ledger.event_definition_id is 'Event';
-- <<< sql/views/sales_ledger.sql

-- >>> sql/views/sold_tickets.sql
-- The valid tickets of each sale, and how many of them let somebody in. It reads with its owner's rights, and shows staff everything
-- and others nothing.
create or replace view ticketdb.sold_tickets
with (security_barrier = true)
as
select
    r.schedule_id,
    r.id as reservation_id,
    r.reservation_code,
    r.user_id,
    t.tickets,
    t.admitted
from public.ticket_reservations as r
cross join lateral (
    select
        count(*) filter (where et.status = 'valid')::int as tickets,
        count(*) filter (where et.status = 'valid' and et.first_scanned_at is not null)::int as admitted
    from public.event_tickets as et
    where et.reservation_id = r.id
) as t
where r.status = 'confirmed' and (select ticketdb.is_staff());
revoke all on ticketdb.sold_tickets from public;
comment on view ticketdb.sold_tickets is 'Valid and used tickets of each sale, for staff';
comment on column ticketdb.sold_tickets.schedule_id is 'Occurrence';
comment on column ticketdb.sold_tickets.reservation_id is 'Reservation';
comment on column ticketdb.sold_tickets.reservation_code is 'Its code for people';
comment on column ticketdb.sold_tickets.user_id is 'Buyer, where known';
comment on column ticketdb.sold_tickets.tickets is 'Valid tickets';
comment on column ticketdb.sold_tickets.admitted is 'Those whose holder was let in';
-- <<< sql/views/sold_tickets.sql

-- >>> sql/views/v_refunds_due.sql
-- The face of ticketdb.due_refunds.
create or replace view public.v_refunds_due
with (security_invoker = true)
as
select
    f.payment_id,
    f.payment_reference,
    f.received_at,
    f.amount,
    f.refund_due,
    f.due_since,
    f.due_date,
    f.reservation_id,
    f.reservation_code,
    f.reservation_status,
    f.user_id,
    f.schedule_id,
    f.schedule_date,
    f.event_definition_id,
    f.event_code,
    f.title,
    f.event_type,
    f.pass_id
from ticketdb.due_refunds as f;
revoke all on public.v_refunds_due from public;
comment on view public.v_refunds_due is
'Refunds due

One row for each payment of which something is due back to the buyer. Staff see them.';
comment on column public.v_refunds_due.payment_id is 'Payment';
comment on column public.v_refunds_due.payment_reference is 'Payment provider''s reference';
comment on column public.v_refunds_due.received_at is 'When it was put on record';
comment on column public.v_refunds_due.amount is 'Amount received in the venue''s currency';
comment on column public.v_refunds_due.refund_due is 'Part of it that the buyer has to get back';
comment on column public.v_refunds_due.due_since is 'When it became due, the last part of it';
comment on column public.v_refunds_due.due_date is 'Date of that moment in the event''s time zone';
comment on column public.v_refunds_due.reservation_id is 'Reservation it was made for; null for a pass';
comment on column public.v_refunds_due.reservation_code is 'Its code for people';
comment on column public.v_refunds_due.reservation_status is 'confirmed (paid twice), cancelled, or refund_due (no seat was left)';
comment on column public.v_refunds_due.user_id is 'Buyer, where known';
comment on column public.v_refunds_due.schedule_id is 'Occurrence';
comment on column public.v_refunds_due.schedule_date is 'Local date of the occurrence';
comment on column public.v_refunds_due.event_definition_id is 'Event';
comment on column public.v_refunds_due.event_code is 'Code of the event';
comment on column public.v_refunds_due.title is 'Title of the event';
comment on column public.v_refunds_due.event_type is 'Type of the event';
comment on column public.v_refunds_due.pass_id is 'Pass it was made for as a whole; null for a reservation';
-- <<< sql/views/v_refunds_due.sql

-- >>> sql/views/v_revenue_by_event_type.sql
-- Sums of sales_ledger by event type and month.
create or replace view public.v_revenue_by_event_type
with (security_invoker = true)
as
select
    d.event_type,
    l.revenue_month,
    sum(l.payments)::int as payments,
    sum(l.tickets_sold)::int as tickets_sold,
    sum(l.tickets_returned)::int as tickets_returned,
    sum(l.gross) as gross,
    sum(l.refunds) as refunds,
    sum(l.gross - l.refunds) as net
from (
    select
        m.event_definition_id,
        date_trunc('month', m.local_date::timestamp)::date as revenue_month,
        count(*) filter (where m.kind = 'payment')::int as payments,
        coalesce(sum(m.tickets) filter (where m.kind = 'sale'), 0)::int as tickets_sold,
        coalesce(-sum(m.tickets) filter (where m.kind = 'return'), 0)::int as tickets_returned,
        coalesce(sum(m.amount) filter (where m.kind = 'payment'), 0.00) as gross,
        coalesce(-sum(m.amount) filter (where m.kind = 'refund'), 0.00) as refunds
    from ticketdb.sales_ledger as m
    group by m.event_definition_id, revenue_month
) as l
inner join public.event_definitions as d on d.id = l.event_definition_id
group by d.event_type, l.revenue_month;
revoke all on public.v_revenue_by_event_type from public;
comment on view public.v_revenue_by_event_type is
'Revenue by event type

One row for each event type and month in which money or tickets moved, by the date of the payment or refund in the event''s
time zone. For another period there is report_revenue. Staff see it.';
comment on column public.v_revenue_by_event_type.event_type is 'Type of the events';
comment on column public.v_revenue_by_event_type.revenue_month is 'First day of the month';
comment on column public.v_revenue_by_event_type.payments is 'Number of payments that arrived';
comment on column public.v_revenue_by_event_type.tickets_sold is 'Tickets that were paid for';
comment on column public.v_revenue_by_event_type.tickets_returned is 'Tickets of sales that were cancelled';
comment on column public.v_revenue_by_event_type.gross is 'Money that arrived, in the venue''s currency';
comment on column public.v_revenue_by_event_type.refunds is 'Money that became due back';
comment on column public.v_revenue_by_event_type.net is 'gross less refunds';
-- <<< sql/views/v_revenue_by_event_type.sql

-- >>> sql/views/v_ticket_sales_by_event.sql
-- Sums of sales_ledger by event. A condition on the event reaches the rows by key.
create or replace view public.v_ticket_sales_by_event
with (security_invoker = true)
as
select
    d.id as event_definition_id,
    d.event_code,
    d.title,
    d.event_category,
    d.event_type,
    l.payments,
    l.tickets_sold,
    l.tickets_returned,
    l.gross,
    l.refunds,
    l.gross - l.refunds as net
from (
    select
        m.event_definition_id,
        count(*) filter (where m.kind = 'payment')::int as payments,
        coalesce(sum(m.tickets) filter (where m.kind = 'sale'), 0)::int as tickets_sold,
        coalesce(-sum(m.tickets) filter (where m.kind = 'return'), 0)::int as tickets_returned,
        coalesce(sum(m.amount) filter (where m.kind = 'payment'), 0.00) as gross,
        coalesce(-sum(m.amount) filter (where m.kind = 'refund'), 0.00) as refunds
    from ticketdb.sales_ledger as m
    group by m.event_definition_id
) as l
inner join public.event_definitions as d on d.id = l.event_definition_id;
revoke all on public.v_ticket_sales_by_event from public;
comment on view public.v_ticket_sales_by_event is
'Ticket sales by event

One row for each event of which something was ever sold, with all its payments and refunds. For a period there is report_sales.
Staff see it.';
comment on column public.v_ticket_sales_by_event.event_definition_id is 'Event';
comment on column public.v_ticket_sales_by_event.event_code is 'Code of the event';
comment on column public.v_ticket_sales_by_event.title is 'Title of the event';
comment on column public.v_ticket_sales_by_event.event_category is 'Category of the event';
comment on column public.v_ticket_sales_by_event.event_type is 'Type of the event';
comment on column public.v_ticket_sales_by_event.payments is 'Number of payments that arrived';
comment on column public.v_ticket_sales_by_event.tickets_sold is 'Tickets that were paid for';
comment on column public.v_ticket_sales_by_event.tickets_returned is 'Tickets of sales that were cancelled';
comment on column public.v_ticket_sales_by_event.gross is 'Money that arrived, in the venue''s currency';
comment on column public.v_ticket_sales_by_event.refunds is 'Money that became due back';
comment on column public.v_ticket_sales_by_event.net is 'gross less refunds';
-- <<< sql/views/v_ticket_sales_by_event.sql

-- >>> sql/triggers/event_definitions.sql
-- Triggers of event_definitions: refuse what makes no sense, keep updated_at, carry a new time zone to coming occurrences, and a new
-- space, set-up or tear-down to their occupations; log changes.
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
create or replace trigger follow_definition_space
after update of space_id, setup_minutes, teardown_minutes on public.event_definitions
for each row when (
    (new.space_id, new.setup_minutes, new.teardown_minutes) is distinct from (old.space_id, old.setup_minutes, old.teardown_minutes)
)
execute function ticketdb.follow_definition_space();
create or replace trigger log_change
after insert or update or delete on public.event_definitions
for each row execute function ticketdb.log_change();
-- <<< sql/triggers/event_definitions.sql

-- >>> sql/triggers/event_passes.sql
-- Trigger of event_passes: log what becomes of one that was paid; a visit is told by its place.
create or replace trigger log_change
after update on public.event_passes
for each row when (old.status <> 'held' and new.visits_used = old.visits_used)
execute function ticketdb.log_change('contact', 'request');
-- <<< sql/triggers/event_passes.sql

-- >>> sql/triggers/event_schedules.sql
-- Triggers of event_schedules: derive the instants, guard the counter, deal a new capacity or that of an occurrence that is put on
-- again, tell the holders of one that was moved, keep updated_at, occupy the space, log changes. Their conditions keep functions out of the way
-- of a sale, which writes tickets_sold.
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
create or replace trigger follow_made_schedules
after insert on public.event_schedules
referencing new table as made
for each statement execute function ticketdb.follow_made_schedules();
create or replace trigger follow_schedule_space
after update of
event_definition_id, booking_id, schedule_date, start_time, end_time, starts_at, ends_at, status, space_id
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

-- >>> sql/triggers/pass_types.sql
-- Trigger of pass_types: log changes.
create or replace trigger log_change
after insert or update or delete on public.pass_types
for each row execute function ticketdb.log_change();
-- <<< sql/triggers/pass_types.sql

-- >>> sql/triggers/schedule_exceptions.sql
-- Trigger of schedule_exceptions: log changes.
create or replace trigger log_change
after insert or update or delete on public.schedule_exceptions
for each row execute function ticketdb.log_change();
-- <<< sql/triggers/schedule_exceptions.sql

-- >>> sql/triggers/ticket_audit_log.sql
-- Trigger of ticket_audit_log: it only grows.
create or replace trigger refuse_rewrite
before update or delete or truncate on public.ticket_audit_log
for each statement execute function ticketdb.refuse_rewrite();
-- <<< sql/triggers/ticket_audit_log.sql

-- >>> sql/triggers/ticket_payments.sql
-- Triggers of ticket_payments: none of its rows goes unseen; refunds are noted, and changes logged.
create or replace trigger refuse_truncate
before truncate on public.ticket_payments
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger note_new_refund
after insert on public.ticket_payments
for each row when (new.refund_due + new.refunded <> 0)
execute function ticketdb.note_refund();
create or replace trigger note_refund
after update on public.ticket_payments
for each row when (new.refund_due + new.refunded <> old.refund_due + old.refunded)
execute function ticketdb.note_refund();
-- a new row is a payment that arrived, and tells by itself
create or replace trigger log_change
after update or delete on public.ticket_payments
for each row execute function ticketdb.log_change();
-- <<< sql/triggers/ticket_payments.sql

-- >>> sql/triggers/ticket_reservations.sql
-- Triggers of ticket_reservations: the counters follow every statement; none passes them by; changes of sales are logged.
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
-- only what becomes of a sale: holds and payments are many, and their rows tell by themselves
create or replace trigger log_change
after update on public.ticket_reservations
for each row when (old.status = 'confirmed')
execute function ticketdb.log_change('contact', 'request', 'bucket');
-- <<< sql/triggers/ticket_reservations.sql

-- >>> sql/triggers/ticket_types.sql
-- Triggers of ticket_types: a new limit reaches the buckets; a type with reservations stays; changes are logged.
create or replace trigger resize_ticket_type
before update of max_quantity on public.ticket_types
for each row when (new.max_quantity is distinct from old.max_quantity)
execute function ticketdb.resize_ticket_type();
create or replace trigger refuse_reserved
before delete on public.ticket_types
for each row execute function ticketdb.refuse_reserved();
create or replace trigger log_change
after insert or update or delete on public.ticket_types
for each row execute function ticketdb.log_change();
-- <<< sql/triggers/ticket_types.sql
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
