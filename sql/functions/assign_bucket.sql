-- Finds a bucket for a reservation that takes seats and names none, whoever wrote it. Called by trigger after it was written, for
-- every row but those of the fast path of hold_tickets, which name their bucket. One without seats only makes sure
-- of its occurrence and ticket type.
-- locks: as find_bucket, then (by trigger) as count_seats; without seats ticket_types and ticketdb.seat_buckets (key share)
-- raises: invalid_argument (isolation) and what find_bucket raises
create or replace function ticketdb.assign_bucket()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.status not in ('held', 'confirmed') then
        if tg_op = 'UPDATE' and (new.schedule_id, new.ticket_type_id) is not distinct from (old.schedule_id, old.ticket_type_id) then
            return null;
        end if;
        if new.ticket_type_id is not null then
            perform from public.ticket_types as t where t.id = new.ticket_type_id for key share;
            if not found then
                perform ticketdb.refuse_ticket_type(new.schedule_id, new.ticket_type_id);
            end if;
        end if;
        -- what refuse_reserved waits for
        perform ticketdb.open_buckets(new.schedule_id);
        perform from ticketdb.seat_buckets as b
        where b.schedule_id = new.schedule_id and b.ticket_type_id = 0 and b.bucket = 0
        for key share;
        return null;
    end if;
    if new.bucket is not null then
        return null;
    end if;
    perform ticketdb.require_read_committed();
    update public.ticket_reservations as r
    set bucket = ticketdb.find_bucket(new.schedule_id, new.ticket_type_id, new.quantity)
    where r.id = new.id;
    return null;
end
$$;
revoke execute on function ticketdb.assign_bucket() from public;
comment on function ticketdb.assign_bucket() is 'Trigger: find seats for a reservation that names no bucket';
