-- Brings the coming places of a pass in line with its period and its pauses: those of paused days go back on sale; a monthly pass gets
-- places on occurrences after p_add_after where there is room. In one pass over the occurrences, so that seats are locked in order.
-- Called by suspend_pass and prolong_pass.
-- locks: event_passes (by the caller), ticket_reservations, then for each occurrence as cancel_sale or add_pass_place
-- raises: nothing about seats
create or replace function ticketdb.settle_places(
    p_pass_id bigint,
    p_add_after date,
    out places_released int,
    out places_added int,
    out full_schedules int[]
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass constant record := ticketdb.lock_pass(p_pass_id);
    v_day record;
begin
    places_released := 0;
    places_added := 0;
    full_schedules := '{}';
    perform ticketdb.lock_pass_places(p_pass_id);
    for v_day in
        select
            s.id as schedule_id, r.id as place,
            s.status <> 'cancelled' and not s.is_blocked and s.schedule_date > p_add_after and v_pass.kind = 'monthly' as is_new,
            exists (
                select
                from public.pass_pauses as p
                where p.pass_id = p_pass_id and s.schedule_date between p.paused_from and p.paused_until
            ) as is_paused
        from public.event_schedules as s
        left join public.ticket_reservations as r
            on r.pass_id = p_pass_id and r.schedule_id = s.id and r.status = 'confirmed'
        where s.event_definition_id = v_pass.event_definition_id
          and s.schedule_date between v_pass.starts_on and v_pass.ends_on
          and s.starts_at > now()
        order by s.id
    loop
        if v_day.is_paused and v_day.place is not null then
            perform ticketdb.cancel_sale(v_day.place, 'the pass is paused');
            places_released := places_released + 1;
        elsif v_day.is_new and not v_day.is_paused and v_day.place is null then
            begin
                perform ticketdb.add_pass_place(p_pass_id, v_day.schedule_id, v_pass.user_id, v_pass.contact);
                places_added := places_added + 1;
            exception
                when sqlstate 'PT409' then full_schedules := full_schedules || v_day.schedule_id;
            end;
        end if;
    end loop;
end
$$;
revoke execute on function ticketdb.settle_places(bigint, date) from public;
comment on function ticketdb.settle_places(bigint, date) is
'Bring the places of a pass in line with its period and pauses

p_add_after: on later dates it gets places; earlier ones stay as they are.';
