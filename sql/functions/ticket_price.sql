-- What one ticket of an occurrence costs; null where the ticket type belongs to another event. Called for bookings that change
-- or are paid without a hold.
-- locks: none
-- raises: nothing
create or replace function ticketdb.ticket_price(p_schedule_id int, p_ticket_type_id int)
returns numeric
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_ticket_type_id is null then s.ticket_price
        else (select t.price from ticketdb.type_offer(p_schedule_id, p_ticket_type_id) as t)
    end
    from ticketdb.schedule_offers as s
    where s.schedule_id = p_schedule_id;
$$;
revoke execute on function ticketdb.ticket_price(int, int) from public;
comment on function ticketdb.ticket_price(int, int) is 'Price of one ticket of an occurrence

p_ticket_type_id: null means general admission.';
