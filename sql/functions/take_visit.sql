-- Uses a pass: a place on an occurrence, sold at once. Asked again for the same one it answers with the place that is there. The
-- inside of redeem_pass.
-- locks: as lock_pass, then as add_pass_place
-- raises: pass_not_found, pass_not_valid, schedule_not_found, and what hold_tickets raises
create or replace function ticketdb.take_visit(p_pass_id bigint, p_schedule_id int)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass constant record := ticketdb.lock_pass(p_pass_id);
    v_place bigint;
begin
    if not exists (select from public.event_schedules as s where s.id = p_schedule_id) then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    select r.id into v_place
    from public.ticket_reservations as r
    where r.pass_id = p_pass_id and r.schedule_id = p_schedule_id and r.status = 'confirmed';
    if found then
        return v_place;
    end if;

    perform ticketdb.check_visit(p_pass_id, p_schedule_id);
    v_place := ticketdb.add_pass_place(p_pass_id, p_schedule_id, v_pass.user_id, v_pass.contact);
    perform ticketdb.queue_notification('ticket_confirmation', v_place);
    return v_place;
end
$$;
revoke execute on function ticketdb.take_visit(bigint, int) from public;
comment on function ticketdb.take_visit(bigint, int) is 'Use a pass for an occurrence';
