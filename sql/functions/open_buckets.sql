-- Makes the buckets of an occurrence when its first ticket is asked for: schedules that nobody buys from have none. One that was called
-- off meanwhile gets one without seats. Whoever
-- finds, with the occurrence locked, that somebody else has made them gives that lock back: sales lock their bucket first.
-- locks: event_schedules, only together with buckets that nobody else knows yet
-- raises: schedule_not_found
create or replace function ticketdb.open_buckets(p_schedule_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_capacity int;
begin
    if exists (
        select from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = 0 and b.bucket = 0
    ) then
        return;
    end if;
    -- not FOR UPDATE: rows that refer to the occurrence need not wait
    select case when s.status = 'cancelled' and s.cancelled_at is not null then 0 else s.max_tickets end into v_capacity
    from public.event_schedules as s
    where s.id = p_schedule_id
    for no key update;
    if not found then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    insert into ticketdb.seat_buckets (schedule_id, bucket, capacity)
    select p_schedule_id, n.bucket, 0
    from generate_series(0, ticketdb.bucket_count(v_capacity) - 1) as n (bucket)
    where not exists (
        select from ticketdb.seat_buckets as b where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
    );
    if not found then
        raise sqlstate 'TD001';
    end if;
    perform ticketdb.deal_seats(p_schedule_id, 0, v_capacity, 0, 0);
exception
    when sqlstate 'TD001' then null;
end
$$;
revoke execute on function ticketdb.open_buckets(int) from public;
comment on function ticketdb.open_buckets(int) is 'Make the buckets of an occurrence';
