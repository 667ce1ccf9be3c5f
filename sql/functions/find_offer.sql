-- What a ticket costs now, or why none is sold: the occurrence, its event, the ticket type and their windows; seats are
-- find_bucket's business. Called before seats are taken.
-- locks: none
-- raises: schedule_not_found, schedule_cancelled, schedule_completed, schedule_blocked, not_on_sale, ticket_type_not_found
create or replace function ticketdb.find_offer(
    p_schedule_id int,
    p_ticket_type_id int,
    out price numeric,
    out max_per_order int,
    out limit_per_user int
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_offer record;
    v_type record;
begin
    select o.refusal, o.ticket_price, o.max_per_order, o.limit_per_user, o.opens_at, o.closes_at into v_offer
    from ticketdb.schedule_offers as o
    where o.schedule_id = p_schedule_id;
    if not found then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    if v_offer.refusal is not null then
        perform ticketdb.raise_error(
            v_offer.refusal,
            format(
                'schedule %s sells no tickets: it is %s', p_schedule_id, ticketdb.describe_refusal(v_offer.refusal)
            ),
            'v_event_availability lists what is on sale.',
            jsonb_strip_nulls(jsonb_build_object(
                'schedule_id', p_schedule_id, 'opens_at', v_offer.opens_at, 'closes_at', v_offer.closes_at
            ))
        );
    end if;
    price := v_offer.ticket_price;
    max_per_order := v_offer.max_per_order;
    limit_per_user := v_offer.limit_per_user;

    if p_ticket_type_id is not null then
        select t.is_on_sale, t.price, t.opens_at, t.closes_at into v_type
        from ticketdb.type_offer(p_schedule_id, p_ticket_type_id) as t;
        if not found then
            perform ticketdb.refuse_ticket_type(p_schedule_id, p_ticket_type_id);
        end if;
        if not v_type.is_on_sale then
            perform ticketdb.raise_error(
                'not_on_sale', format('ticket type %s is not on sale', p_ticket_type_id),
                'Choose another ticket type.',
                jsonb_strip_nulls(jsonb_build_object(
                    'ticket_type_id', p_ticket_type_id, 'opens_at', v_type.opens_at, 'closes_at', v_type.closes_at
                ))
            );
        end if;
        price := v_type.price;
    end if;
end
$$;
revoke execute on function ticketdb.find_offer(int, int) from public;
comment on function ticketdb.find_offer(int, int) is
'Price of one ticket and the limits of an order, where it is on sale

p_ticket_type_id may be null.';
