-- Generates the coming days of everything that recurs. An event of which that fails keeps nobody else waiting: its error is reported.
-- The first step of the daily round.
-- locks: event_schedules (new rows)
-- raises: nothing
create or replace function ticketdb.generate_horizon(p_horizon_days int, out generated bigint, out errors jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_event record;
begin
    generated := 0;
    errors := '[]';
    for v_event in
        select e.id, e.event_code, (now() at time zone e.timezone)::date as today
        from public.event_definitions as e
        where e.is_active and e.recurrence_type <> 'none'
        order by e.id
    loop
        begin
            generated := generated + public.generate_recurring_schedules(
                v_event.id, v_event.today, v_event.today + p_horizon_days
            );
        exception
            when others then
                errors := errors || jsonb_build_object(
                    'step', 'schedules_generated', 'event_code', v_event.event_code, 'sqlstate', sqlstate, 'message', sqlerrm
                );
        end;
    end loop;
end
$$;
revoke execute on function ticketdb.generate_horizon(int) from public;
comment on function ticketdb.generate_horizon(int) is
'Generate what recurs up to p_horizon_days ahead

generated: number of occurrences; errors: of which events that failed, and why.';
