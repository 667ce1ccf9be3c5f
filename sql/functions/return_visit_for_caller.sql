-- Gives a visit of the signed-in buyer who calls back. Those of others do not exist for him. The way of return_visit for whoever
-- may not run the inside of selling.
-- locks: as give_visit_back
-- raises: not_allowed, and what give_visit_back raises
create or replace function ticketdb.return_visit_for_caller(p_reservation_id bigint)
returns public.visit_receipt_row
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(null);
begin
    if p_reservation_id is not null and not exists (
        select
        from public.ticket_reservations as r
        inner join public.event_passes as e on e.id = r.pass_id
        where r.id = p_reservation_id and e.user_id = v_user_id
    ) then
        perform ticketdb.refuse_reservation(p_reservation_id);
    end if;
    perform ticketdb.give_visit_back(p_reservation_id);
    return ticketdb.visit_receipt(p_reservation_id);
end
$$;
revoke execute on function ticketdb.return_visit_for_caller(bigint) from public;
comment on function ticketdb.return_visit_for_caller(bigint) is
'Return a visit of the signed-in buyer who calls';
