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
    return ticketdb.spoken_list(
        array(
            select w.words
            from (
                select g.first, g.last, g.last - g.first > 1 as is_run
                from (
                    select min(r.n) as first, max(r.n) as last
                    from (
                        select u.n, u.n - row_number() over (order by u.n) as run
                        from (select distinct x.n from unnest(p_numbers) as x (n)) as u
                    ) as r
                    group by r.run
                ) as g
            ) as g
            cross join lateral (
                select g.first, p_names[g.first] || ' to ' || p_names[g.last] as words
                where g.is_run
                union all
                select m.n, p_names[m.n]
                from generate_series(g.first, g.last) as m (n)
                where not g.is_run
            ) as w
            order by w.first
        ),
        p_last
    );
end
$$;
revoke execute on function ticketdb.spoken_names(int[], text[], text) from public;
comment on function ticketdb.spoken_names(int[], text[], text) is
'Names of weekdays or months in English; null for none

p_numbers: from 1; p_names: all that there are; p_last: and, or or.';
