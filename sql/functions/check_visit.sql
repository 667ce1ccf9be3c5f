-- Refuses a place on an occurrence for which a pass is not good. Called by take_visit for a new place, and by move_sale for one that
-- moves: that has its visit already, unless it was given back. With the pass locked.
-- locks: event_passes (by the caller)
-- raises: pass_not_valid
create or replace function ticketdb.check_visit(p_pass_id bigint, p_schedule_id int, p_moving_id bigint default null)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_problem text;
begin
    select case
        when e.status <> 'active' then e.status
        when s.event_definition_id <> e.event_definition_id then 'other_event'
        when s.schedule_date not between e.starts_on and e.ends_on then 'outside_period'
        when exists (
            select
            from public.pass_pauses as p
            where p.pass_id = e.id and s.schedule_date between p.paused_from and p.paused_until
        ) then 'paused'
        when exists (
            select
            from public.ticket_reservations as r
            where r.pass_id = e.id and r.schedule_id = s.id and r.status in ('held', 'confirmed')
              and r.id is distinct from p_moving_id
        ) then 'has_place'
        when e.kind = 'visits' and e.visits_used >= e.visits and not exists (
            select from public.ticket_reservations as r where r.id = p_moving_id and r.status = 'confirmed'
        ) then 'used_up'
    end into v_problem
    from public.event_passes as e
    cross join public.event_schedules as s
    where e.id = p_pass_id and s.id = p_schedule_id;
    if v_problem is not null then
        perform ticketdb.refuse_pass_use(p_pass_id, v_problem, jsonb_build_object('schedule_id', p_schedule_id));
    end if;
end
$$;
revoke execute on function ticketdb.check_visit(bigint, int, bigint) from public;
comment on function ticketdb.check_visit(bigint, int, bigint) is
'Refuse a place on an occurrence for which a pass is not good

p_moving_id: the place of the pass that moves there; null for a new one.';
