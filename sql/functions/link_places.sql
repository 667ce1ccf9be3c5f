-- Makes a reservation of each place that a participant holds: a day of a class, each day of a pass, a show that he was entered for
-- directly. His own booking names the first of them. By ranges of ids, so that memory stays flat. A step of link_legacy_data.
-- locks: bookings, ticket_reservations, then as link_capacity
-- raises: nothing
create or replace function ticketdb.link_places()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- a pass has some thirty places
    v_chunk constant int := 4000;
    v_after bigint := -1;
    v_to bigint;
    v_rows bigint;
    v_first bigint;
    v_made bigint := 0;
    v_done bigint := 0;
    v_of bigint;
    v_schedules int[];
    v_quantities bigint[];
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    select count(*) into v_of
    from public.program_participants as pp
    left join public.bookings as b on b.id = pp.booking_id
    where pp.event_schedule_id is null and pp.is_active is not false
      and (b.id is null or b.is_admin_booking or b.booking_type is null or b.booking_type not like 'live-%');
    loop
        select max(n.id), count(*) into v_to, v_rows
        from (
            select pp.id
            from public.program_participants as pp
            left join public.bookings as b on b.id = pp.booking_id
            where pp.id > v_after and pp.event_schedule_id is null and pp.is_active is not false
              and (b.id is null or b.is_admin_booking or b.booking_type is null or b.booking_type not like 'live-%')
            order by pp.id
            limit v_chunk
        ) as n;
        exit when v_to is null;
        v_done := v_done + v_rows;
        -- bookings come first in the lock order, and are not to change under the step
        perform from public.bookings as b
        where b.is_admin_booking is not true and b.id in (
            select pp.booking_id from public.program_participants as pp where pp.id > v_after and pp.id <= v_to
        )
        order by b.id
        for no key update;

        insert into public.legacy_link_issues (source_table, source_id, problem, detail)
        select 'program_participants', p.participant_id, p.problem, p.detail
        from ticketdb.legacy_places(v_after, v_to) as p
        where p.problem is not null
        order by p.participant_id
        on conflict on constraint one_issue_per_source do nothing;

        select array_agg(n.schedule_id), array_agg(n.quantity) into v_schedules, v_quantities
        from (
            select p.schedule_id, sum(p.quantity) as quantity
            from ticketdb.legacy_places(v_after, v_to) as p
            where p.schedule_id is not null
            group by p.schedule_id
        ) as n;
        perform ticketdb.link_capacity(v_schedules, v_quantities);

        -- without seats at first: the update below counts them once for each occurrence, not once for each row
        with made as (
            insert into public.ticket_reservations (
                schedule_id, user_id, booking_id, participant_id, quantity, unit_price, total_amount, status, expires_at,
                origin, created_at, confirmed_at, bucket
            )
            select
                p.schedule_id, p.user_id, p.booking_id, p.participant_id, p.quantity, p.unit_price, p.total_amount,
                'released', p.booked_at, 'legacy', p.booked_at, p.booked_at, 0
            from ticketdb.legacy_places(v_after, v_to) as p
            where p.schedule_id is not null
            order by p.participant_id, p.schedule_id
            returning id
        )
        select min(m.id), count(*) into v_first, v_rows from made as m;
        -- now, for a place is written only once more
        perform ticketdb.make_legacy_passes(v_after, v_to, v_first);
        update public.ticket_reservations as r
        set
            status = 'confirmed',
            pass_id = (
                -- one for each participant, and found by him alone whatever is known of so new a table
                select
                    case
                        when e.event_definition_id = (
                            select s.event_definition_id from public.event_schedules as s where s.id = r.schedule_id
                        ) then e.id
                    end
                from public.event_passes as e
                where e.participant_id = r.participant_id
            )
        where r.id >= v_first and r.origin = 'legacy' and r.bucket = 0 and r.status = 'released';
        update public.bookings as b
        set event_schedule_id = r.schedule_id
        from public.ticket_reservations as r
        where r.id >= v_first and r.origin = 'legacy' and r.booking_id = b.id;
        v_made := v_made + v_rows;
        v_after := v_to;
        perform ticketdb.legacy_progress('places', v_done, v_of);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_places() from public;
comment on function ticketdb.link_places() is
'Make a reservation of each place that a participant holds; returns how many';
