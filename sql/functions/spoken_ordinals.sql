-- Places in a row, those from the end last: first and third, 2nd to 8th, 1st, 15th and last. Called by spoken_rrule and what it asks.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_ordinals(p_places int[], p_last text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_in_figures constant boolean := exists (select from unnest(p_places) as p (n) where abs(p.n) > 5);
begin
    return ticketdb.spoken_runs(
        p_places,
        array(
            select ticketdb.spoken_ordinal(u.n, v_in_figures)
            from unnest(p_places) with ordinality as u (n, i)
            order by u.i
        ),
        p_last
    );
end
$$;
revoke execute on function ticketdb.spoken_ordinals(int[], text) from public;
comment on function ticketdb.spoken_ordinals(int[], text) is 'Places in a row in English; null for none

p_last: and, or or.';
