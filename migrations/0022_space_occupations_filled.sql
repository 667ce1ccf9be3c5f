-- transactional: false
-- Enters the occurrences and bookings that were there before 0021, those that may be on sale last. By hundreds, each in a transaction of
-- its own: a writer waits for no more than the hundreds that his row is among. What is entered already is passed over, so a run that
-- was interrupted is run again. Overlaps are kept: v_space_conflicts lists them.

do $$
declare
    v_some record;
begin
    for v_some in
        select
            array_agg(n.source_id) filter (where n.source = 'booking') as bookings,
            array_agg(n.source_id::int) filter (where n.source = 'schedule') as schedules
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
        commit;
    end loop;
end
$$;
