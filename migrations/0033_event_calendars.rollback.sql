-- Takes out 0033_event_calendars. No cascade: what somebody built on it must make this fail.

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/recurrence_starts.sql
-- The local starts that an event's recurrence names between two dates, both included: daily and weekly are the rules that they stand
-- for. The one place that knows what a recurrence_type means. Called by definition_occurrences.
-- locks: none
-- raises: nothing
create or replace function ticketdb.recurrence_starts(p_event_definition_id int, p_from date, p_to date)
returns setof timestamp
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_weekdays constant text[] := array['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
    v_definition record;
    v_rrule text;
    v_starts_on date;
begin
    select d.recurrence_type, d.recurrence_days, d.rrule, d.recurrence_starts_on, d.default_start_time, d.timezone
    into v_definition
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    case v_definition.recurrence_type
        when 'rrule' then
            v_rrule := v_definition.rrule;
            v_starts_on := v_definition.recurrence_starts_on;
        when 'daily', 'weekly' then
            v_rrule := 'FREQ=DAILY';
            if v_definition.recurrence_days is not null then
                v_rrule := v_rrule || ';BYDAY=' || (
                    select string_agg(v_weekdays[w.day::int], ',')
                    from unnest(string_to_array(v_definition.recurrence_days, ',')) as w (day)
                );
            end if;
            v_starts_on := greatest(v_definition.recurrence_starts_on, p_from);
        else
            return;
    end case;
    return query
    select s.at
    from ticketdb.rrule_starts(
        v_rrule, v_starts_on + v_definition.default_start_time, p_from, p_to + interval '1 day -1 microsecond', v_definition.timezone
    ) as s (at);
end
$$;
revoke execute on function ticketdb.recurrence_starts(int, date, date) from public;
comment on function ticketdb.recurrence_starts(int, date, date) is
'Local starts that an event''s recurrence names in a period, ascending';
-- <<< sql/functions/recurrence_starts.sql

-- >>> sql/views/calendar_entries.sql
-- The occurrences that a calendar shows, as far as the caller may see them: those of active events; staff see the others too. A blocked slot
-- is nobody's event. It reads the names of venues and spaces with its owner's rights, for a public event must say where it is, and
-- nothing else of them. The uid is made of what never changes, moved or restored from a dump; the sequence rises with each change that
-- calendars show, but not with a sale. Read by schedules_ics.
create or replace view ticketdb.calendar_entries
with (security_barrier = true)
as
select
    s.id as schedule_id,
    s.event_definition_id,
    s.schedule_date,
    s.starts_at,
    s.ends_at,
    s.status,
    d.title,
    d.description,
    d.event_category,
    d.timezone,
    coalesce(s.space_id, d.space_id) as space_id,
    -- the application's tables: that they have these columns is likely, and not ours to demand
    to_jsonb(sp) ->> 'name' as space_name,
    nullif(concat_ws(', ', to_jsonb(sp) ->> 'name', to_jsonb(v) ->> 'name', to_jsonb(v) ->> 'address'), '') as location,
    format('%s-%s@ticketdb', s.id, to_hex((extract(epoch from s.created_at) * 1000000)::bigint)) as uid,
    greatest(s.created_at, s.calendar_changed_at, d.calendar_changed_at) as changed_at,
    s.calendar_revision + d.calendar_revision as sequence
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
left join public.spaces as sp on sp.id = coalesce(s.space_id, d.space_id)
left join public.venues as v on v.id = d.venue_id
where not s.is_blocked and (d.is_active or (select ticketdb.is_staff()));
revoke all on ticketdb.calendar_entries from public;
comment on view ticketdb.calendar_entries is 'Occurrences as a calendar shows them, as far as the caller may see them';
comment on column ticketdb.calendar_entries.schedule_id is 'Occurrence';
comment on column ticketdb.calendar_entries.event_definition_id is 'Its event';
comment on column ticketdb.calendar_entries.schedule_date is 'Local date on which it starts';
comment on column ticketdb.calendar_entries.starts_at is 'Instant of the start';
comment on column ticketdb.calendar_entries.ends_at is 'Instant of the end';
comment on column ticketdb.calendar_entries.status is 'scheduled, cancelled or completed';
comment on column ticketdb.calendar_entries.title is 'Title of the event';
comment on column ticketdb.calendar_entries.description is 'Text shown to buyers';
comment on column ticketdb.calendar_entries.event_category is 'Category of the event';
comment on column ticketdb.calendar_entries.timezone is 'IANA name of the zone of the local times';
comment on column ticketdb.calendar_entries.space_id is 'Space it takes place in';
comment on column ticketdb.calendar_entries.space_name is 'Name of the space';
comment on column ticketdb.calendar_entries.location is 'Names of space and venue, and the address';
comment on column ticketdb.calendar_entries.uid is 'The same for ever, and different everywhere else';
comment on column ticketdb.calendar_entries.changed_at is 'When it was made or last changed, or its event did; a sale is no change';
comment on column ticketdb.calendar_entries.sequence is 'Number of such changes';
-- <<< sql/views/calendar_entries.sql

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
    ('function', 'public.schedules_ics(int, int, date, date)', 'execute', '{anon,authenticated,service_role}'),
    -- orders, written by functions alone
    ('table', 'public.ticket_reservations', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_payments', 'select', '{authenticated,service_role}'),
    ('table', 'public.event_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_tickets', 'select', '{authenticated,service_role}'),
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
    ('table', 'public.v_attendance', 'select', '{authenticated,service_role}'),
    ('table', 'public.legacy_link_issues', 'select', '{authenticated,service_role}'),
    ('function', 'public.generate_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.preview_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.schedule_exceptions', 'select, insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.schedule_exceptions_id_seq', 'usage', '{authenticated,service_role}'),
    ('function', 'public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.move_schedule(int, date, time, time, int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_schedule(int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.expand_rrule(text, timestamp, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.describe_rrule(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'public.list_moved_schedules()', 'execute', '{authenticated,service_role}'),
    ('function', 'public.move_unsold_schedules()', 'execute', '{authenticated,service_role}'),
    ('function', 'public.check_in(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'public.check_in_batch(jsonb)', 'execute', '{service_role}'),
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
    ('table', 'ticketdb.calendar_entries', 'select', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.ics_text(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.ics_fold(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.ics_offset(interval)', 'execute', '{anon,authenticated,service_role}'),
    (
        'function',
        'ticketdb.ics_event(text, int, timestamptz, timestamptz, timestamptz, text, boolean, text, text, text, text)',
        'execute', '{anon,authenticated,service_role}'
    ),
    ('function', 'ticketdb.ics_zone(text, timestamptz, timestamptz)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.zone_changes(text, timestamptz, timestamptz)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.zone_offset(timestamptz, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.refuse_definition(int)', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_people', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sales_ledger', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.held_schedules', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sold_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.due_refunds', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.ticket_cards', 'select', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.check_rrule(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.rrule_starts(text, timestamp, timestamp, timestamp, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.spoken_rrule(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.moved_schedules()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.move_unsold()', 'execute', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.scan_tickets(jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.refuse_scan_id(uuid)', 'execute', '{service_role}'),
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

drop function ticketdb.save_event_dates;
drop function ticketdb.save_event_as_admin;
drop function ticketdb.save_event;
drop function ticketdb.recurrence_rule;
drop function ticketdb.read_event;
drop function ticketdb.local_length;
drop function public.import_event;
drop function ticketdb.ics_duration;
drop function ticketdb.event_dates;
drop function public.definition_ics;
drop function ticketdb.definition_calendar_for_caller;
drop function ticketdb.definition_calendar;
drop function ticketdb.calendar_uid;
drop function ticketdb.calendar_rule;
drop function ticketdb.calendar_place;
drop function ticketdb.calendar_moment;
drop function ticketdb.calendar_length;
drop function ticketdb.calendar_exceptions;
drop function ticketdb.calendar_event_code;
-- <<< generated

alter table public.schedule_exceptions drop column is_imported;
alter table public.event_definitions
    drop constraint calendar_uid_length,
    drop constraint calendar_uid_unique,
    drop column calendar_uid;
