-- What so many tickets cost, as far as an amount can say it. Called wherever an order is made.
-- locks: none
-- raises: invalid_quantity
create or replace function ticketdb.total_price(p_unit_price numeric, p_quantity int)
returns numeric
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_unit_price * p_quantity > 99999999.99 then
        perform ticketdb.raise_error(
            'invalid_quantity', format('%s tickets at %s cost more than an amount can be', p_quantity, p_unit_price),
            'Ask for fewer tickets.', jsonb_build_object('requested', p_quantity)
        );
    end if;
    return p_unit_price * p_quantity;
end
$$;
revoke execute on function ticketdb.total_price(numeric, int) from public;
comment on function ticketdb.total_price(numeric, int) is 'Price of an order, in the venue''s currency';
