-- The face of ticketdb.give_visit_back, and of return_visit_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.return_visit(
    p_reservation_id bigint,
    out reservation_id bigint,
    out reservation_code text,
    out pass_id bigint,
    out schedule_id int,
    out status text,
    out ticket_codes uuid[],
    out visits_left int
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select r.* into
            reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
        from ticketdb.return_visit_for_caller(p_reservation_id) as r;
        return;
    end if;
    perform ticketdb.give_visit_back(p_reservation_id);
    select r.* into
        reservation_id, reservation_code, pass_id, schedule_id, status, ticket_codes, visits_left
    from ticketdb.visit_receipt(p_reservation_id) as r;
end
$$;
revoke execute on function public.return_visit(bigint) from public;
comment on function public.return_visit(bigint) is
'Return a visit

The holder of a pass does not come after all: before the occurrence begins its place goes back on sale, and the visit back to the
pass. Later it is not valid any more. A signed-in buyer returns his own. p_reservation_id: from redeem_pass, or another place of a
pass. Errors: reservation_not_found, pass_not_valid, reservation_released, reservation_expired, not_allowed.';
