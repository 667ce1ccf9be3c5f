-- One occurrence is called off: nothing more of it is sold, holds are released, sales cancelled, what was paid is due back, and every
-- holder is told. Once done it is not done again; a sale that somebody made after putting the occurrence on again is settled by the next
-- call. The inside of cancel_schedule.
-- locks: an advisory lock for the occurrence, so that two calls are one after the other; then as close_schedule and undo_sales
-- raises: invalid_argument (isolation), schedule_not_found
create or replace function ticketdb.call_off_schedule(
    p_schedule_id int,
    p_reason text,
    out schedule_id int,
    out holds_released int,
    out refunds_due int,
    out refund_amount numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_at timestamptz;
    v_ids bigint[];
begin
    perform ticketdb.require_read_committed();
    perform pg_advisory_xact_lock('ticketdb.seat_buckets'::regclass::oid::int, p_schedule_id);
    select s.cancelled_at into v_at
    from public.event_schedules as s
    where s.id = p_schedule_id and s.status = 'cancelled' and s.cancelled_at is not null
      and not exists (
          select from public.ticket_reservations as r
          where r.schedule_id = s.id and (r.status = 'confirmed' or r.status = 'held' and r.expires_at > clock_timestamp())
      );
    if not found then
        if not exists (select from public.event_schedules as s where s.id = p_schedule_id) then
            perform ticketdb.refuse_schedule(p_schedule_id);
        end if;
        v_at := clock_timestamp();
        v_ids := ticketdb.close_schedule(p_schedule_id, p_reason, v_at);
        perform ticketdb.undo_sales(v_ids, p_reason, v_at);
        -- no seat is free from here on, for nobody who asked before this could be seen
        perform ticketdb.deal_seats(p_schedule_id, 0, sum(b.held + b.sold)::int, 0, 0)
        from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
        having count(*) > 0;
        perform ticketdb.queue_notification(
            'schedule_cancelled', r.id,
            jsonb_strip_nulls(jsonb_build_object(
                'schedule_id', s.id, 'starts_at', s.starts_at, 'reason', p_reason,
                'refund_due', (select sum(p.refund_due) from public.ticket_payments as p where p.reservation_id = r.id)
            ))
        )
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        where r.id = any (v_ids) and r.status in ('cancelled', 'released');
    end if;

    schedule_id := p_schedule_id;
    -- by the time at which they were closed: a repetition answers like the first call
    select count(*)::int into holds_released
    from public.ticket_reservations as r
    where r.schedule_id = p_schedule_id and r.status = 'released' and r.closed_at = v_at;
    select count(*)::int, coalesce(sum(p.refund_due + p.refunded), 0) into refunds_due, refund_amount
    from public.ticket_reservations as r
    inner join public.ticket_payments as p on p.reservation_id = r.id
    where r.schedule_id = p_schedule_id and r.status = 'cancelled' and r.closed_at = v_at
      and p.refund_due + p.refunded > 0;
end
$$;
revoke execute on function ticketdb.call_off_schedule(int, text) from public;
comment on function ticketdb.call_off_schedule(int, text) is
'Call an occurrence off and settle with its holders

p_reason: kept, and told to them; may be null.';
