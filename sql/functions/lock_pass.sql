-- Locks a pass until the end of the transaction and says what it is. Called by whatever changes one, before its places. Bookings come
-- before passes: the first place of an imported pass may follow one.
-- locks: bookings (key share), event_passes
-- raises: invalid_argument (isolation), pass_not_found
create or replace function ticketdb.lock_pass(
    p_pass_id bigint,
    out event_definition_id int,
    out user_id int,
    out contact jsonb,
    out kind text,
    out starts_on date,
    out ends_on date,
    out visits int,
    out visits_used int,
    out price numeric,
    out status text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_read_committed();
    perform
    from public.bookings as b
    where b.id in (select r.booking_id from public.ticket_reservations as r where r.pass_id = p_pass_id)
    order by b.id
    for key share;
    select
        e.event_definition_id, e.user_id, e.contact, e.kind, e.starts_on, e.ends_on, e.visits, e.visits_used, e.price,
        e.status
    into event_definition_id, user_id, contact, kind, starts_on, ends_on, visits, visits_used, price, status
    from public.event_passes as e
    where e.id = p_pass_id
    for no key update;
    if not found then
        perform ticketdb.refuse_pass(p_pass_id);
    end if;
end
$$;
revoke execute on function ticketdb.lock_pass(bigint) from public;
comment on function ticketdb.lock_pass(bigint) is 'Lock a pass and say what it is';
