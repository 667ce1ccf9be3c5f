-- Takes out 0027_telling_and_rounds. No cascade: what somebody built on it must make this fail.

do $$
begin
    perform public.unschedule_maintenance_jobs();
end
$$;
drop trigger tell_of_refund_inserted on public.ticket_payments;
drop trigger tell_of_refund_updated on public.ticket_payments;
drop trigger tell_of_sale_inserted on public.ticket_reservations;
drop trigger tell_of_sale_updated on public.ticket_reservations;

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/maintain.sql
-- The daily round: whatever is late is done here, nothing waits for it. Seats come late, for their buckets stay locked until the
-- round is over. The inside of run_maintenance.
-- locks: event_schedules (new rows); ticket_reservations (passing over locked ones); as close_waitlists; as reclaim_lapsed_holds and
--        offer_seats by schedule_id; then event_schedules (passing over locked ones); then as renew_passes
-- raises: invalid_argument, lock_not_available
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
    v_closed int;
    v_offered bigint;
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

    v_closed := ticketdb.close_waitlists(v_at_most);
    -- each occurrence once, in order, for its buckets stay locked
    select coalesce(sum(e.expired), 0), coalesce(sum(o.offered), 0) into v_expired, v_offered
    from (
        select r.schedule_id
        from (
            select l.schedule_id
            from public.ticket_reservations as l
            where l.status = 'held' and l.expires_at <= clock_timestamp()
            limit v_at_most
        ) as r
        union
        select w.schedule_id from ticketdb.servable_waitlists(v_at_most) as w
        order by 1
    ) as h
    cross join lateral (select ticketdb.reclaim_lapsed_holds(h.schedule_id) as expired) as e
    -- named, so that it comes second
    cross join lateral (select ticketdb.offer_seats(h.schedule_id) as offered where e.expired is not null) as o;

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
        'holds_expired', v_expired, 'waitlist_closed', v_closed, 'waitlist_offers', v_offered, 'passes_renewed', v_renewed
    );
end
$$;
revoke execute on function ticketdb.maintain(int) from public;
comment on function ticketdb.maintain(int) is 'Do what is late, a bounded number of each kind';
-- <<< sql/functions/maintain.sql

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

drop trigger wake_senders on public.ticket_notifications;
drop view ticketdb.notification_messages;
drop function ticketdb.without_cron;
drop function ticketdb.wake_senders;
drop function public.unschedule_maintenance_jobs;
drop function ticketdb.tell_pass_holder;
drop function ticketdb.tell_of_sale;
drop function ticketdb.tell_of_refund;
drop function ticketdb.settle_notification;
drop function public.schedule_maintenance_jobs;
drop function public.retry_notification;
drop function ticketdb.reminder_at;
drop function ticketdb.read_notifications;
drop function ticketdb.queue_reminders;
drop function ticketdb.purge_notifications;
drop function ticketdb.most_attempts;
drop function ticketdb.maintenance_jobs;
drop function ticketdb.lease_notifications;
drop function ticketdb.generate_horizon;
drop function ticketdb.expire_holds;
drop function ticketdb.delete_old_holds;
drop function ticketdb.delete_cancelled_schedules;
drop function ticketdb.complete_schedules;
drop function public.complete_notification;
drop function public.claim_notifications;
-- <<< generated

drop policy staff_update on public.ticket_notifications;
delete from public.ticket_notifications as n where n.pass_id is not null;
alter table public.ticket_notifications
    drop constraint notification_of_one_sale,
    drop column pass_id,
    alter column reservation_id set not null,
    drop constraint notification_kind_known,
    add constraint notification_kind_known check (
        kind in (
            'ticket_confirmation', 'schedule_reminder', 'schedule_cancelled', 'schedule_moved', 'waitlist_offer', 'refund_due'
        )
    );
comment on table public.ticket_notifications is
'Ticket notifications

The outbox: one row for each message to the holder of a reservation, kept until it is sent or given up.';
comment on column public.ticket_notifications.kind is
'ticket_confirmation, schedule_reminder, schedule_cancelled, schedule_moved, waitlist_offer or refund_due';
comment on column public.ticket_notifications.reservation_id is 'Reservation whose buyer is told';
drop index public.ticket_notifications_completed;
-- what was skipped was not sent
update public.ticket_notifications
set status = 'dead'
where status = 'skipped';
alter table public.ticket_notifications drop constraint notification_status_known;
alter table public.ticket_notifications add constraint notification_status_known
check (status in ('pending', 'sent', 'dead'));
comment on column public.ticket_notifications.status is 'pending, sent, or dead after too many attempts';
comment on column public.ticket_notifications.completed_at is 'When it was sent or given up';
alter table public.event_definitions
    drop column reminder_time,
    drop column reminder_before;
do $$
begin
    -- the list of rights is the former one again; the right to change messages was the latter's
    if to_regrole('authenticated') is not null then
        revoke update on public.ticket_notifications from authenticated;
    end if;
    if to_regrole('service_role') is not null then
        revoke update on public.ticket_notifications from service_role;
    end if;
end
$$;
