-- Moves held and sold seats of one occurrence, or of one ticket type on it, in a single guarded update: correct whatever
-- runs beside it. Called by count_seats alone.
-- locks: ticketdb.seat_pools
-- raises: sold_out, ticket_type_sold_out
create or replace function ticketdb.move_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_held int,
    p_sold int
)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sold int;
    v_left int;
begin
    update ticketdb.seat_pools as p
    set held = p.held + p_held, sold = p.sold + p_sold
    where p.schedule_id = p_schedule_id and p.ticket_type_id = p_ticket_type_id
      -- giving back always works; taking only what is there
      and (p_held + p_sold <= 0 or p.capacity is null or p.held + p.sold + p_held + p_sold <= p.capacity)
    returning p.sold into v_sold;
    if not found then
        select p.capacity - p.held - p.sold into v_left
        from ticketdb.seat_pools as p
        where p.schedule_id = p_schedule_id and p.ticket_type_id = p_ticket_type_id;
        perform ticketdb.refuse_sold_out(p_schedule_id, p_ticket_type_id, v_left, p_held + p_sold);
    end if;
    return v_sold;
end
$$;
revoke execute on function ticketdb.move_seats(int, int, int, int) from public;
comment on function ticketdb.move_seats(int, int, int, int) is
'Move seats of one pool; returns the seats sold after it

p_ticket_type_id 0 means the whole occurrence; p_held, p_sold: seats to add, negative to take off.';
