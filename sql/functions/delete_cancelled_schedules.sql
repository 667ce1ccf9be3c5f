-- Deletes cancelled occurrences that would have been over 90 days ago, if nobody ever ordered, booked or came: they tell nothing.
-- A step of the daily round.
-- locks: event_schedules (passing over locked ones), then ticketdb.seat_buckets: against the order, where nothing has been sold for long
-- raises: nothing
create or replace function ticketdb.delete_cancelled_schedules(p_limit int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids constant int[] := array(
        select o.id
        from public.event_schedules as o
        where o.status = 'cancelled' and o.ends_at < now() - interval '90 days' and o.schedule_date < current_date - 88
          and o.booking_id is null
          and not exists (select from public.ticket_reservations as r where r.schedule_id = o.id)
          and not exists (select from public.bookings as b where b.event_schedule_id = o.id)
          and not exists (select from public.program_participants as pp where pp.event_schedule_id = o.id)
        order by o.id
        limit p_limit
        for update skip locked
    );
begin
    delete from public.event_schedules as s
    where s.id = any (v_ids);
    return cardinality(v_ids);
end
$$;
revoke execute on function ticketdb.delete_cancelled_schedules(int) from public;
comment on function ticketdb.delete_cancelled_schedules(int) is
'Delete cancelled occurrences of 90 days ago that nobody ever had to do with; returns how many

p_limit: at most so many.';
