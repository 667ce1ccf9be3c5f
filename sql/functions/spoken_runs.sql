-- Numbers in their order by their words, those from the end last, three and more in a row as such: Monday to Friday, 2nd to 8th. What is
-- counted from the end is said one by one. Called by spoken_names and spoken_ordinals.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_runs(p_numbers int[], p_words text[], p_last text)
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
                    min(r.n) as first, min(r.n) > 0 and max(r.n) - min(r.n) > 1 as is_run,
                    array_agg(r.words order by r.n) as words
                from (
                    select u.n, u.words, u.n - row_number() over (order by u.n) as run
                    from (select distinct x.n, x.words from unnest(p_numbers, p_words) as x (n, words)) as u
                ) as r
                group by r.run
            ) as g
            cross join lateral unnest(
                case when g.is_run then array[g.words[1] || ' to ' || g.words[cardinality(g.words)]] else g.words end
            ) with ordinality as w (words, "position")
            order by g.first < 0, g.first, w.position
        ),
        p_last
    );
end
$$;
revoke execute on function ticketdb.spoken_runs(int[], text[], text) from public;
comment on function ticketdb.spoken_runs(int[], text[], text) is
'Numbers in English, those in a row as such; null for none

p_words: one for each of p_numbers; p_last: and, or or.';
