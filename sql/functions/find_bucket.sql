-- Finds a bucket with room for a party and locks it: the own one of this connection if it can, so that buyers at the same time
-- meet in different ones, then any other, and where their seats are scattered or in lapsed holds it gathers them. Called before
-- seats are taken.
-- locks: as open_buckets, open_type_buckets; then as try_bucket or gather_seats
-- raises: what look_for_seats raises
create or replace function ticketdb.find_bucket(p_schedule_id int, p_ticket_type_id int, p_quantity int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_type constant int := coalesce(p_ticket_type_id, 0);
    v_seats record;
    v_patience int := 20;
begin
    loop
        v_seats := ticketdb.look_for_seats(p_schedule_id, v_type, p_quantity);
        if v_seats.own_bucket is null then
            perform ticketdb.open_buckets(p_schedule_id);
            continue;
        end if;
        if not v_seats.are_open then
            perform ticketdb.open_type_buckets(p_schedule_id, v_type);
            continue;
        end if;
        if v_seats.bucket_with_room is not null then
            if ticketdb.try_bucket(p_schedule_id, v_type, v_seats.bucket_with_room, p_quantity) then
                return v_seats.bucket_with_room;
            end if;
            continue;
        end if;

        -- as in try_bucket, no lock may stay behind where this does not come to an end
        begin
            -- those of the occurrence last: what lapsed holds of the type gave back was offered to those who wait
            if (v_type = 0 or ticketdb.gather_seats(p_schedule_id, v_type, v_seats.own_bucket, p_quantity))
                and ticketdb.gather_seats(p_schedule_id, 0, v_seats.own_bucket, p_quantity)
            then
                return v_seats.own_bucket;
            end if;
            raise sqlstate 'TD001';
        exception
            when sqlstate 'TD001' then null;
        end;
        -- a lapsed hold is just being paid: mostly that has ended in a moment. Who pays may wait for this very transaction, so
        -- there is no lock to wait for
        v_patience := v_patience - 1;
        if v_patience = 0 then
            if v_seats.free < p_quantity then
                perform ticketdb.refuse_sold_out(p_schedule_id, 0, v_seats.free, p_quantity);
            else
                perform ticketdb.refuse_sold_out(p_schedule_id, v_type, v_seats.free_of_type, p_quantity);
            end if;
        end if;
        perform pg_sleep(0.01);
    end loop;
end
$$;
revoke execute on function ticketdb.find_bucket(int, int, int) from public;
comment on function ticketdb.find_bucket(int, int, int) is
'Lock a bucket that has room for a party, and return its number

p_ticket_type_id may be null.';
