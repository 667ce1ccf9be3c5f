-- Joins a waiting list for the signed-in buyer who calls: for himself, and only where the event is public. The way of join_waitlist for
-- whoever may not run the inside of selling.
-- locks: as enter_waitlist
-- raises: not_allowed, schedule_not_found, and what enter_waitlist raises
create or replace function ticketdb.join_for_caller(
    p_schedule_id int,
    p_quantity int,
    p_user_id int,
    p_contact jsonb
)
returns public.waitlist_receipt_row
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(p_user_id);
begin
    if p_schedule_id is not null and not exists (
        select
        from public.event_schedules as s
        inner join public.event_definitions as d on d.id = s.event_definition_id
        where s.id = p_schedule_id and d.is_active
    ) then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    return ticketdb.waitlist_receipt(
        ticketdb.enter_waitlist(p_schedule_id, p_quantity, v_user_id, p_contact)
    );
end
$$;
revoke execute on function ticketdb.join_for_caller(int, int, int, jsonb) from public;
comment on function ticketdb.join_for_caller(int, int, int, jsonb) is
'Join a waiting list for the signed-in buyer who calls';
