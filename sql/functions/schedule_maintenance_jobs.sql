-- Has pg_cron run the daily round, where this database has it; says what to do where it has not. A repetition changes the jobs, for
-- they go by their names. For the owner, as whom the jobs run.
-- locks: pg_cron's own
-- raises: invalid_argument
create or replace function public.schedule_maintenance_jobs(
    p_every interval default '1 minute',
    p_horizon_days int default 30
)
returns table (job_name text, schedule text, command text, is_scheduled boolean, next_step text)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_minutes constant numeric := extract(epoch from p_every) / 60;
    -- cron begins anew with each hour and each day
    v_schedule constant text := case
        when v_minutes = 1 then '* * * * *'
        when v_minutes in (2, 3, 4, 5, 6, 10, 12, 15, 20, 30) then format('*/%s * * * *', v_minutes::int)
        when v_minutes = 60 then '0 * * * *'
        when v_minutes / 60 in (2, 3, 4, 6, 8, 12) then format('0 */%s * * *', (v_minutes / 60)::int)
        when v_minutes = 1440 then '0 3 * * *'
    end;
    v_has_cron constant boolean := to_regclass('cron.job') is not null;
    v_job record;
begin
    perform ticketdb.require_read_committed();
    if v_schedule is null or p_horizon_days is null or p_horizon_days not between 0 and 3650 then
        perform ticketdb.raise_error(
            'invalid_argument',
            format('a round every %s, %s days ahead', coalesce(p_every::text, 'null'), coalesce(p_horizon_days::text, 'null')),
            'Pass an interval that divides the hour or the day, from a minute to a day, and 0 to 3650 days.',
            jsonb_build_object('every', p_every, 'horizon_days', p_horizon_days)
        );
    end if;
    for v_job in
        select j.job_name, j.schedule, j.command
        from ticketdb.maintenance_jobs(v_schedule, p_horizon_days) as j
        where v_has_cron or j.schedule = v_schedule
    loop
        if v_has_cron then
            execute format('select cron.schedule(%L, %L, %L)', v_job.job_name, v_job.schedule, v_job.command);
        end if;
        return query
        select
            v_job.job_name, v_job.schedule, v_job.command, v_has_cron,
            case when not v_has_cron then ticketdb.without_cron(v_job.job_name, v_job.schedule, v_job.command) end;
    end loop;
end
$$;
revoke execute on function public.schedule_maintenance_jobs(interval, int) from public;
comment on function public.schedule_maintenance_jobs(interval, int) is
'Schedule maintenance jobs

Has pg_cron run run_maintenance(p_horizon_days) every p_every: an interval that divides the hour or the day, by default a minute.
Returns the jobs; calling it again changes them. Without pg_cron in this database is_scheduled is false, and next_step says what to do
instead. Errors: invalid_argument.';
