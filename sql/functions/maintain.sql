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
