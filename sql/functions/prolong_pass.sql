-- Makes a pass good until a later day, with places on the days it gains where there is room. The inside of extend_pass, so that
-- a repeat moves nothing; suspend_pass calls it.
-- locks: as lock_pass; event_schedules (new rows); then as settle_places
-- raises: invalid_argument, pass_not_found, pass_not_valid
create or replace function ticketdb.prolong_pass(
    p_pass_id bigint,
    p_ends_on date,
    out places_released int,
    out places_added int,
    out full_schedules int[]
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass constant record := ticketdb.lock_pass(p_pass_id);
    v_first constant date := ticketdb.pass_start(v_pass.event_definition_id, v_pass.ends_on + 1);
begin
    if (p_ends_on between v_pass.ends_on and v_pass.ends_on + 366) is not true then
        perform ticketdb.raise_error(
            'invalid_argument', format('pass %s cannot be extended to %s', p_pass_id, coalesce(p_ends_on::text, 'null')),
            format('Pass a date from %s to a year later.', v_pass.ends_on),
            jsonb_build_object('pass_id', p_pass_id, 'ends_on', v_pass.ends_on)
        );
    end if;
    if v_pass.status <> 'active' then
        perform ticketdb.refuse_pass_use(p_pass_id, v_pass.status);
    end if;
    -- both would have a place on the same days
    if exists (
        select from public.event_passes as n where n.renewed_from = p_pass_id and n.status in ('held', 'active')
    ) then
        perform ticketdb.refuse_pass_use(p_pass_id, 'renewed');
    end if;
    update public.event_passes as e
    set ends_on = p_ends_on
    where e.id = p_pass_id;
    if v_pass.kind = 'monthly' and v_first <= p_ends_on and exists (
        select
        from public.event_definitions as d
        where d.id = v_pass.event_definition_id and d.is_active and d.recurrence_type <> 'none'
    ) then
        perform public.generate_recurring_schedules(
            v_pass.event_definition_id, v_first, p_ends_on
        );
    end if;
    select s.places_released, s.places_added, s.full_schedules into places_released, places_added, full_schedules
    from ticketdb.settle_places(p_pass_id, v_pass.ends_on) as s;
end
$$;
revoke execute on function ticketdb.prolong_pass(bigint, date) from public;
comment on function ticketdb.prolong_pass(bigint, date) is 'Make a pass good until a later day';
