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
    v_schedule record;
    v_problem text;
    v_place bigint;
begin
    select s.event_definition_id, s.schedule_date into v_schedule
    from public.event_schedules as s
    where s.id = p_schedule_id;
    if not found then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    select r.id into v_place
    from public.ticket_reservations as r
    where r.pass_id = p_pass_id and r.schedule_id = p_schedule_id and r.status = 'confirmed';
    if found then
        return v_place;
    end if;

    v_problem := case
        when v_pass.status <> 'active' then v_pass.status
        when v_schedule.event_definition_id <> v_pass.event_definition_id then 'other_event'
        when v_schedule.schedule_date not between v_pass.starts_on and v_pass.ends_on then 'outside_period'
        when exists (
            select
            from public.pass_pauses as p
            where p.pass_id = p_pass_id and v_schedule.schedule_date between p.paused_from and p.paused_until
        ) then 'paused'
        when v_pass.kind = 'visits' and v_pass.visits_used >= v_pass.visits then 'used_up'
    end;
    if v_problem is not null then
        perform ticketdb.refuse_pass_use(p_pass_id, v_problem, jsonb_build_object('schedule_id', p_schedule_id));
    end if;
    v_place := ticketdb.add_pass_place(p_pass_id, p_schedule_id, v_pass.user_id, v_pass.contact);
    perform ticketdb.queue_notification('ticket_confirmation', v_place);
    return v_place;
end
$$;
revoke execute on function ticketdb.take_visit(bigint, int) from public;
comment on function ticketdb.take_visit(bigint, int) is 'Use a pass for an occurrence';
