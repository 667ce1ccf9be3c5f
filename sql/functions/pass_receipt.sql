-- A pass as its buyer gets to see it. Called by the faces of passes.
-- locks: none
-- raises: nothing
create or replace function ticketdb.pass_receipt(p_pass_id bigint)
returns public.pass_receipt_row
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_receipt public.pass_receipt_row;
begin
    select
        e.id, e.pass_code, e.event_definition_id, e.kind, e.starts_on, e.ends_on, e.visits,
        ticketdb.pass_visits_left(e.id), e.price, e.status, e.expires_at, e.renews,
        (select coalesce(sum(p.refund_due), 0) from ticketdb.pass_payments(e.id) as p)
    into v_receipt
    from public.event_passes as e
    where e.id = p_pass_id;
    return v_receipt;
end
$$;
revoke execute on function ticketdb.pass_receipt(bigint) from public;
comment on function ticketdb.pass_receipt(bigint) is 'A pass as its buyer gets to see it';
