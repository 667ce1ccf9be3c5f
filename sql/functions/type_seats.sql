-- How many seats are left of a ticket type on one occurrence; null without a limit of its own. Called by
-- check_ticket_availability.
-- locks: none
-- raises: nothing
create or replace function ticketdb.type_seats(p_schedule_id int, p_ticket_type_id int)
returns int
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select t.max_quantity - c.taken + case when c.held > 0 then ticketdb.lapsed_seats(p_schedule_id, t.id) else 0 end
    from public.ticket_types as t
    cross join lateral (
        select coalesce(sum(b.held), 0)::int as held, coalesce(sum(b.held + b.sold), 0)::int as taken
        from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = t.id
    ) as c
    where t.id = p_ticket_type_id;
$$;
revoke execute on function ticketdb.type_seats(int, int) from public;
comment on function ticketdb.type_seats(int, int) is
'Seats left of a ticket type on one occurrence; null without a limit';
