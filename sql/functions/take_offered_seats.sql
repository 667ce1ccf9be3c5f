-- Takes seats for an order at the price of the moment, or says why it cannot have them. Called by hold_tickets where its fast
-- path does not serve.
-- locks: as check_limits and take_seats
-- raises: what find_offer, check_limits and take_seats raise
create or replace function ticketdb.take_offered_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_quantity int,
    p_user_id int,
    out bucket int,
    out price numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_offer record;
    v_seats record;
begin
    v_offer := ticketdb.find_offer(p_schedule_id, p_ticket_type_id);
    if v_offer.limit_per_user is not null and p_user_id is not null or p_quantity > v_offer.max_per_order then
        -- ahead of what check_limits locks or refuses: who comes too late waits for nobody, not even for another order of his own.
        -- Any other order is looked at once, by find_bucket
        v_seats := ticketdb.look_for_seats(p_schedule_id, coalesce(p_ticket_type_id, 0), p_quantity);
    end if;
    perform ticketdb.check_limits(
        p_schedule_id, p_quantity, p_user_id, v_offer.max_per_order, v_offer.limit_per_user
    );
    bucket := ticketdb.take_seats(p_schedule_id, p_ticket_type_id, p_quantity);
    price := v_offer.price;
end
$$;
revoke execute on function ticketdb.take_offered_seats(int, int, int, int) from public;
comment on function ticketdb.take_offered_seats(int, int, int, int) is
'Take seats for an order; returns their bucket and the price of one

p_ticket_type_id, p_user_id may be null.';
