-- How many seats are left for somebody who comes now, where lapsed holds have some and nobody took them back yet: whoever takes them back
-- offers them to those who wait first (gather_seats). What is free without them is free, for it was offered when it became so.
-- Called by schedule_sales and look_for_seats, where there are lapsed holds.
-- locks: none
-- raises: nothing
create or replace function ticketdb.seats_past_waitlist(p_schedule_id int, p_free int, p_lapsed int)
returns int
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_left int := p_free + p_lapsed;
    v_quantity int;
begin
    for v_quantity in
        select e.quantity
        from public.event_waitlist as e
        where e.schedule_id = p_schedule_id and e.status = 'waiting'
        order by e.id
    loop
        if v_quantity <= v_left then
            v_left := v_left - v_quantity;
        end if;
        exit when v_left <= p_free;
    end loop;
    return greatest(v_left, p_free);
end
$$;
revoke execute on function ticketdb.seats_past_waitlist(int, int, int) from public;
comment on function ticketdb.seats_past_waitlist(int, int, int) is
'Seats left for newcomers

p_free: seats in no hold; p_lapsed: seats of lapsed holds.';
