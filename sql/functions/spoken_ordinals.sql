-- Places in a row, those from the end last: first and third, 2nd to 8th, 1st, 15th and last. Called by spoken_rrule and what it asks.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_ordinals(p_places int[], p_last text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return ticketdb.spoken_list(
        array(
            select w.words
            from (
                select
                    min(r.n) as first, max(r.n) as last,
                    -- what is counted from the end is said one by one
                    min(r.n) > 0 and max(r.n) - min(r.n) > 1 as is_run,
                    bool_or(max(abs(r.n)) > 5) over () as in_figures
                from (
                    select u.n, u.n - row_number() over (order by u.n) as run
                    from (select distinct p.n from unnest(p_places) as p (n)) as u
                ) as r
                group by r.run
            ) as g
            cross join lateral (
                select g.first, ticketdb.spoken_ordinal(g.first, g.in_figures) || ' to ' || ticketdb.spoken_ordinal(g.last, g.in_figures) as words
                where g.is_run
                union all
                select s.n, ticketdb.spoken_ordinal(s.n, g.in_figures)
                from generate_series(g.first, g.last) as s (n)
                where not g.is_run
            ) as w
            order by w.first < 0, w.first
        ),
        p_last
    );
end
$$;
revoke execute on function ticketdb.spoken_ordinals(int[], text) from public;
comment on function ticketdb.spoken_ordinals(int[], text) is 'Places in a row in English; null for none

p_last: and, or or.';
