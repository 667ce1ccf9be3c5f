-- The way of cancel_schedule for an admin, who may not run the inside of selling.
-- locks, raises: as call_off_schedule; not_allowed
create or replace function ticketdb.call_off_as_admin(
    p_schedule_id int,
    p_reason text,
    out schedule_id int,
    out holds_released int,
    out refunds_due int,
    out refund_amount numeric
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_admin();
    select c.schedule_id, c.holds_released, c.refunds_due, c.refund_amount
    into schedule_id, holds_released, refunds_due, refund_amount
    from ticketdb.call_off_schedule(p_schedule_id, p_reason) as c;
end
$$;
revoke execute on function ticketdb.call_off_as_admin(int, text) from public;
comment on function ticketdb.call_off_as_admin(int, text) is 'Call an occurrence off, for an admin';
