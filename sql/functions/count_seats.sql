-- Keeps the seat counters: adds up what a statement changed in ticket_reservations and moves it, occurrence by occurrence and
-- bucket by bucket in ascending order. Called by trigger after every update and delete, so that the counters follow
-- whoever writes. A row without a bucket has no seats yet: assign_bucket finds it some.
-- locks: for each occurrence, where seats are freed, as watch_waitlist; ticketdb.seat_buckets; where a bucket has no room, as
--        open_type_buckets and gather_seats; then event_schedules, where sold seats move
-- raises: invalid_argument (isolation), sold_out, ticket_type_sold_out
create or replace function ticketdb.count_seats()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedules int[];
    v_types int[];
    v_buckets int[];
    v_held int[];
    v_sold int[];
    v_move record;
    -- a function in an expression costs less than a query for it
    v_done boolean;
begin
    -- one reservation becomes a sale, as most statements have it: its seats go from held to sold, and none is freed
    if tg_op = 'UPDATE' then
        select n.schedule_id, n.bucket, n.quantity into v_move
        from old_rows as o
        cross join new_rows as n
        where (select count(*) from new_rows) = 1
          and o.status = 'held' and n.status = 'confirmed' and num_nonnulls(o.ticket_type_id, n.ticket_type_id) = 0
          and (o.schedule_id, o.bucket, o.quantity) = (n.schedule_id, n.bucket, n.quantity);
        if found then
            v_done := ticketdb.require_read_committed();
            if ticketdb.move_seats(v_move.schedule_id, 0, v_move.bucket, -v_move.quantity, v_move.quantity) then
                v_done := ticketdb.count_sold_tickets(v_move.schedule_id, v_move.quantity);
                return null;
            end if;
        end if;
    end if;

    select
        array_agg(o.schedule_id), array_agg(o.ticket_type_id), array_agg(o.bucket),
        array_agg(case when o.status = 'held' then -o.quantity else 0 end),
        array_agg(case when o.status = 'confirmed' then -o.quantity else 0 end)
    into v_schedules, v_types, v_buckets, v_held, v_sold
    from old_rows as o
    where o.bucket is not null;
    if tg_op = 'UPDATE' then
        select
            v_schedules || array_agg(n.schedule_id), v_types || array_agg(n.ticket_type_id),
            v_buckets || array_agg(n.bucket),
            v_held || array_agg(case when n.status = 'held' then n.quantity else 0 end),
            v_sold || array_agg(case when n.status = 'confirmed' then n.quantity else 0 end)
        into v_schedules, v_types, v_buckets, v_held, v_sold
        from new_rows as n
        where n.bucket is not null;
    end if;

    for v_move in
        select
            d.schedule_id,
            case when grouping(d.ticket_type_id) = 1 then 0 else d.ticket_type_id end as ticket_type_id,
            d.bucket,
            sum(d.held)::int as held,
            sum(d.sold)::int as sold,
            lag(d.schedule_id) over w is distinct from d.schedule_id
            and min(sum(d.held) + sum(d.sold)) over (partition by d.schedule_id) < 0 as is_first_of_freed,
            case when lead(d.schedule_id) over w is distinct from d.schedule_id then
                sum(case when grouping(d.ticket_type_id) = 1 then sum(d.sold) end) over (partition by d.schedule_id)
            end::int as sold_on_schedule
        from unnest(v_schedules, v_types, v_buckets, v_held, v_sold) as d (schedule_id, ticket_type_id, bucket, held, sold)
        group by grouping sets ((d.schedule_id, d.bucket), (d.schedule_id, d.ticket_type_id, d.bucket))
        having (grouping(d.ticket_type_id) = 1 or d.ticket_type_id is not null)
           and (sum(d.held) <> 0 or sum(d.sold) <> 0)
        window w as (order by d.schedule_id, grouping(d.ticket_type_id) desc, d.ticket_type_id, d.bucket)
        order by d.schedule_id, grouping(d.ticket_type_id) desc, d.ticket_type_id, d.bucket
    loop
        -- here, for a statement that moves no seat may run at any level: a user who is deleted leaves his reservations
        v_done := ticketdb.require_read_committed();
        if v_move.is_first_of_freed then
            v_done := ticketdb.watch_waitlist(v_move.schedule_id, v_move.bucket);
        end if;
        if not ticketdb.move_seats(
            v_move.schedule_id, v_move.ticket_type_id, v_move.bucket, v_move.held, v_move.sold
        ) then
            perform ticketdb.open_buckets(v_move.schedule_id);
            if v_move.ticket_type_id <> 0 then
                perform ticketdb.open_type_buckets(v_move.schedule_id, v_move.ticket_type_id);
            end if;
            if not ticketdb.gather_seats(
                v_move.schedule_id, v_move.ticket_type_id, v_move.bucket, v_move.held + v_move.sold
            ) or not ticketdb.move_seats(
                v_move.schedule_id, v_move.ticket_type_id, v_move.bucket, v_move.held, v_move.sold
            ) then
                perform ticketdb.refuse_sold_out(
                    v_move.schedule_id, v_move.ticket_type_id, sum(b.capacity - b.held - b.sold)::int,
                    v_move.held + v_move.sold
                )
                from ticketdb.seat_buckets as b
                where b.schedule_id = v_move.schedule_id and b.ticket_type_id = v_move.ticket_type_id;
            end if;
        end if;
        -- last, for all sales of the occurrence share this row
        if v_move.sold_on_schedule <> 0 then
            v_done := ticketdb.count_sold_tickets(v_move.schedule_id, v_move.sold_on_schedule);
        end if;
    end loop;
    return null;
end
$$;
revoke execute on function ticketdb.count_seats() from public;
comment on function ticketdb.count_seats() is
'Trigger: keep seat_buckets and event_schedules.tickets_sold equal to ticket_reservations';
