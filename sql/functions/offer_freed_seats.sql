-- Offers seats that a transaction freed to those who wait. Called by trigger when the transaction
-- ends: what gives up seats to take others, such as a booking that changes, gets its own back first. Until then nobody else
-- sees them free, for their buckets are locked.
-- locks, raises: as offer_seats
create or replace function ticketdb.offer_freed_seats()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if old.status in ('held', 'confirmed') and (
        tg_op = 'DELETE'
        or new.status not in ('held', 'confirmed') or new.quantity < old.quantity or new.schedule_id <> old.schedule_id
    ) then
        perform ticketdb.offer_seats(old.schedule_id);
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.offer_freed_seats() from public;
comment on function ticketdb.offer_freed_seats() is 'Trigger: offer seats that a transaction freed to those who wait';
