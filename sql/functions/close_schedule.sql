-- Calls an occurrence off and takes hold of everything that is held and sold of it, so that nothing is left behind: with its buckets
-- locked nobody takes a seat, and those who wait for one find none, for their capacity becomes what is taken. What is just being paid or given up is
-- waited for with the buckets given back. After a few attempts holds that are being paid are left to whoever pays them:
-- seat_paid_reservation looks again at the end, and makes refunds of them. Called by call_off_schedule; the capacity comes back
-- with resize_schedule when the occurrence is put on again.
-- locks: ticket_reservations, ticketdb.seat_buckets, event_schedules
-- raises: nothing
create or replace function ticketdb.close_schedule(p_schedule_id int, p_reason text, p_at timestamptz)
returns bigint[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_patience int := 10;
    v_buckets int[];
    v_ids bigint[];
begin
    loop
        v_ids := ticketdb.lock_live_reservations(p_schedule_id, true);
        v_patience := v_patience - 1;
        -- the inner transaction gives back the buckets where somebody who needs one has a reservation, as in try_bucket
        begin
            v_buckets := coalesce(ticketdb.lock_buckets(p_schedule_id), '{}');
            v_ids := ticketdb.lock_live_reservations(p_schedule_id, false);
            if exists (
                select from public.ticket_reservations as r
                where r.schedule_id = p_schedule_id and r.id <> all (v_ids)
                  and (r.status = 'confirmed' or r.status = 'held' and v_patience > 0)
            ) then
                raise sqlstate 'TD001';
            end if;
            update public.event_schedules as s
            set status = 'cancelled', cancelled_at = p_at, cancel_reason = p_reason
            where s.id = p_schedule_id;
            -- with its row locked nobody makes another bucket; one that was made meanwhile may have been sold from
            if exists (
                select from ticketdb.seat_buckets as b
                where b.schedule_id = p_schedule_id and b.ticket_type_id = 0 and b.bucket <> all (v_buckets)
            ) then
                raise sqlstate 'TD001';
            end if;
            return v_ids;
        exception
            when sqlstate 'TD001' then null;
        end;
    end loop;
end
$$;
revoke execute on function ticketdb.close_schedule(int, text, timestamptz) from public;
comment on function ticketdb.close_schedule(int, text, timestamptz) is
'Call an occurrence off and lock what is held and sold of it; returns the ids of these reservations';
