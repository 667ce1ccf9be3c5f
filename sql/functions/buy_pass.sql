-- The face of ticketdb.hold_pass, and of buy_pass_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.buy_pass(
    p_pass_type_id int,
    p_starts_on date default null,
    p_user_id int default null,
    p_renews boolean default false,
    p_idempotency_key text default null,
    p_contact jsonb default null
)
returns public.pass_receipt_row
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
begin
    if not ticketdb.may_sell() then
        return ticketdb.buy_pass_for_caller(
            p_pass_type_id, p_starts_on, p_user_id, p_renews, p_idempotency_key, p_contact
        );
    end if;
    v_id := ticketdb.hold_pass(
        p_pass_type_id, p_starts_on, p_user_id, p_renews, p_idempotency_key, p_contact
    );
    return ticketdb.pass_receipt(v_id);
end
$$;
revoke execute on function public.buy_pass(int, date, int, boolean, text, jsonb) from public;
comment on function public.buy_pass(int, date, int, boolean, text, jsonb) is
'Buy a pass

Orders a pass, to be paid within 15 minutes: confirm_pass records the payment. A monthly pass takes a place on every occurrence of
its period, or is refused; one for a number of visits takes places later, with redeem_pass. The same p_idempotency_key with the
same arguments returns the same pass. A signed-in buyer buys for himself. p_pass_type_id: from pass_types; p_starts_on: first date,
by default today, or tomorrow where today''s occurrence has begun; p_user_id: a row of users, null for a guest; p_renews: make the
next period before this one ends; p_contact: {"name", "mobile", "email"}. visits_left: visits, or places to come, once it is paid.
Errors: those of reserve_series, pass_not_found, not_allowed.';
