-- The face of the daily round.
-- locks, raises: as maintain
create or replace function public.run_maintenance(p_horizon_days int default 30)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return ticketdb.maintain(p_horizon_days);
end
$$;
revoke execute on function public.run_maintenance(int) from public;
comment on function public.run_maintenance(int) is
'Run maintenance

Generates what recurs up to p_horizon_days ahead, queues reminders, expires lapsed holds, offers what is free to those who wait, completes
occurrences that are over and closes their waiting lists, makes the next period of passes that renew, and deletes what came to nothing
or was told 90 days ago; but for the first a bounded number of each, so that a big backlog takes several rounds. Returns how many of
each. What failed stands in a list errors, by step, and for an event that could not be generated with its event_code; the rest is
done. Nothing depends on it for being right: run it at any time, twice, at once. Errors: invalid_argument.';
