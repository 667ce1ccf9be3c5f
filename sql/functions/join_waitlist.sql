-- The face of ticketdb.enter_waitlist, and of join_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.join_waitlist(
    p_schedule_id int,
    p_quantity int default 1,
    p_user_id int default null,
    p_contact jsonb default null
)
returns public.waitlist_receipt_row
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        return ticketdb.join_for_caller(p_schedule_id, p_quantity, p_user_id, p_contact);
    end if;
    return ticketdb.waitlist_receipt(
        ticketdb.enter_waitlist(p_schedule_id, p_quantity, p_user_id, p_contact)
    );
end
$$;
revoke execute on function public.join_waitlist(int, int, int, jsonb) from public;
comment on function public.join_waitlist(int, int, int, jsonb) is
'Join the waiting list

Waits for p_quantity tickets, general admission, of a schedule that has none left. Seats that become free are offered in order of arrival
to the first whose party fits: status becomes offered, reservation_id is a hold to be paid (confirm_reservation) before
expires_at, and its buyer is told. Where there is room at once, the answer is an offer, for the 15 minutes of any hold. A user has one place: joining again for fewer
tickets keeps its position, for more starts at the end. A signed-in buyer joins for himself.
p_schedule_id: from v_event_availability; p_quantity: 1 to 10000, within the limits of an order; p_user_id: a row of users, null for a
guest; p_contact: {"name", "mobile", "email"}, which a guest needs. Errors: not_allowed, invalid_quantity, invalid_argument,
schedule_not_found, not_on_sale, schedule_cancelled, schedule_completed, schedule_blocked, limit_per_user.';
