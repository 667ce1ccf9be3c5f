-- One look at an occurrence: what a ticket costs, or why so many cannot be had. seats_uncounted is how many the counters could
-- give at once; the rest of what is left are seats of lapsed holds, to be reclaimed. Called by quote_tickets.
-- locks: none
-- raises: as quote_tickets
create or replace function ticketdb.find_offer(
    p_schedule_id int,
    p_quantity int,
    p_ticket_type_id int,
    out price numeric,
    out seats_uncounted int
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_refusal text;
    v_left int;
    v_type_active boolean;
    v_type_left int;
    v_type_uncounted int;
begin
    select s.refusal, s.ticket_price, s.seats_left, s.seats_uncounted
    into v_refusal, price, v_left, seats_uncounted
    from ticketdb.schedule_sales as s
    where s.schedule_id = p_schedule_id;
    if not found then
        perform ticketdb.raise_error(
            'schedule_not_found', format('schedule %s does not exist', p_schedule_id),
            'v_event_availability lists what is on sale.', jsonb_build_object('schedule_id', p_schedule_id)
        );
    end if;
    if v_refusal is not null then
        perform ticketdb.raise_error(
            v_refusal,
            format('schedule %s sells no tickets: it is %s', p_schedule_id, ticketdb.describe_refusal(v_refusal)),
            'v_event_availability lists what is on sale.', jsonb_build_object('schedule_id', p_schedule_id)
        );
    end if;
    if p_ticket_type_id is not null then
        select t.is_active, t.price, t.seats_left, t.seats_uncounted
        into v_type_active, price, v_type_left, v_type_uncounted
        from ticketdb.type_seats(p_schedule_id, p_ticket_type_id) as t;
        if not found then
            perform ticketdb.refuse_ticket_type(p_schedule_id, p_ticket_type_id);
        end if;
        if not v_type_active then
            perform ticketdb.raise_error(
                'not_on_sale', format('ticket type %s is not on sale', p_ticket_type_id),
                'Choose another ticket type.', jsonb_build_object('ticket_type_id', p_ticket_type_id)
            );
        end if;
    end if;
    if v_left < p_quantity then
        perform ticketdb.refuse_sold_out(p_schedule_id, 0, v_left, p_quantity);
    end if;
    if v_type_left < p_quantity then
        perform ticketdb.refuse_sold_out(p_schedule_id, p_ticket_type_id, v_type_left, p_quantity);
    end if;
    -- a type without a limit has no number, which least() passes over
    seats_uncounted := least(seats_uncounted, v_type_uncounted);
end
$$;
revoke execute on function ticketdb.find_offer(int, int, int) from public;
comment on function ticketdb.find_offer(int, int, int) is
'Price of one ticket, and how many the counters could give at once

p_ticket_type_id may be null.';
