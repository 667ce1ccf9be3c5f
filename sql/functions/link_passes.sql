-- Makes a pass of each monthly participant whose places in a class are linked, by this run or an earlier one; what he paid is its
-- price, and his places name it. By ranges of ids, so that memory stays flat. A step of link_legacy_data.
-- locks: event_passes (new rows), ticket_reservations
-- raises: nothing
create or replace function ticketdb.link_passes()
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
    v_made bigint := 0;
    v_done bigint := 0;
    v_of bigint;
begin
    select count(*) into v_of
    from public.program_participants as pp
    where lower(btrim(pp.subscription_type)) = 'monthly';
    loop
        select max(n.id), count(*) into v_to, v_rows
        from (
            select pp.id
            from public.program_participants as pp
            where pp.id > v_after and lower(btrim(pp.subscription_type)) = 'monthly'
            order by pp.id
            limit v_chunk
        ) as n;
        exit when v_to is null;
        v_done := v_done + v_rows;

        perform
        from public.ticket_reservations as r
        where r.participant_id > v_after and r.participant_id <= v_to and r.pass_id is null
        order by r.id
        for no key update;
        insert into public.event_passes (
            event_definition_id, user_id, participant_id, kind, starts_on, ends_on, visits, price, status, expires_at, origin,
            created_at, confirmed_at, closed_at
        )
        select
            n.event_definition_id, n.user_id, n.participant_id, 'monthly', n.starts_on, n.ends_on, n.places, n.price,
            case when n.is_active then 'active' else 'cancelled' end, n.booked_at, 'legacy', n.booked_at, n.booked_at,
            case when not n.is_active then n.closed_at end
        from (
            select
                r.participant_id, s.event_definition_id, max(r.user_id) as user_id,
                least(min(pp.start_date::date) filter (where isfinite(pp.start_date)), min(s.schedule_date)) as starts_on,
                greatest(max(pp.end_date::date) filter (where isfinite(pp.end_date)), max(s.schedule_date)) as ends_on,
                count(*) as places, sum(r.total_amount) as price,
                bool_or(r.status = 'confirmed') as is_active, min(r.created_at) as booked_at, max(r.closed_at) as closed_at,
                row_number() over (partition by r.participant_id order by min(s.schedule_date)) as n
            from public.ticket_reservations as r
            inner join public.program_participants as pp on pp.id = r.participant_id
            inner join public.event_schedules as s on s.id = r.schedule_id
            inner join public.event_definitions as d on d.id = s.event_definition_id
            where r.participant_id > v_after and r.participant_id <= v_to
              and r.pass_id is null
              and lower(btrim(pp.subscription_type)) = 'monthly'
              -- somebody entered for a show has a ticket, whatever his entry says
              and d.recurrence_type <> 'none'
            group by r.participant_id, s.event_definition_id
        ) as n
        -- a place that was moved to another event since belongs to that
        where n.n = 1
        order by n.participant_id
        on conflict do nothing;
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;
        update public.ticket_reservations as r
        set pass_id = e.id
        from public.event_passes as e, public.event_schedules as s
        where e.participant_id > v_after and e.participant_id <= v_to
          and r.participant_id = e.participant_id and r.pass_id is null
          and s.id = r.schedule_id and s.event_definition_id = e.event_definition_id;
        v_after := v_to;
        perform ticketdb.legacy_progress('passes', v_done, v_of);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_passes() from public;
comment on function ticketdb.link_passes() is 'Make passes of the monthly participants whose places are linked';
