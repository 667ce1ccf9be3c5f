-- Says whether so many tickets can be bought now. Reads only.
-- locks: none
-- raises: invalid_quantity, invalid_argument
create or replace function public.check_ticket_availability(
    p_schedule_id int,
    p_quantity int default 1,
    p_ticket_type_id int default null,
    out is_available boolean,
    out message text,
    out tickets_available int
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sale record;
    v_type_on_sale boolean;
    v_type_left int;
begin
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity);
    is_available := false;
    tickets_available := 0;

    select s.refusal, s.seats_left, s.max_per_order into v_sale
    from ticketdb.schedule_sales as s
    -- what the caller may not see is not found
    inner join public.event_schedules as es on es.id = s.schedule_id
    where s.schedule_id = p_schedule_id;
    if not found then
        message := 'Event schedule not found';
        return;
    end if;
    if v_sale.refusal is not null then
        message := 'Event is ' || ticketdb.describe_refusal(v_sale.refusal);
        return;
    end if;

    if p_ticket_type_id is not null then
        select t.is_on_sale, ticketdb.type_seats(p_schedule_id, p_ticket_type_id) into v_type_on_sale, v_type_left
        from ticketdb.type_offer(p_schedule_id, p_ticket_type_id) as t;
        if not found then
            message := 'Ticket type not found';
            return;
        end if;
        if not v_type_on_sale then
            message := 'Ticket type is not on sale';
            return;
        end if;
    end if;

    -- a type without a limit has no number, which least() passes over
    tickets_available := least(v_sale.seats_left, v_type_left);
    is_available := tickets_available >= p_quantity and coalesce(p_quantity <= v_sale.max_per_order, true);
    message := case
        when is_available then 'Tickets available'
        when p_quantity > v_sale.max_per_order then format('Only %s tickets in one order', v_sale.max_per_order)
        when tickets_available = 0 then 'Sold out'
        else format('Only %s tickets available', tickets_available)
    end;
end
$$;
revoke execute on function public.check_ticket_availability(int, int, int) from public;
comment on function public.check_ticket_availability(int, int, int) is
'Check availability

Whether p_quantity tickets of a schedule, or of one of its ticket types, can be bought now, why not, and how many can.
A missing or closed schedule is an answer, not an error. p_schedule_id: from v_event_availability; p_ticket_type_id: from
ticket_types, null for general admission. Errors: invalid_quantity, invalid_argument.';
