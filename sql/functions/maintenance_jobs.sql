-- The jobs that pg_cron is given: the round itself, and clearing away pg_cron's record of old rounds, which it keeps for ever. Called
-- by schedule_maintenance_jobs and unschedule_maintenance_jobs.
-- locks: none
-- raises: nothing
create or replace function ticketdb.maintenance_jobs(
    p_schedule text,
    p_horizon_days int,
    out job_name text,
    out schedule text,
    out command text
)
returns setof record
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('ticketdb.maintenance', p_schedule, format('select public.run_maintenance(%s)', p_horizon_days)),
    (
        'ticketdb.maintenance_history', '17 3 * * *',
        'delete from cron.job_run_details as d using cron.job as j where j.jobid = d.jobid '
        'and j.jobname like ''ticketdb.maintenance%'' and d.end_time < now() - interval ''7 days'''
    );
end
$$;
revoke execute on function ticketdb.maintenance_jobs(text, int) from public;
comment on function ticketdb.maintenance_jobs(text, int) is
'Jobs of the daily round for pg_cron

p_schedule: as pg_cron has it; p_horizon_days: of run_maintenance.';
