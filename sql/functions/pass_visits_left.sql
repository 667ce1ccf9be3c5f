-- What a pass is still good for: visits that have no place yet, or places of a monthly pass that are yet to come.
-- Called by pass_receipt and v_event_passes.
-- locks: none
-- raises: nothing
create or replace function ticketdb.pass_visits_left(p_pass_id bigint)
returns int
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select
            case
                when e.status <> 'active' then 0
                when e.kind = 'visits' then e.visits - e.visits_used
                else (
                    select count(*)::int
                    from public.ticket_reservations as r
                    inner join public.event_schedules as s on s.id = r.schedule_id
                    where r.pass_id = e.id and r.status = 'confirmed' and s.starts_at > now()
                )
            end
        from public.event_passes as e
        where e.id = p_pass_id
    );
end
$$;
revoke execute on function ticketdb.pass_visits_left(bigint) from public;
comment on function ticketdb.pass_visits_left(bigint) is 'Visits, or coming places of a monthly pass, that are left';
