-- A place of a pass as its holder gets to see it. Called by redeem_pass and return_visit.
-- locks: none
-- raises: nothing
create or replace function ticketdb.visit_receipt(
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
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select r.id, r.reservation_code, r.pass_id, r.schedule_id, r.status, ticketdb.pass_visits_left(r.pass_id)
    into reservation_id, reservation_code, pass_id, schedule_id, status, visits_left
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    ticket_codes := ticketdb.valid_ticket_codes(p_reservation_id);
end
$$;
revoke execute on function ticketdb.visit_receipt(bigint) from public;
comment on function ticketdb.visit_receipt(bigint) is 'A place of a pass as its holder gets to see it';
