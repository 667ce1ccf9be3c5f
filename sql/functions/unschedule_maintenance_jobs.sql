-- Takes the jobs of schedule_maintenance_jobs out of pg_cron. Called by the owner, and by the rollback.
-- locks: pg_cron's own
-- raises: invalid_argument
create or replace function public.unschedule_maintenance_jobs()
returns int
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_names constant text[] := array(select j.job_name from ticketdb.maintenance_jobs('', 0) as j);
    v_gone int := 0;
begin
    perform ticketdb.require_read_committed();
    if to_regclass('cron.job') is not null then
        execute
            'select count(cron.unschedule(j.jobid)) from cron.job as j '
            'where j.jobname = any ($1) and j.username = current_user and j.database = current_database()'
        into v_gone using v_names;
    end if;
    return v_gone;
end
$$;
revoke execute on function public.unschedule_maintenance_jobs() from public;
comment on function public.unschedule_maintenance_jobs() is
'Unschedule maintenance jobs

Takes the jobs of schedule_maintenance_jobs out of pg_cron; returns how many there were. Without pg_cron there are none.
Errors: invalid_argument.';
