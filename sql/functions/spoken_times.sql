-- The times of day that a rule names. Where it names hours or minutes alone, its DTSTART says the other. Called by spoken_rrule.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_times(p_hours int[], p_minutes int[])
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_times text[];
begin
    if p_hours is null then
        return 'at ' || ticketdb.spoken_list(
            array(select distinct m.n from unnest(p_minutes) as m (n) order by m.n)::text[], 'and'
        ) || case when p_minutes = array[1] then ' minute past the hour' else ' minutes past the hour' end;
    end if;
    v_times := array(
        select distinct to_char(make_time(h.n, m.n, 0), 'HH24:MI')
        from unnest(p_hours) as h (n)
        cross join unnest(coalesce(p_minutes, array[0])) as m (n)
        order by 1
    );
    return case
        when p_minutes is not null then 'at '
        when cardinality(v_times) = 1 then 'in the hour from '
        else 'in the hours from '
    end || ticketdb.spoken_list(v_times, 'and');
end
$$;
revoke execute on function ticketdb.spoken_times(int[], int[]) from public;
comment on function ticketdb.spoken_times(int[], int[]) is
'Times of day in English; null where there are none

p_hours, p_minutes: BYHOUR and BYMINUTE.';
