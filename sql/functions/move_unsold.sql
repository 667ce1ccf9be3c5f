-- Gives those of moved_schedules of which no ticket is held or sold the instants that their zone's rules say now; returns how many.
-- With its buckets locked nobody buys a ticket of one meanwhile. The inside of move_unsold_schedules.
-- locks: for each occurrence, by id: ticketdb.seat_buckets, event_schedules
-- raises: invalid_argument
create or replace function ticketdb.move_unsold()
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_moved int := 0;
    v_schedule_id int;
begin
    perform ticketdb.require_read_committed();
    for v_schedule_id in
        select m.schedule_id from ticketdb.moved_schedules() as m where m.tickets_taken = 0 order by m.schedule_id
    loop
        perform ticketdb.lock_buckets(v_schedule_id);
        -- naming the column fires derive_schedule_times
        update public.event_schedules as s
        set start_time = s.start_time
        where s.id = v_schedule_id
          and not exists (
              select from ticketdb.seat_buckets as b
              where b.schedule_id = s.id and b.ticket_type_id = 0 and b.held + b.sold > 0
          );
        v_moved := v_moved + case when found then 1 else 0 end;
    end loop;
    return v_moved;
end
$$;
revoke execute on function ticketdb.move_unsold() from public;
comment on function ticketdb.move_unsold() is 'Move unsold occurrences to the instants of their zone''s rules';
