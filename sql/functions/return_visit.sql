-- The face of ticketdb.give_visit_back, and of return_visit_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.return_visit(p_reservation_id bigint)
returns public.visit_receipt_row
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        return ticketdb.return_visit_for_caller(p_reservation_id);
    end if;
    perform ticketdb.give_visit_back(p_reservation_id);
    return ticketdb.visit_receipt(p_reservation_id);
end
$$;
revoke execute on function public.return_visit(bigint) from public;
comment on function public.return_visit(bigint) is
'Return a visit

The holder of a pass does not come after all: before the occurrence begins its place goes back on sale, and the visit back to the
pass. Later it is not valid any more. A signed-in buyer returns his own. p_reservation_id: from redeem_pass, or another place of a
pass. Errors: reservation_not_found, pass_not_valid, reservation_released, reservation_expired, not_allowed.';
