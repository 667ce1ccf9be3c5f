-- The face of ticketdb.release_hold, and of release_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.release_reservation(p_reservation_id bigint)
returns public.reservation_receipt_row
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        return ticketdb.release_for_caller(p_reservation_id);
    end if;
    perform ticketdb.release_hold(p_reservation_id);
    return ticketdb.reservation_receipt(p_reservation_id);
end
$$;
revoke execute on function public.release_reservation(bigint) from public;
comment on function public.release_reservation(bigint) is
'Release a reservation

The buyer walked away before paying: the tickets go back on sale at once. A second release answers like the first. A
signed-in buyer releases what is his own. p_reservation_id: from reserve_tickets. Errors: not_allowed, reservation_not_found,
already_confirmed, reservation_expired, reservation_cancelled.';
