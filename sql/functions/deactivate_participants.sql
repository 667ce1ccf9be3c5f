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
