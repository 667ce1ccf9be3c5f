-- Enters who occupies which space where that is not known yet, and mends it where it is wrong; overlaps that it finds are kept. Called
-- by hand: after the database's time zone was changed, or rows were written with triggers off. The migration that filled the table
-- did the same, but committed in between. Occurrences that may be on sale come last, so that their sales wait for no more than they must.
-- locks: bookings and event_schedules (share) that differ, then as occupy_spaces
-- raises: nothing
create or replace function ticketdb.fill_space_occupations()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_some record;
    v_mended bigint := 0::bigint;
begin
    for v_some in
        select
            array_agg(n.source_id) filter (where n.source = 'booking') as bookings,
            array_agg(n.source_id::int) filter (where n.source = 'schedule') as schedules,
            count(*) as number
        from (
            select d.source, d.source_id, row_number() over (order by d.source, s.ends_at > now(), d.source_id) as place
            from (select distinct p.source, p.source_id from ticketdb.space_problems as p) as d
            left join public.event_schedules as s on d.source = 'schedule' and s.id = d.source_id
        ) as n
        group by n.place / 500
        order by n.place / 500
    loop
        perform from public.event_schedules as s where s.id = any (v_some.schedules) order by s.id for share;
        perform ticketdb.occupy_spaces(coalesce(v_some.schedules, '{}'), coalesce(v_some.bookings, '{}'), true);
        v_mended := v_mended + v_some.number;
    end loop;
    return v_mended;
end
$$;
revoke execute on function ticketdb.fill_space_occupations() from public;
comment on function ticketdb.fill_space_occupations() is
'Enter or mend who occupies which space; returns for how many schedules and bookings';
