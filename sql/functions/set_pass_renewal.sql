-- The face of ticketdb.change_renewal, and of set_pass_renewal_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.set_pass_renewal(
    p_pass_id bigint,
    p_renews boolean,
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
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select r.* into
            pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left,
            price, status, expires_at, renews, refund_due
        from ticketdb.set_pass_renewal_for_caller(p_pass_id, p_renews) as r;
        return;
    end if;
    perform ticketdb.change_renewal(p_pass_id, p_renews);
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function public.set_pass_renewal(bigint, boolean) from public;
comment on function public.set_pass_renewal(bigint, boolean) is
'Set the renewal of a pass

Whether the daily round makes the next period of a pass before it ends: a pass of its own, held until it begins, to be paid
with confirm_pass. A signed-in buyer decides for his own. p_pass_id: from buy_pass; p_renews: true or false.
Errors: invalid_argument, pass_not_found, pass_not_valid, not_allowed.';
