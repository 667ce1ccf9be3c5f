-- A ticket type on one occurrence: what it costs and how many are left of it. No row where the type belongs to another event.
-- Called by quote_tickets and check_ticket_availability.
-- locks: none
-- raises: nothing
create or replace function ticketdb.type_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    out is_active boolean,
    out price numeric,
    out seats_left int,
    out seats_uncounted int
)
returns setof record
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        t.is_active,
        t.price,
        c.uncounted + case when p.held > 0 then ticketdb.lapsed_seats(p_schedule_id, t.id) else 0 end,
        c.uncounted
    from public.event_schedules as s
    inner join public.ticket_types as t on t.event_definition_id = s.event_definition_id
    left join ticketdb.seat_pools as p on p.schedule_id = s.id and p.ticket_type_id = t.id
    cross join lateral (select t.max_quantity - coalesce(p.held + p.sold, 0) as uncounted) as c
    where s.id = p_schedule_id and t.id = p_ticket_type_id;
$$;
revoke execute on function ticketdb.type_seats(int, int) from public;
comment on function ticketdb.type_seats(int, int) is
'A ticket type on one occurrence

seats_left: what can be bought, null without a limit; seats_uncounted: the same without the seats of lapsed holds.';
