-- Stands for the foreign keys that ticket_reservations does without: an occurrence or a ticket type that was ever reserved is
-- not deleted. Buckets are what both sides lock: whoever deletes waits for reservations on their way, and those that come later
-- find no bucket. Called by trigger when a ticket type, or the first bucket of an occurrence, is deleted.
-- locks: ticketdb.seat_buckets
-- raises: foreign_key_violation, as a foreign key does
create or replace function ticketdb.refuse_reserved()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_table_name = 'ticket_types' then
        delete from ticketdb.seat_buckets as b where b.ticket_type_id = old.id;
        if exists (select from public.ticket_reservations as r where r.ticket_type_id = old.id) then
            raise foreign_key_violation using
                message = format('ticket type %s has reservations', old.id),
                hint = 'Set is_active to false; nothing more of it is sold then.';
        end if;
    elsif exists (select from public.ticket_reservations as r where r.schedule_id = old.schedule_id) then
        raise foreign_key_violation using
            message = format('schedule %s has reservations', old.schedule_id),
            hint = 'Set its status to cancelled; nothing more of it is sold then.';
    end if;
    return old;
end
$$;
revoke execute on function ticketdb.refuse_reserved() from public;
comment on function ticketdb.refuse_reserved() is 'Trigger: refuse to delete what was ever reserved';
