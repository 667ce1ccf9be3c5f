-- What to do where this database has no pg_cron: enable it, give the job to pg_cron in the database where it runs, or let another
-- clock call. Called by schedule_maintenance_jobs.
-- locks: none
-- raises: nothing
create or replace function ticketdb.without_cron(p_job_name text, p_schedule text, p_command text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_home constant text := current_setting('cron.database_name', true);
begin
    if v_home = current_database() then
        return 'Run "create extension pg_cron" as a superuser, and call this again.';
    elsif v_home is not null then
        return format(
            'pg_cron runs in database %s: connect to it and run "select cron.schedule_in_database(%L, %L, %L, %L)".',
            -- by the name alone it would take the place of the same job of that database
            v_home, format('%s.%s', p_job_name, current_database()), p_schedule, p_command, current_database()
        );
    end if;
    return format(
        'This server does not run pg_cron. Keep "ticketdb maintain --every 60" running, or put this line into a crontab: '
        '%s psql -d %s -qc "%s"',
        p_schedule, current_database(), p_command
    );
end
$$;
revoke execute on function ticketdb.without_cron(text, text, text) from public;
comment on function ticketdb.without_cron(text, text, text) is
'What to do where a job cannot be scheduled

p_job_name, p_schedule, p_command: of the job.';
