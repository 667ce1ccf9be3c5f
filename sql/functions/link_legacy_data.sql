-- The face of ticketdb.link_steps. A dry run does everything in a sub-block and undoes it by an exception of its own, so that its
-- counts are those of a real run.
-- locks: an advisory lock against a second run, then as link_steps
-- raises: invalid_argument (isolation)
create or replace function public.link_legacy_data(p_dry_run boolean default false)
returns table (step text, rows bigint)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_steps text[];
    v_rows bigint[];
begin
    perform ticketdb.require_read_committed();
    perform pg_advisory_xact_lock(hashtextextended('ticketdb.link_legacy_data', 0));
    begin
        select array_agg(l.step order by l.n), array_agg(l.rows order by l.n) into v_steps, v_rows
        from ticketdb.link_steps() with ordinality as l (step, rows, n);
        if p_dry_run then
            raise exception using errcode = 'TKDRY', message = 'dry run';
        end if;
    exception
        when sqlstate 'TKDRY' then null;
    end;
    return query select n.step, n.rows from unnest(v_steps, v_rows) as n (step, rows);
end
$$;
revoke execute on function public.link_legacy_data(boolean) from public;
comment on function public.link_legacy_data(boolean) is
'Link legacy data

Makes events, schedules and reservations of the shows, daily classes and participants that the application keeps in its
own tables, and returns how many rows each step made. What cannot be linked stands in legacy_link_issues. Running it
again links what is new and changes nothing else. p_dry_run: counts only, everything is undone. Progress comes as notices: {"step", "done", "of"}. Errors:
invalid_argument.';
