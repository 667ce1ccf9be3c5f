-- The holder of a pass does not come after all: before the occurrence begins its place goes back on sale, and the visit to the
-- pass. The inside of return_visit; a repeat answers like the first call.
-- locks: as cancel_sale
-- raises: invalid_argument (isolation), reservation_not_found, pass_not_valid, and what cancel_sale raises
create or replace function ticketdb.give_visit_back(p_reservation_id bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_place record;
begin
    perform ticketdb.require_read_committed();
    select r.pass_id, r.status, s.id as schedule_id, s.starts_at <= now() as has_begun into v_place
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.id = p_reservation_id and r.pass_id is not null;
    if not found then
        perform ticketdb.refuse_reservation(p_reservation_id);
    end if;
    if v_place.has_begun and v_place.status = 'confirmed' then
        perform ticketdb.refuse_pass_use(
            v_place.pass_id, 'begun', jsonb_build_object('schedule_id', v_place.schedule_id)
        );
    end if;
    perform ticketdb.cancel_sale(p_reservation_id, 'given back');
end
$$;
revoke execute on function ticketdb.give_visit_back(bigint) from public;
comment on function ticketdb.give_visit_back(bigint) is 'Give a place of a pass back before its occurrence begins';
