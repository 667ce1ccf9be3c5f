-- Pauses a pass from one local date to another: its places there go back on sale, and its end moves by as many days. Only days to come
-- can be paused. The inside of pause_pass; a repeat answers that nothing moved.
-- locks: as prolong_pass
-- raises: invalid_argument, pass_not_found, pass_not_valid
create or replace function ticketdb.suspend_pass(
    p_pass_id bigint,
    p_start_date date,
    p_end_date date,
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
    v_earliest constant date := greatest(v_pass.starts_on, ticketdb.pass_start(v_pass.event_definition_id));
begin
    if v_pass.status <> 'active' then
        perform ticketdb.refuse_pass_use(p_pass_id, v_pass.status);
    end if;
    if exists (
        select
        from public.pass_pauses as p
        where p.pass_id = p_pass_id and p.paused_from = p_start_date and p.paused_until = p_end_date
    ) then
        -- sent twice
        places_released := 0;
        places_added := 0;
        full_schedules := '{}';
        return;
    end if;
    if (p_start_date between v_earliest and v_pass.ends_on and p_end_date between p_start_date and p_start_date + 365) is not true then
        perform ticketdb.raise_error(
            'invalid_argument',
            format(
                'pass %s cannot be paused from %s to %s', p_pass_id, coalesce(p_start_date::text, 'null'),
                coalesce(p_end_date::text, 'null')
            ),
            format('Begin from %s to %s, and end within a year.', v_earliest, v_pass.ends_on),
            jsonb_build_object('pass_id', p_pass_id, 'earliest', v_earliest, 'ends_on', v_pass.ends_on)
        );
    end if;
    if exists (
        select
        from public.pass_pauses as p
        where p.pass_id = p_pass_id and p.paused_from <= p_end_date and p.paused_until >= p_start_date
    ) then
        perform ticketdb.refuse_pass_use(p_pass_id, 'paused');
    end if;
    insert into public.pass_pauses (pass_id, paused_from, paused_until)
    values (p_pass_id, p_start_date, p_end_date);
    select s.places_released, s.places_added, s.full_schedules into places_released, places_added, full_schedules
    from ticketdb.prolong_pass(p_pass_id, v_pass.ends_on + (p_end_date - p_start_date + 1)) as s;
end
$$;
revoke execute on function ticketdb.suspend_pass(bigint, date, date) from public;
comment on function ticketdb.suspend_pass(bigint, date, date) is 'Pause a pass';
