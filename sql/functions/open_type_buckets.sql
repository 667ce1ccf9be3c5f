-- Makes the buckets of a ticket type on an occurrence when its first ticket is asked for, and those that came with a higher
-- capacity meanwhile. The locks keep limit and buckets still until they are there, so that a new limit finds them.
-- locks: ticket_types (share), then as lock_buckets
-- raises: ticket_type_not_found
create or replace function ticketdb.open_type_buckets(p_schedule_id int, p_ticket_type_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_limit int;
    v_is_first boolean;
begin
    select t.max_quantity into v_limit
    from public.ticket_types as t
    where t.id = p_ticket_type_id
    for share;
    if not found then
        perform ticketdb.refuse_ticket_type(p_schedule_id, p_ticket_type_id);
    end if;
    perform ticketdb.lock_buckets(p_schedule_id);
    v_is_first := not exists (
        select from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id
    );
    insert into ticketdb.seat_buckets (schedule_id, ticket_type_id, bucket, capacity)
    select b.schedule_id, p_ticket_type_id, b.bucket, case when v_limit is not null then 0 end
    from ticketdb.seat_buckets as b
    where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
    on conflict on constraint seat_buckets_pkey do nothing;
    if v_is_first then
        perform ticketdb.deal_seats(p_schedule_id, p_ticket_type_id, v_limit, 0, 0);
    end if;
end
$$;
revoke execute on function ticketdb.open_type_buckets(int, int) from public;
comment on function ticketdb.open_type_buckets(int, int) is 'Make the buckets of a ticket type on an occurrence';
