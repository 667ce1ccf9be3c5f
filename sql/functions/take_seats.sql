-- Takes seats for a hold, of a ticket type too, and returns the bucket that they lie in. Called by take_offered_seats.
-- locks: as find_bucket
-- raises: what find_bucket raises
create or replace function ticketdb.take_seats(p_schedule_id int, p_ticket_type_id int, p_quantity int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_bucket constant int := ticketdb.find_bucket(p_schedule_id, p_ticket_type_id, p_quantity);
begin
    if not ticketdb.move_seats(p_schedule_id, 0, v_bucket, p_quantity, 0)
        or p_ticket_type_id is not null
        and not ticketdb.move_seats(p_schedule_id, p_ticket_type_id, v_bucket, p_quantity, 0)
    then
        raise exception 'bucket % of schedule % was locked and had room', v_bucket, p_schedule_id;
    end if;
    return v_bucket;
end
$$;
revoke execute on function ticketdb.take_seats(int, int, int) from public;
comment on function ticketdb.take_seats(int, int, int) is
'Take seats for a hold; returns their bucket

p_ticket_type_id may be null.';
