-- Makes a reservation of each booking for a show, and of each booking for a class that has no participants: paid ones are sold, the
-- others hold nothing. Then the booking names its occurrence. By ranges of ids, so that memory stays flat. A step of
-- link_legacy_data.
-- locks: bookings, ticket_reservations, then as link_capacity
-- raises: nothing
create or replace function ticketdb.link_purchases()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_chunk constant int := 20000;
    v_after bigint := -1;
    v_to bigint;
    v_rows bigint;
    v_first bigint;
    v_made bigint := 0;
    v_done bigint := 0;
    v_of bigint;
    v_schedules int[];
    v_quantities bigint[];
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    select count(*) into v_of
    from public.bookings as b
    where (b.booking_type like 'live-%' or b.booking_type = 'daily')
      and b.is_admin_booking is not true and b.event_schedule_id is null;
    loop
        select max(n.id), count(*) into v_to, v_rows
        from (
            select b.id
            from public.bookings as b
            where b.id > v_after
              and (b.booking_type like 'live-%' or b.booking_type = 'daily')
              and b.is_admin_booking is not true and b.event_schedule_id is null
            order by b.id
            limit v_chunk
        ) as n;
        exit when v_to is null;
        v_done := v_done + v_rows;
        -- bookings come first in the lock order, and are not to change under the step
        perform from public.bookings as b where b.id > v_after and b.id <= v_to order by b.id for no key update;

        insert into public.legacy_link_issues (source_table, source_id, problem, detail)
        select 'bookings', p.booking_id, p.problem, p.detail
        from ticketdb.legacy_sales(v_after, v_to) as p
        where p.problem is not null
        order by p.booking_id
        on conflict on constraint one_issue_per_source do nothing;

        select array_agg(n.schedule_id), array_agg(n.quantity) into v_schedules, v_quantities
        from (
            select p.schedule_id, sum(p.quantity)::bigint as quantity
            from ticketdb.legacy_sales(v_after, v_to) as p
            where p.schedule_id is not null and p.status = 'confirmed'
            group by p.schedule_id
        ) as n;
        perform ticketdb.link_capacity(v_schedules, v_quantities);

        -- without seats at first: the update below counts them once for each occurrence, not once for each row
        with made as (
            insert into public.ticket_reservations (
                schedule_id, user_id, booking_id, quantity, unit_price, total_amount, status, expires_at, origin,
                created_at, confirmed_at, closed_at, bucket
            )
            select
                p.schedule_id, p.user_id, p.booking_id, p.quantity, p.unit_price, p.total_amount,
                case when p.status = 'confirmed' then 'released' else p.status end,
                p.booked_at, 'legacy', p.booked_at,
                case when p.status = 'confirmed' then p.booked_at end,
                case when p.status <> 'confirmed' then p.booked_at end,
                case when p.status = 'confirmed' then 0 end
            from ticketdb.legacy_sales(v_after, v_to) as p
            where p.schedule_id is not null
            order by p.booking_id
            returning id
        )
        select min(m.id), count(*) into v_first, v_rows from made as m;
        update public.ticket_reservations as r
        set status = 'confirmed'
        where r.id >= v_first and r.origin = 'legacy' and r.bucket = 0 and r.status = 'released';
        update public.bookings as b
        set event_schedule_id = r.schedule_id
        from public.ticket_reservations as r
        where r.id >= v_first and r.origin = 'legacy' and r.booking_id = b.id;
        v_made := v_made + v_rows;
        v_after := v_to;
        perform ticketdb.legacy_progress('purchases', v_done, v_of);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_purchases() from public;
comment on function ticketdb.link_purchases() is
'Make a reservation of each purchase of the application; returns how many';
