-- Occurrences on sale where somebody waits for whom there is room, lapsed holds counted as free: where a sale was opened again, for
-- one, or a lapse that nobody noticed. Without a lock, so that sold-out occurrences are left alone. Called by maintain.
-- locks: none
-- raises: nothing
create or replace function ticketdb.servable_waitlists(p_limit int, out schedule_id int)
returns setof int
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select w.schedule_id
    from (
        select e.schedule_id, min(e.quantity) as smallest
        from public.event_waitlist as e
        where e.status = 'waiting'
        group by e.schedule_id
    ) as w
    inner join ticketdb.schedule_offers as o on o.schedule_id = w.schedule_id and o.refusal is null
    where w.smallest <= ticketdb.lapsed_seats(w.schedule_id) + (
        select sum(b.capacity - b.held - b.sold)
        from ticketdb.seat_buckets as b
        where b.schedule_id = w.schedule_id and b.ticket_type_id = 0
    )
    order by w.schedule_id
    limit p_limit;
$$;
revoke execute on function ticketdb.servable_waitlists(int) from public;
comment on function ticketdb.servable_waitlists(int) is
'Occurrences that may have room for somebody who waits

p_limit: at most so many.';
