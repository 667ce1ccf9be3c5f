-- Says that an imported participant has a place on an occurrence already, and be it a cancelled one: importing again must not make
-- another. Called by move_sale where an index would not have it; raises nothing where that was another.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.refuse_second_place(p_reservation_id bigint, p_schedule_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_place_id constant bigint := (
        select o.id
        from public.ticket_reservations as r
        inner join public.ticket_reservations as o on o.participant_id = r.participant_id and o.id <> r.id
        where r.id = p_reservation_id and o.schedule_id = p_schedule_id
    );
begin
    if v_place_id is not null then
        perform ticketdb.raise_error(
            'invalid_argument',
            format('the participant of reservation %s has reservation %s on schedule %s', p_reservation_id, v_place_id, p_schedule_id),
            'Where that one is cancelled, move_reservation of it to the same schedule gives it its place back.',
            jsonb_build_object('reservation_id', v_place_id, 'schedule_id', p_schedule_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.refuse_second_place(bigint, int) from public;
comment on function ticketdb.refuse_second_place(bigint, int) is 'Raise invalid_argument for a second place of an imported participant';
