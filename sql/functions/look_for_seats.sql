-- Looks for seats for a party: a bucket that has room, or all of them together with what lapsed holds give back and nobody waits
-- for; what does not fit into that is refused. Stable, so that all is counted in one snapshot, in which seats that somebody is just
-- taking are still free: nobody is refused while there is room, and whoever is refused has locked nothing, written nothing and waited
-- for nobody. Called by find_bucket, and ahead of any lock by take_offered_seats.
-- locks: none
-- raises: schedule_not_found, ticket_type_not_found, sold_out, ticket_type_sold_out
create or replace function ticketdb.look_for_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_quantity int,
    out own_bucket int,
    out bucket_with_room int,
    out free int,
    out free_of_type int,
    out are_open boolean
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_left int;
    v_lapsed int;
    v_left_of_type int;
begin
    select s.own_bucket, s.bucket_with_room, s.free, s.free_of_type, s.are_open
    into own_bucket, bucket_with_room, free, free_of_type, are_open
    from ticketdb.free_seats(p_schedule_id, p_ticket_type_id, p_quantity) as s;
    if bucket_with_room is not null and are_open then
        return;
    end if;

    if own_bucket is null then
        select s.max_tickets into free
        from public.event_schedules as s
        where s.id = p_schedule_id;
        if not found then
            perform ticketdb.refuse_schedule(p_schedule_id);
        end if;
    end if;
    v_left := free;
    if v_left < p_quantity then
        v_lapsed := ticketdb.lapsed_seats(p_schedule_id);
        if v_lapsed > 0 then
            v_left := ticketdb.seats_past_waitlist(p_schedule_id, v_left, v_lapsed);
        end if;
    end if;
    if v_left < p_quantity then
        perform ticketdb.refuse_sold_out(p_schedule_id, 0, v_left, p_quantity);
    end if;
    if p_ticket_type_id <> 0 then
        v_left_of_type := ticketdb.type_seats(p_schedule_id, p_ticket_type_id);
        if v_left_of_type < p_quantity then
            perform ticketdb.refuse_sold_out(p_schedule_id, p_ticket_type_id, v_left_of_type, p_quantity);
        end if;
    end if;
end
$$;
revoke execute on function ticketdb.look_for_seats(int, int, int) from public;
comment on function ticketdb.look_for_seats(int, int, int) is
'Look for seats for a party

p_ticket_type_id: 0 means none. own_bucket is null where no bucket was made yet; are_open is false where the ticket type lacks one.';
