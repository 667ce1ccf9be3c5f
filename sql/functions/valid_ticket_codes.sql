-- The codes of the valid tickets of a reservation, in order of issue. Called by issue_tickets and sale_receipt.
-- locks: none
-- raises: nothing
create or replace function ticketdb.valid_ticket_codes(p_reservation_id bigint)
returns uuid[]
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return array(
        select t.ticket_code
        from public.event_tickets as t
        where t.reservation_id = p_reservation_id and t.status = 'valid'
        order by t.id
    );
end
$$;
revoke execute on function ticketdb.valid_ticket_codes(bigint) from public;
comment on function ticketdb.valid_ticket_codes(bigint) is
'Codes of the valid tickets of a reservation; an empty array where it has none';
