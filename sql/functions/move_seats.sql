-- Moves held and sold seats of one bucket in a single guarded update: correct whatever runs beside it. False where it has no
-- room for them. Seats that come back to an occurrence that was called off are gone: a buyer who has waited for their bucket since
-- before it was finds none. Called by count_seats and take_seats alone.
-- locks: ticketdb.seat_buckets
-- raises: nothing
create or replace function ticketdb.move_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_bucket int,
    p_held int,
    p_sold int
)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_moved boolean;
begin
    update ticketdb.seat_buckets as b
    set held = b.held + p_held, sold = b.sold + p_sold
    where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id and b.bucket = p_bucket
      -- giving back always works; taking only what is there
      and (p_held + p_sold <= 0 or b.capacity is null or b.held + b.sold + p_held + p_sold <= b.capacity);
    v_moved := found;
    if p_held + p_sold < 0 and p_ticket_type_id = 0 then
        update ticketdb.seat_buckets as b
        set capacity = b.held + b.sold
        from public.event_schedules as s
        where s.id = p_schedule_id and s.status = 'cancelled' and s.cancelled_at is not null
          and b.schedule_id = p_schedule_id and b.ticket_type_id = 0 and b.bucket = p_bucket;
    end if;
    return v_moved;
end
$$;
revoke execute on function ticketdb.move_seats(int, int, int, int, int) from public;
comment on function ticketdb.move_seats(int, int, int, int, int) is
'Move seats of one bucket; false where there is no room

p_ticket_type_id: 0 means the whole occurrence; p_held, p_sold: seats to add, negative to take off.';
