-- Locks all buckets of the occurrences between which a reservation moves its seats, or of the one on which it changes them:
-- giving seats back locks one bucket, and to look for others with that in hand could end in a deadlock. Called before.
-- locks: ticket_types (share), then as lock_buckets, by schedule_id
-- raises: nothing
create or replace function ticketdb.lock_moving_seats(p_reservation_id bigint, p_schedule_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- its first ticket there may be about to make buckets of its type (open_type_buckets), which are asked for ahead of all buckets
    perform
    from public.ticket_types as t
    where t.id = (select r.ticket_type_id from public.ticket_reservations as r where r.id = p_reservation_id)
    for share;
    perform ticketdb.lock_buckets(m.schedule_id)
    from (
        select r.schedule_id from public.ticket_reservations as r where r.id = p_reservation_id
        union
        select p_schedule_id
        order by 1
    ) as m;
end
$$;
revoke execute on function ticketdb.lock_moving_seats(bigint, int) from public;
comment on function ticketdb.lock_moving_seats(bigint, int) is
'Lock all buckets of the occurrences between which a reservation moves its seats

p_schedule_id: where it moves to; may be the one where it is.';
