-- A pass as its buyer gets to see it. Called by the faces of passes.
-- locks: none
-- raises: nothing
create or replace function ticketdb.pass_receipt(
    p_pass_id bigint,
    out pass_id bigint,
    out pass_code uuid,
    out event_definition_id int,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_left int,
    out price numeric,
    out status text,
    out expires_at timestamptz,
    out renews boolean,
    out refund_due numeric
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select
        e.id, e.pass_code, e.event_definition_id, e.kind, e.starts_on, e.ends_on, e.visits,
        ticketdb.pass_visits_left(e.id), e.price, e.status, e.expires_at, e.renews,
        (select coalesce(sum(p.refund_due), 0) from ticketdb.pass_payments(e.id) as p)
    into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price, status,
        expires_at, renews, refund_due
    from public.event_passes as e
    where e.id = p_pass_id;
end
$$;
revoke execute on function ticketdb.pass_receipt(bigint) from public;
comment on function ticketdb.pass_receipt(bigint) is 'A pass as its buyer gets to see it';
