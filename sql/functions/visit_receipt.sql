-- A place of a pass as its holder gets to see it. Called by redeem_pass and return_visit.
-- locks: none
-- raises: nothing
create or replace function ticketdb.visit_receipt(p_reservation_id bigint)
returns public.visit_receipt_row
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_receipt public.visit_receipt_row;
begin
    select
        r.id, r.reservation_code, r.pass_id, r.schedule_id, r.status, ticketdb.valid_ticket_codes(r.id),
        ticketdb.pass_visits_left(r.pass_id)
    into v_receipt
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    return v_receipt;
end
$$;
revoke execute on function ticketdb.visit_receipt(bigint) from public;
comment on function ticketdb.visit_receipt(bigint) is 'A place of a pass as its holder gets to see it';
