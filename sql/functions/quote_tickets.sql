-- Decides whether tickets can be sold now and at what price, taking back the seats of lapsed holds where they are needed.
-- A refusal reads, and writes nothing. Called before seats are taken: by hold_tickets and for the application's bookings.
-- locks: only where lapsed holds are needed: ticket_reservations by id, then ticketdb.seat_pools
-- raises: schedule_not_found, schedule_cancelled, schedule_completed, schedule_blocked, not_on_sale, ticket_type_not_found,
--         sold_out, ticket_type_sold_out
create or replace function ticketdb.quote_tickets(p_schedule_id int, p_quantity int, p_ticket_type_id int)
returns numeric
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sale record;
    v_type_active boolean;
    v_type_price numeric;
    v_type_left int;
    v_type_uncounted int;
begin
    loop
        select s.event_definition_id, s.refusal, s.ticket_price, s.seats_left, s.seats_uncounted into v_sale
        from ticketdb.schedule_sales as s
        where s.schedule_id = p_schedule_id;
        if not found then
            perform ticketdb.raise_error(
                'schedule_not_found', format('schedule %s does not exist', p_schedule_id),
                'v_event_availability lists what is on sale.', jsonb_build_object('schedule_id', p_schedule_id)
            );
        end if;
        if v_sale.refusal is not null then
            perform ticketdb.raise_error(
                v_sale.refusal,
                format('schedule %s sells no tickets: %s', p_schedule_id, ticketdb.describe_refusal(v_sale.refusal)),
                'v_event_availability lists what is on sale.', jsonb_build_object('schedule_id', p_schedule_id)
            );
        end if;
        if v_sale.seats_left < p_quantity then
            perform ticketdb.refuse_sold_out(p_schedule_id, 0, v_sale.seats_left, p_quantity);
        end if;

        if p_ticket_type_id is not null then
            select t.is_active, t.price, t.seats_left, t.seats_uncounted
            into v_type_active, v_type_price, v_type_left, v_type_uncounted
            from ticketdb.type_seats(p_schedule_id, p_ticket_type_id) as t;
            if not found then
                perform ticketdb.raise_error(
                    'ticket_type_not_found',
                    format('schedule %s has no ticket type %s', p_schedule_id, p_ticket_type_id),
                    'ticket_types lists the types of each event.',
                    jsonb_build_object('schedule_id', p_schedule_id, 'ticket_type_id', p_ticket_type_id)
                );
            end if;
            if not v_type_active then
                perform ticketdb.raise_error(
                    'not_on_sale', format('ticket type %s is not on sale', p_ticket_type_id),
                    'Choose another ticket type.', jsonb_build_object('ticket_type_id', p_ticket_type_id)
                );
            end if;
            if v_type_left < p_quantity then
                perform ticketdb.refuse_sold_out(p_schedule_id, p_ticket_type_id, v_type_left, p_quantity);
            end if;
        end if;

        exit when v_sale.seats_uncounted >= p_quantity
            -- no count means no limit
            and coalesce(v_type_uncounted, p_quantity) >= p_quantity;
        perform ticketdb.reclaim_lapsed_holds(p_schedule_id);
    end loop;
    return case when p_ticket_type_id is null then v_sale.ticket_price else v_type_price end;
end
$$;
revoke execute on function ticketdb.quote_tickets(int, int, int) from public;
comment on function ticketdb.quote_tickets(int, int, int) is
'Price of one ticket, where so many can be sold now

p_ticket_type_id may be null.';
