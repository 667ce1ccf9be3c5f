-- Lets the participants name the occurrence they come to: that of their purchase, or of their first place. A step of
-- link_legacy_data, after the reservations are made.
-- locks: program_participants
-- raises: nothing
create or replace function ticketdb.link_attendance()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_chunk constant int := 20000;
    v_after bigint := -1;
    v_to bigint;
    v_rows bigint;
    v_made bigint := 0;
    v_done bigint := 0;
    v_of bigint;
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    select count(*) into v_of
    from public.program_participants as pp
    where pp.event_schedule_id is null and pp.is_active is not false;
    loop
        select max(n.id), count(*) into v_to, v_rows
        from (
            select pp.id
            from public.program_participants as pp
            where pp.id > v_after and pp.event_schedule_id is null and pp.is_active is not false
            order by pp.id
            limit v_chunk
        ) as n;
        exit when v_to is null;
        v_done := v_done + v_rows;

        update public.program_participants as pp
        set event_schedule_id = o.schedule_id
        from (
            select p.id, b.event_schedule_id as schedule_id
            from public.program_participants as p
            inner join public.bookings as b on b.id = p.booking_id
            where p.id > v_after and p.id <= v_to
              and b.booking_type like 'live-%' and b.is_admin_booking is not true and b.event_schedule_id is not null
            union all
            (
                select distinct on (r.participant_id) r.participant_id, r.schedule_id
                from public.ticket_reservations as r
                inner join public.event_schedules as s on s.id = r.schedule_id
                where r.participant_id > v_after and r.participant_id <= v_to
                  and r.origin = 'legacy' and r.status = 'confirmed'
                order by r.participant_id, s.schedule_date
            )
        ) as o
        where pp.id = o.id and pp.event_schedule_id is null and pp.is_active is not false;
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;
        v_after := v_to;
        perform ticketdb.legacy_progress('participants', v_done, v_of);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_attendance() from public;
comment on function ticketdb.link_attendance() is
'Let participants name the occurrence they come to; returns how many';
