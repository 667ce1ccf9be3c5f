-- Says that there are not enough seats, and how many there are.
-- locks: none
-- raises: sold_out, ticket_type_sold_out
create or replace function ticketdb.refuse_sold_out(
    p_schedule_id int,
    p_ticket_type_id int,
    p_available int,
    p_requested int
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        case when p_ticket_type_id = 0 then 'sold_out' else 'ticket_type_sold_out' end,
        case
            when p_ticket_type_id = 0
                then format('schedule %s has %s tickets left, %s requested', p_schedule_id, p_available, p_requested)
            else
                format(
                    'schedule %s has %s tickets of type %s left, %s requested',
                    p_schedule_id, p_available, p_ticket_type_id, p_requested
                )
        end,
        case
            when p_available > 0 then 'Ask for fewer tickets, or choose another date.'
            else 'Choose another date, or try again later: holds that are not paid come back on sale.'
        end,
        jsonb_build_object('schedule_id', p_schedule_id, 'available', p_available, 'requested', p_requested)
    );
end
$$;
revoke execute on function ticketdb.refuse_sold_out(int, int, int, int) from public;
comment on function ticketdb.refuse_sold_out(int, int, int, int) is
'Raise sold_out, or ticket_type_sold_out where p_ticket_type_id is not 0';
