-- Weekdays or months by their numbers, three and more in a row as such: Monday to Friday, March and September. Called by spoken_rrule.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_names(p_numbers int[], p_names text[], p_last text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return ticketdb.spoken_runs(
        p_numbers, array(select p_names[u.n] from unnest(p_numbers) with ordinality as u (n, i) order by u.i), p_last
    );
end
$$;
revoke execute on function ticketdb.spoken_names(int[], text[], text) from public;
comment on function ticketdb.spoken_names(int[], text[], text) is
'Names of weekdays or months in English; null for none

p_numbers: from 1; p_names: all that there are; p_last: and, or or.';
