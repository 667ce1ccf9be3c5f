-- Decides whether tickets can be sold now and at what price, taking back the seats of lapsed holds where they are needed. It
-- looks twice: without a lock, so that those who come too late are refused at no cost to anybody, then with the occurrence
-- locked, so that what it says stays true until the seats are taken. Called before seats are taken: by hold_tickets,
-- seat_paid_reservation and for the application's bookings.
-- locks: ticket_types (share, before the first ticket of a type), event_schedules, then as reclaim_lapsed_holds
-- raises: schedule_not_found, schedule_cancelled, schedule_completed, schedule_blocked, not_on_sale, ticket_type_not_found,
--         sold_out, ticket_type_sold_out
create or replace function ticketdb.quote_tickets(p_schedule_id int, p_quantity int, p_ticket_type_id int)
returns numeric
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_offer record;
begin
    v_offer := ticketdb.find_offer(p_schedule_id, p_quantity, p_ticket_type_id);
    if p_ticket_type_id is not null and not exists (
        select from ticketdb.seat_pools as p
        where p.schedule_id = p_schedule_id and p.ticket_type_id = p_ticket_type_id
    ) then
        -- count_seats will make the pool: the lock that this takes comes before that of the occurrence
        perform from public.ticket_types as t where t.id = p_ticket_type_id for share;
    end if;

    perform ticketdb.lock_schedule(p_schedule_id);
    v_offer := ticketdb.find_offer(p_schedule_id, p_quantity, p_ticket_type_id);
    while v_offer.seats_uncounted < p_quantity loop
        perform ticketdb.reclaim_lapsed_holds(p_schedule_id);
        v_offer := ticketdb.find_offer(p_schedule_id, p_quantity, p_ticket_type_id);
    end loop;
    return v_offer.price;
end
$$;
revoke execute on function ticketdb.quote_tickets(int, int, int) from public;
comment on function ticketdb.quote_tickets(int, int, int) is
'Price of one ticket, where so many can be sold now

p_ticket_type_id may be null. The occurrence stays locked until the end of the transaction.';
