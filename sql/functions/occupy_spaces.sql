-- Brings the occupations of some occurrences and bookings up to what they claim now (space_claims): what is claimed no more goes, what
-- is new comes, the rest stays. Time that they had already they may keep, even where it overlaps; new time must be free. What they
-- give up goes to those who shared it. Called by the triggers of both tables and of event_definitions, and by fill_space_occupations.
-- p_keep: overlaps are kept rather than refused, as within link_legacy_data.
-- locks: bookings (those that occurrences name), event_definitions (share), space_occupations; waits for whoever is just taking the same time
-- raises: slot_conflict
create or replace function ticketdb.occupy_spaces(
    p_schedules int[],
    p_bookings bigint[],
    p_keep boolean default false
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_keep constant boolean := p_keep or coalesce(current_setting('ticketdb.keep_overlaps', true) = 'on', false);
    -- elsewhere "on conflict" would end in 40001
    v_at_once constant boolean := current_setting('transaction_isolation') = 'read committed';
    v_gone ticketdb.space_occupations[];
    v_freed ticketdb.space_occupations[];
    v_left ticketdb.space_occupations[];
    v_made ticketdb.space_occupations[];
    v_heirs ticketdb.space_occupations[];
    v_more ticketdb.space_occupations[];
    v_claim ticketdb.space_occupations;
begin
    perform from public.bookings as b where b.id = any (p_bookings) order by b.id for no key update;
    perform
    from public.event_definitions as d
    where d.id in (select s.event_definition_id from public.event_schedules as s where s.id = any (p_schedules))
    order by d.id
    for share;

    with claims as materialized (
        -- not by space_claims: its ids, made alike, are found by no index
        select 'schedule' as source, s.schedule_id::bigint as source_id, s.space_id, s.starts_at, s.ends_at
        from ticketdb.schedule_claims as s
        where s.schedule_id = any (p_schedules)
        union all
        select 'booking', b.booking_id, b.space_id, b.starts_at, b.ends_at
        from ticketdb.booking_claims as b
        where b.booking_id = any (p_bookings)
    ),
    gone as (
        delete from ticketdb.space_occupations as o
        where (
            (o.source = 'schedule' and o.source_id = any (p_schedules))
            or (o.source = 'booking' and o.source_id = any (p_bookings))
        )
        and not exists (
            select from claims as c
            where (c.source, c.source_id, c.space_id, c.starts_at, c.ends_at)
                = (o.source, o.source_id, o.space_id, o.starts_at, o.ends_at)
        )
        returning o.*
    ),
    missing as materialized (
        select
            c.source, c.source_id, c.space_id, c.starts_at, c.ends_at,
            tstzmultirange(tstzrange(c.starts_at, c.ends_at)) as holds
        from claims as c
        where not exists (
            select from ticketdb.space_occupations as o
            where (o.source, o.source_id, o.space_id, o.starts_at, o.ends_at)
                = (c.source, c.source_id, c.space_id, c.starts_at, c.ends_at)
        )
    ),
    placed as (
        insert into ticketdb.space_occupations as o (source, source_id, space_id, starts_at, ends_at, holds)
        select m.source, m.source_id, m.space_id, m.starts_at, m.ends_at, m.holds
        from missing as m
        -- what goes must be gone first
        where v_at_once and (select count(*) from gone) >= 0
        order by m.space_id, m.starts_at
        on conflict on constraint space_taken_once do nothing
        returning o.source, o.source_id, o.starts_at
    )
    select
        (select array_agg(row(g.*)::ticketdb.space_occupations) from gone as g),
        (
            -- less what they take again, as an occurrence does from the booking that announced it
            select array_agg(
                row(g.source, g.source_id, g.space_id, g.starts_at, g.ends_at, f.holds)::ticketdb.space_occupations
            )
            from gone as g
            cross join lateral (
                select g.holds - coalesce(range_agg(m.holds), '{}') as holds
                from missing as m
                where m.space_id = g.space_id and m.starts_at < g.ends_at and m.ends_at > g.starts_at
            ) as f
            where not isempty(f.holds)
        ),
        (
            select array_agg(row(m.*)::ticketdb.space_occupations order by m.space_id, m.starts_at)
            from missing as m
            where not exists (
                select from placed as p
                where (p.source, p.source_id, p.starts_at) = (m.source, m.source_id, m.starts_at)
            )
        ),
        (select array_agg(row(m.*)::ticketdb.space_occupations) from missing as m)
    into v_gone, v_freed, v_left, v_made;

    foreach v_claim in array coalesce(v_left, '{}') loop
        perform ticketdb.occupy_around(
            v_claim.source, v_claim.source_id, v_claim.space_id, v_claim.starts_at, v_claim.ends_at,
            case when not v_keep then ticketdb.time_given_up(
                array(select tstzrange(g.starts_at, g.ends_at) from unnest(v_gone) as g where g.space_id = v_claim.space_id),
                array(select tstzrange(m.starts_at, m.ends_at) from unnest(v_made) as m where m.space_id = v_claim.space_id)
            ) end,
            v_keep
        );
    end loop;

    -- those who shared what was given up come to it after the others, who met them with what they had
    while v_freed is not null loop
        with heirs as (
            delete from ticketdb.space_occupations as o
            using unnest(v_freed) as g
            where o.space_id = g.space_id
              and o.holds <> tstzmultirange(tstzrange(o.starts_at, o.ends_at))
              and tstzrange(o.starts_at, o.ends_at) && g.holds
            returning o.*
        )
        select array_agg(row(h.*)::ticketdb.space_occupations) into v_more from heirs as h;
        exit when v_more is null;
        v_heirs := v_heirs || v_more;
    end loop;
    foreach v_claim in array coalesce(v_heirs, '{}') loop
        perform ticketdb.occupy_around(
            v_claim.source, v_claim.source_id, v_claim.space_id, v_claim.starts_at, v_claim.ends_at, null, true
        );
    end loop;
end
$$;
revoke execute on function ticketdb.occupy_spaces(int[], bigint[], boolean) from public;
comment on function ticketdb.occupy_spaces(int[], bigint[], boolean) is
'Bring the occupations of some occurrences and bookings up to date

p_keep: keep overlaps rather than refuse them.';
