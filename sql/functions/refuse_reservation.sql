-- Says that there is no such reservation.
-- locks: none
-- raises: reservation_not_found
create or replace function ticketdb.refuse_reservation(p_reservation_id bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'reservation_not_found', format('reservation %s does not exist', p_reservation_id),
        'Pass the id that reserve_tickets returned.', jsonb_build_object('reservation_id', p_reservation_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_reservation(bigint) from public;
comment on function ticketdb.refuse_reservation(bigint) is 'Raise reservation_not_found';
