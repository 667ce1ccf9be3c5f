-- The people of a sale come to another occurrence: their rows of the application's program_participants follow, active again where the
-- sale had been cancelled. What fails in that table is noted on the reservation and keeps nobody from moving. Called by move_sale.
-- locks: ticket_reservations (by the caller), program_participants
-- raises: nothing but a deadlock or a lock timeout
create or replace function ticketdb.move_participants(p_reservation_id bigint, p_schedule_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    update public.program_participants as pp
    set event_schedule_id = s.id, start_date = s.start_datetime, end_date = s.end_datetime, is_active = true
    from public.event_schedules as s
    where s.id = p_schedule_id and pp.booking_id is null
      and pp.id in (
          select t.participant_id
          from public.event_tickets as t
          where t.reservation_id = p_reservation_id and t.status = 'valid'
      );
exception
    when deadlock_detected or lock_not_available or serialization_failure then
        raise;
    when others then
        update public.ticket_reservations as r
        set participants_problem = concat_ws('; ', r.participants_problem, format('%s: %s', sqlstate, sqlerrm))
        where r.id = p_reservation_id;
end
$$;
revoke execute on function ticketdb.move_participants(bigint, int) from public;
comment on function ticketdb.move_participants(bigint, int) is 'Let the participants of a sale come to another occurrence';
