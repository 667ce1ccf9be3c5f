-- Takes out 0029_door_and_calendars. No cascade: what somebody built on it must make this fail.

-- >>> generated: `make freeze` writes what stands between these lines
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
    ('table', 'public.event_waitlist', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_waitlist', 'select', '{authenticated,service_role}'),
    ('function', 'public.join_waitlist(int, int, int, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.leave_waitlist(bigint)', 'execute', '{authenticated,service_role}'),
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
    ('table', 'public.ticket_notifications', 'select, update', '{authenticated,service_role}'),
    ('function', 'public.claim_notifications(int, interval)', 'execute', '{service_role}'),
    ('function', 'public.complete_notification(bigint, uuid, text)', 'execute', '{service_role}'),
    ('function', 'public.retry_notification(bigint)', 'execute', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.seats_past_waitlist(int, int, int)', 'execute', '{anon,authenticated,service_role}'),
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
    ('function', 'ticketdb.join_for_caller(int, int, int, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.leave_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.waitlist_position(bigint)', 'execute', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.enter_waitlist(int, int, int, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.quit_waitlist(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.waitlist_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'ticketdb.lease_notifications(int, interval)', 'execute', '{service_role}'),
    ('function', 'ticketdb.read_notifications(bigint[])', 'execute', '{service_role}'),
    ('function', 'ticketdb.settle_notification(bigint, uuid, text)', 'execute', '{service_role}'),
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

drop trigger note_calendar_change on public.event_schedules;
drop trigger note_calendar_change on public.event_definitions;
drop view public.v_tickets;
drop view public.v_attendance;
drop view ticketdb.ticket_cards;
drop view ticketdb.calendar_entries;
drop function ticketdb.zone_offset;
drop function ticketdb.zone_changes;
drop function public.schedules_ics;
drop function ticketdb.scan_tickets;
drop function ticketdb.repeated_scan;
drop function ticketdb.read_scans;
drop function ticketdb.note_calendar_change;
drop function ticketdb.lock_scanned;
drop function ticketdb.ics_zone;
drop function ticketdb.ics_text;
drop function ticketdb.ics_offset;
drop function ticketdb.ics_fold;
drop function ticketdb.ics_event;
drop function public.check_in_batch;
drop domain ticketdb."*/*";
-- <<< generated

alter table public.ticket_check_ins drop constraint check_in_result_known;
-- scans on the way out stay on record
alter table public.ticket_check_ins add constraint check_in_result_known check (
    result in ('admitted', 'already_used', 'void', 'wrong_schedule')
) not valid;
comment on column public.ticket_check_ins.result is 'admitted, already_used, void or wrong_schedule';

alter table public.event_definitions drop constraint entries_counted_by_policy;
alter table public.event_definitions drop constraint admission_policy_known;
alter table public.event_definitions drop column max_entries;
alter table public.event_definitions drop column admission_policy;
alter table public.event_definitions drop column calendar_changed_at;
alter table public.event_definitions drop column calendar_revision;
alter table public.event_schedules drop column calendar_changed_at;
alter table public.event_schedules drop column calendar_revision;
