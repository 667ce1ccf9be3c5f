-- The daily round: whatever is late is done here, nothing waits for it. Its steps are listed here; each is a function that does a
-- bounded number and returns it, or several numbers by name. A step that fails is undone and reported, the others go on.
-- The inside of run_maintenance.
-- locks: those of the steps, in their order. Seats come late, for their buckets stay locked until the round is over
-- raises: invalid_argument
create or replace function ticketdb.maintain(p_horizon_days int)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- of each kind of work, so that a round is short
    v_at_most constant int := 1000;
    v_counts jsonb;
    v_errors jsonb;
    v_step record;
    v_done jsonb;
begin
    perform ticketdb.require_read_committed();
    if p_horizon_days is null or p_horizon_days not between 0 and 3650 then
        perform ticketdb.raise_error(
            'invalid_argument', format('a horizon of %s days', coalesce(p_horizon_days::text, 'null')),
            'Pass 0 to 3650 days.', jsonb_build_object('horizon_days', p_horizon_days)
        );
    end if;

    select jsonb_build_object('schedules_generated', g.generated), g.errors into v_counts, v_errors
    from ticketdb.generate_horizon(p_horizon_days) as g;
    for v_step in
        select s.name, s.call
        from (
            values
            (1, 'notifications_purged', 'ticketdb.purge_notifications($1)'),
            (2, 'reminders_queued', 'ticketdb.queue_reminders($1)'),
            (3, 'holds_deleted', 'ticketdb.delete_old_holds($1)'),
            (4, 'waitlist_closed', 'ticketdb.close_waitlists($1)'),
            (5, 'holds_expired', 'ticketdb.expire_holds($1)'),
            (6, 'schedules_completed', 'ticketdb.complete_schedules($1)'),
            (7, 'schedules_deleted', 'ticketdb.delete_cancelled_schedules($1)'),
            -- each with a month of places, which stay locked
            (8, 'passes_renewed', 'ticketdb.renew_passes($1 / 20)')
        ) as s (position, name, call)
        order by s.position
    loop
        v_done := '0';
        begin
            execute format('select to_jsonb(f) from %s as f', v_step.call) into v_done using v_at_most;
        exception
            when others then
                v_errors := v_errors || jsonb_build_object('step', v_step.name, 'sqlstate', sqlstate, 'message', sqlerrm);
        end;
        v_counts := v_counts
            || case jsonb_typeof(v_done) when 'object' then v_done else jsonb_build_object(v_step.name, v_done) end;
    end loop;
    return v_counts || case when v_errors = '[]' then '{}' else jsonb_build_object('errors', v_errors) end;
end
$$;
revoke execute on function ticketdb.maintain(int) from public;
comment on function ticketdb.maintain(int) is 'Do what is late, a bounded number of each kind';
