-- The time that the occupations of a space which one change ends leave to those that it begins: the moments at which as many go as
-- come. There a new one may overlap what else is there, as an overlap that was kept does; everywhere else it would make one more of
-- those who have that moment. Called by occupy_spaces.
-- locks: none
-- raises: nothing
create or replace function ticketdb.time_given_up(p_gone tstzrange[], p_made tstzrange[])
returns tstzmultirange
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(range_agg(tstzrange(b.at, b.until)), '{}')
    from (
        select c.at, lead(c.at) over w as until, sum(sum(c.spare)) over w as spare
        from (
            select e.at, e.spare
            from unnest(p_gone) as g (period)
            cross join lateral (values (lower(g.period), 1), (upper(g.period), -1)) as e (at, spare)
            union all
            select e.at, e.spare
            from unnest(p_made) as m (period)
            cross join lateral (values (lower(m.period), -1), (upper(m.period), 1)) as e (at, spare)
        ) as c
        group by c.at
        window w as (order by c.at)
    ) as b
    where b.until is not null and b.spare >= 0;
$$;
revoke execute on function ticketdb.time_given_up(tstzrange[], tstzrange[]) from public;
comment on function ticketdb.time_given_up(tstzrange[], tstzrange[]) is
'The time in a space at which no more occupations begin than end

p_gone, p_made: those that end and those that begin.';
