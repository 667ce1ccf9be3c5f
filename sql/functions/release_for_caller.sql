-- Gives up a hold of the signed-in buyer who calls. Those of others do not exist for him. The way of release_reservation for whoever
-- may not run the inside of selling.
-- locks: as release_hold
-- raises: not_allowed, and what release_hold raises
create or replace function ticketdb.release_for_caller(p_reservation_id bigint)
returns public.reservation_receipt_row
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(null);
begin
    if p_reservation_id is not null and not exists (
        select from public.ticket_reservations as r where r.id = p_reservation_id and r.user_id = v_user_id
    ) then
        perform ticketdb.refuse_reservation(p_reservation_id);
    end if;
    perform ticketdb.release_hold(p_reservation_id);
    return ticketdb.reservation_receipt(p_reservation_id);
end
$$;
revoke execute on function ticketdb.release_for_caller(bigint) from public;
comment on function ticketdb.release_for_caller(bigint) is 'Give up a hold of the signed-in buyer who calls';
