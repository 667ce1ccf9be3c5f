-- Makes the seat pool of a ticket type on an occurrence when its first ticket is asked for. The share lock keeps the limit
-- still until the pool is there, so that a new limit finds it. Called by count_seats, and ahead of it by quote_tickets.
-- locks: ticket_types (share), ticketdb.seat_pools
-- raises: nothing
create or replace function ticketdb.open_type_pool(p_schedule_id int, p_ticket_type_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select from ticketdb.seat_pools as p
        where p.schedule_id = p_schedule_id and p.ticket_type_id = p_ticket_type_id
    ) then
        return;
    end if;
    insert into ticketdb.seat_pools (schedule_id, ticket_type_id, capacity)
    select p_schedule_id, t.id, t.max_quantity
    from (
        select tt.id, tt.max_quantity
        from public.ticket_types as tt
        where tt.id = p_ticket_type_id
        for share
    ) as t
    on conflict on constraint seat_pools_pkey do nothing;
end
$$;
revoke execute on function ticketdb.open_type_pool(int, int) from public;
comment on function ticketdb.open_type_pool(int, int) is 'Make the seat pool of a ticket type on an occurrence';
