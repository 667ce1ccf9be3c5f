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

Generates what recurs up to p_horizon_days ahead, completes occurrences that are over, deletes holds that came to nothing
90 days ago, expires lapsed holds, and makes the next period of passes that renew; a bounded number of the last four, so that a
big backlog takes several rounds. Returns how many of each. Nothing depends on it for being right: run it at any time, twice, at once.
Errors: invalid_argument.';
