-- The face of ticketdb.close_pass, and of cancel_pass_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.cancel_pass(
    p_pass_id bigint,
    p_reason text default null,
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
        from ticketdb.cancel_pass_for_caller(p_pass_id) as r;
        return;
    end if;
    perform ticketdb.close_pass(p_pass_id, p_reason);
    select r.* into
        pass_id, pass_code, event_definition_id, kind, starts_on, ends_on, visits, visits_left, price,
        status, expires_at, renews, refund_due
    from ticketdb.pass_receipt(p_pass_id) as r;
end
$$;
revoke execute on function public.cancel_pass(bigint, text) from public;
comment on function public.cancel_pass(bigint, text) is
'Cancel a pass

A pass that is not paid is released. Of a paid one the places to come go back on sale, and refund_due is what the buyer has to get
back: what was paid, by the share of its visits, or of the occurrences it was sold with, that have not begun with a place of it;
rounded half up to the paisa, and never more than was paid. A signed-in buyer gives up his own while it is not paid. A second
call answers like the first. p_pass_id: from buy_pass; p_reason: kept with it. Errors: pass_not_found, not_allowed.';
