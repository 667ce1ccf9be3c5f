-- Seats of holds that have lapsed but are not reclaimed yet: they are in the counters, and free all the same. Called by the
-- views, and only where something is held.
-- locks: none
-- raises: nothing
create or replace function ticketdb.lapsed_seats(p_schedule_id int, p_ticket_type_id int default 0)
returns int
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(sum(r.quantity), 0)::int
    from public.ticket_reservations as r
    where r.schedule_id = p_schedule_id
      and r.status = 'held'
      and r.expires_at <= clock_timestamp()
      and (p_ticket_type_id = 0 or r.ticket_type_id = p_ticket_type_id);
$$;
revoke execute on function ticketdb.lapsed_seats(int, int) from public;
comment on function ticketdb.lapsed_seats(int, int) is
'Seats of lapsed holds that are still counted as held

p_ticket_type_id 0 means the whole occurrence.';
