-- Refuses a value of tickets_sold that count_sold_tickets did not write. Called by trigger before an occurrence is written, for an
-- error that says what is wrong, and after it, for what other triggers made of the row.
-- locks: none
-- raises: tickets_sold_is_derived
create or replace function ticketdb.guard_schedule()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE' and (
        new.tickets_sold is not distinct from old.tickets_sold
        or current_setting('ticketdb.counting', true) is not distinct from new.id::text
    ) then
        return new;
    end if;
    perform ticketdb.raise_error(
        'tickets_sold_is_derived', format('tickets_sold cannot be set to %s by hand', new.tickets_sold),
        'Leave it out; reserve_tickets and confirm_reservation move it.',
        jsonb_build_object(
            'schedule_id', new.id, 'tickets_sold', case tg_op when 'UPDATE' then old.tickets_sold else 0 end
        )
    );
    return new;
end
$$;
revoke execute on function ticketdb.guard_schedule() from public;
comment on function ticketdb.guard_schedule() is 'Trigger: refuse tickets_sold written by hand';
