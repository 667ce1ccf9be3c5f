-- Gives renewing passes that end soon their next period, each exactly once, a bounded number at a time. Called by maintain, last,
-- for it takes seats.
-- locks: event_passes (passing over locked ones), then as renew_pass
-- raises: nothing
create or replace function ticketdb.renew_passes(p_limit int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
    v_renewed int := 0;
begin
    for v_id in
        select e.id
        from public.event_passes as e
        inner join public.pass_types as t on t.id = e.pass_type_id
        inner join public.event_definitions as d on d.id = e.event_definition_id
        where e.renews and e.status = 'active'
          -- who was forgotten for a week is not surprised with a bill
          and (now() at time zone d.timezone)::date between e.ends_on - t.renew_before_days and e.ends_on + 7
          and not exists (select from public.event_passes as n where n.renewed_from = e.id)
        order by e.ends_on, e.id
        limit p_limit
        for no key update of e skip locked
    loop
        if ticketdb.renew_pass(v_id) then
            v_renewed := v_renewed + 1;
        end if;
    end loop;
    return v_renewed;
end
$$;
revoke execute on function ticketdb.renew_passes(int) from public;
comment on function ticketdb.renew_passes(int) is
'Give renewing passes their next period; the number of those that got one

p_limit: how many are looked at.';
