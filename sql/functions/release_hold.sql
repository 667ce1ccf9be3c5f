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
    perform ticketdb.refuse_closed(p_reservation_id, v_reservation.status, v_reservation.expires_at, 'released');
    update public.ticket_reservations as r
    set status = 'released', closed_at = clock_timestamp()
    where r.id = p_reservation_id and r.status = 'held';
end
$$;
revoke execute on function ticketdb.release_hold(bigint) from public;
comment on function ticketdb.release_hold(bigint) is 'Give the seats of a hold back';
