-- The face of ticketdb.call_off_schedule, and of call_off_as_admin for a signed-in admin.
-- locks, raises: as these
create or replace function public.cancel_schedule(
    p_schedule_id int,
    p_reason text default null,
    out schedule_id int,
    out holds_released int,
    out refunds_due int,
    out refund_amount numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if ticketdb.may_sell() then
        select c.schedule_id, c.holds_released, c.refunds_due, c.refund_amount
        into schedule_id, holds_released, refunds_due, refund_amount
        from ticketdb.call_off_schedule(p_schedule_id, p_reason) as c;
    else
        select c.schedule_id, c.holds_released, c.refunds_due, c.refund_amount
        into schedule_id, holds_released, refunds_due, refund_amount
        from ticketdb.call_off_as_admin(p_schedule_id, p_reason) as c;
    end if;
end
$$;
revoke execute on function public.cancel_schedule(int, text) from public;
comment on function public.cancel_schedule(int, text) is
'Cancel a schedule

One occurrence is called off: nothing more of it is sold, holds are released, paid reservations cancelled and their payments due back,
and every holder is told (schedule_cancelled). holds_released: holds that were live; refunds_due, refund_amount: number and sum of
the payments that have to go back. Cancelling a second time answers like the first. p_schedule_id: from
event_schedules; p_reason: kept with it and told. For admins and the payment server. Errors: not_allowed, schedule_not_found.';
