-- Locks all buckets of an occurrence and then its own row: nobody else frees a seat of it, or adds one, until the end of the
-- transaction. A bucket that came before the row was locked cannot be waited for any more: everything is given back, and locked
-- again. Called by enter_waitlist.
-- locks: as lock_buckets, then event_schedules
-- raises: nothing
create or replace function ticketdb.lock_occurrence(p_schedule_id int)
returns int[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_buckets int[];
begin
    loop
        begin
            v_buckets := ticketdb.lock_buckets(p_schedule_id);
            perform from public.event_schedules as s where s.id = p_schedule_id for no key update;
            exit when cardinality(v_buckets) = (
                select count(*)
                from ticketdb.seat_buckets as b
                where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
            );
            raise sqlstate 'TD001';
        exception
            when sqlstate 'TD001' then null;
        end;
    end loop;
    return v_buckets;
end
$$;
revoke execute on function ticketdb.lock_occurrence(int) from public;
comment on function ticketdb.lock_occurrence(int) is
'Lock all buckets of an occurrence, then the occurrence; returns their numbers';
