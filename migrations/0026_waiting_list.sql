-- The waiting list: freed seats are offered, as ordinary holds, in order of arrival.

alter table public.event_definitions add column waitlist_offer_time interval
-- as long as a hold can be
constraint definition_offer_time_in_range check (
    waitlist_offer_time > interval '0' and waitlist_offer_time <= interval '30 days'
);
comment on column public.event_definitions.waitlist_offer_time is
'How long seats are held for who gets them from the waiting list; null means 24 hours; never longer than the sale is open';

-- Who waits for seats of an occurrence that has none, in order of arrival. Seats that become free are offered, as ordinary holds, to the
-- first who fits into them, in the transaction that frees them.

create table public.event_waitlist (
    id bigint generated always as identity constraint event_waitlist_pkey primary key,
    schedule_id int not null
        constraint waitlist_schedule references public.event_schedules (id) on delete cascade,
    user_id int constraint waitlist_user references public.users (id) on delete cascade,
    contact jsonb,
    quantity int not null,
    status text not null default 'waiting',
    reservation_id bigint
        constraint waitlist_reservation references public.ticket_reservations (id) on delete set null,
    joined_at timestamptz not null default clock_timestamp(),
    offered_at timestamptz,
    closed_at timestamptz,

    constraint waitlist_quantity_in_range check (quantity between 1 and 10000),
    constraint waitlist_status_known check (status in ('waiting', 'offered', 'taken', 'lapsed', 'left', 'closed')),
    -- an offer is a hold
    constraint waitlist_offer_has_reservation check (status <> 'offered' or reservation_id is not null),
    -- whoever gets an offer can be told
    constraint waitlist_names_somebody check (user_id is not null or contact is not null)
);
-- one place in the line for each user; a lapsed offer that nobody swept yet still is one
create unique index one_waitlist_entry_of_user on public.event_waitlist (user_id, schedule_id)
where status in ('waiting', 'offered');
-- the line itself; whether it is empty is asked whenever seats are freed
create index event_waitlist_line on public.event_waitlist (schedule_id, id)
where status = 'waiting';
create index event_waitlist_schedule on public.event_waitlist (schedule_id);
create index event_waitlist_user on public.event_waitlist (user_id);
create index event_waitlist_reservation on public.event_waitlist (reservation_id);
alter table public.event_waitlist enable row level security;
-- Who may reach the table at all stands in ticketdb.role_grants; of that, each sees and changes:
create policy own_or_staff on public.event_waitlist for select
using (user_id = (select ticketdb.caller_user_id()) or (select ticketdb.is_staff()));

comment on table public.event_waitlist is
'Event waiting list

One row for each party that waits, or waited, for seats of an occurrence. v_waitlist also says at which position.';
comment on column public.event_waitlist.id is 'Identity, and the order of arrival';
comment on column public.event_waitlist.schedule_id is 'Occurrence';
comment on column public.event_waitlist.user_id is 'User who waits; null for a guest';
comment on column public.event_waitlist.contact is 'Contact data: name, mobile, email; the offer has them too';
comment on column public.event_waitlist.quantity is 'Number of tickets; offered together or not at all';
comment on column public.event_waitlist.status is
'waiting, offered, taken (paid), lapsed (not paid in time), left, or closed (with the sale)';
comment on column public.event_waitlist.reservation_id is 'Hold that was offered; null before, and once that hold is deleted';
comment on column public.event_waitlist.joined_at is 'When it was made';
comment on column public.event_waitlist.offered_at is 'When seats were offered';
comment on column public.event_waitlist.closed_at is 'When it was taken, lapsed, left or closed';

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/change_waitlist_entry.sql
-- What becomes of the place that a user has already when he joins again: as big, or offered, it stays; smaller, it keeps its
-- position; bigger, it is given up for a new one. No id: he has none. Called by enter_waitlist.
-- locks: event_waitlist
-- raises: nothing
create or replace function ticketdb.change_waitlist_entry(
    p_schedule_id int,
    p_user_id int,
    p_quantity int,
    out id bigint,
    out is_done boolean
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry record;
begin
    is_done := false;
    -- one that is just being offered is waited for; an offered one is whoever's who has its hold, and not locked here
    select e.id, e.quantity into v_entry
    from public.event_waitlist as e
    where e.user_id = p_user_id and e.schedule_id = p_schedule_id and e.status = 'waiting'
    for no key update;
    if not found then
        -- a lapsed one is swept by the caller
        select e.id into id
        from public.event_waitlist as e
        inner join public.ticket_reservations as r on r.id = e.reservation_id
        where e.user_id = p_user_id and e.schedule_id = p_schedule_id and e.status = 'offered'
          and r.expires_at > clock_timestamp();
        is_done := found;
    elsif v_entry.quantity < p_quantity then
        update public.event_waitlist as e
        set status = 'left', closed_at = clock_timestamp()
        where e.id = v_entry.id;
    else
        id := v_entry.id;
        is_done := v_entry.quantity = p_quantity;
        update public.event_waitlist as e
        set quantity = p_quantity
        where e.id = v_entry.id and not is_done;
    end if;
end
$$;
revoke execute on function ticketdb.change_waitlist_entry(int, int, int) from public;
comment on function ticketdb.change_waitlist_entry(int, int, int) is
'Change the place that a user has in a waiting list

id: the place that he keeps; is_done: nothing is left to be done.';
-- <<< sql/functions/change_waitlist_entry.sql

-- >>> sql/functions/check_limits.sql
-- Refuses an order that is bigger than one order, or one user's orders together, may be; what he waits for counts as well, so that
-- an offer needs no second look. The user stays locked until his order is written, so that two of his orders at once are counted
-- one after the other. Called wherever seats are taken for an order, and by enter_waitlist.
-- locks: users, where a limit per user stands
-- raises: invalid_quantity, limit_per_user
create or replace function ticketdb.check_limits(
    p_schedule_id int,
    p_quantity int,
    p_user_id int,
    p_max_per_order int,
    p_limit_per_user int,
    p_but bigint default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_has int;
    v_waits_for int;
begin
    if p_quantity > p_max_per_order then
        perform ticketdb.raise_error(
            'invalid_quantity',
            format('%s tickets are more than the %s of one order', p_quantity, p_max_per_order),
            'Ask for fewer tickets.',
            jsonb_build_object('requested', p_quantity, 'max_per_order', p_max_per_order)
        );
    end if;
    if p_limit_per_user is null or p_user_id is null then
        return;
    end if;
    perform from public.users as u where u.id = p_user_id for no key update;
    -- in one snapshot, for what he waits for may just be offered
    select
        coalesce(sum(r.quantity), 0)::int,
        (
            select coalesce(sum(e.quantity), 0)::int
            from public.event_waitlist as e
            where e.user_id = p_user_id and e.schedule_id = p_schedule_id and e.status = 'waiting'
        )
    into v_has, v_waits_for
    from public.ticket_reservations as r
    where r.user_id = p_user_id and r.schedule_id = p_schedule_id and r.id is distinct from p_but
      and (r.status = 'confirmed' or r.status = 'held' and r.expires_at > clock_timestamp());
    v_has := v_has + v_waits_for;
    if v_has + p_quantity > p_limit_per_user then
        perform ticketdb.raise_error(
            'limit_per_user',
            format(
                'user %s has, or waits for, %s tickets of schedule %s and cannot have %s more: the limit is %s',
                p_user_id, v_has, p_schedule_id, p_quantity, p_limit_per_user
            ),
            'Ask for fewer tickets, release a hold, or leave the waiting list.',
            jsonb_build_object(
                'requested', p_quantity, 'has', v_has, 'limit_per_user', p_limit_per_user,
                'available', greatest(p_limit_per_user - v_has, 0)
            )
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_limits(int, int, int, int, int, bigint) from public;
comment on function ticketdb.check_limits(int, int, int, int, int, bigint) is
'Refuse an order above a limit

p_max_per_order, p_limit_per_user: null means no limit; a guest has no limit of his own. p_but: a reservation that does not
count, for it is the one that changes.';
-- <<< sql/functions/check_limits.sql

-- >>> sql/functions/close_waitlist.sql
-- Closes the waiting list of an occurrence that is called off, over or blocked. Called by trigger. It waits for nobody, for it has
-- the occurrence locked: who is just getting an offer is passed over, and run_maintenance closes what is left.
-- locks: event_schedules (by the write itself), event_waitlist (passing over locked ones)
-- raises: nothing
create or replace function ticketdb.close_waitlist()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.event_waitlist as e
    set status = 'closed', closed_at = clock_timestamp()
    where e.id = any (array(
        select w.id
        from public.event_waitlist as w
        where w.schedule_id = new.id and w.status = 'waiting'
        for no key update skip locked
    ));
    return null;
end
$$;
revoke execute on function ticketdb.close_waitlist() from public;
comment on function ticketdb.close_waitlist() is 'Trigger: close the waiting list of an occurrence that sells no more';
-- <<< sql/functions/close_waitlist.sql

-- >>> sql/functions/close_waitlists.sql
-- Closes what is left of waiting lists whose sale is over: where the sale closed by the clock no statement told of it. Called by
-- maintain.
-- locks: event_waitlist (passing over locked ones)
-- raises: nothing
create or replace function ticketdb.close_waitlists(p_limit int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_closed int;
begin
    update public.event_waitlist as e
    set status = 'closed', closed_at = clock_timestamp()
    where e.id = any (array(
        select w.id
        from public.event_waitlist as w
        inner join ticketdb.schedule_offers as o on o.schedule_id = w.schedule_id
        where w.status = 'waiting'
          -- one that is not open yet, or of an inactive event, may open again
          and (o.refusal <> 'not_on_sale' or o.closes_at <= statement_timestamp())
        order by w.id
        limit p_limit
        for no key update of w skip locked
    ));
    get diagnostics v_closed = row_count;
    return v_closed;
end
$$;
revoke execute on function ticketdb.close_waitlists(int) from public;
comment on function ticketdb.close_waitlists(int) is
'Close waiting lists whose sale is over; returns how many places

p_limit: at most so many.';
-- <<< sql/functions/close_waitlists.sql

-- >>> sql/functions/count_seats.sql
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
-- <<< sql/functions/count_seats.sql

-- >>> sql/functions/default_offer_time.sql
-- How long seats are held for who gets them from the waiting list, where the event does not say. Called by offer_seats.
-- locks: none
-- raises: nothing
create or replace function ticketdb.default_offer_time()
returns interval
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return interval '24 hours';
end
$$;
revoke execute on function ticketdb.default_offer_time() from public;
comment on function ticketdb.default_offer_time() is 'How long an offer of the waiting list stands by default';
-- <<< sql/functions/default_offer_time.sql

-- >>> sql/functions/enter_waitlist.sql
-- Puts a party into the waiting list of an occurrence, and offers it seats at once if there are any that nobody before it wants. The
-- inside of join_waitlist. Who waits already has one place: asking for fewer keeps it, asking for more goes to the end.
-- All buckets are locked before the place is written, and the occurrence: whoever frees seats or adds some comes before, and is seen
-- here, or after, and sees the place.
-- locks: event_schedules (key share), users where a limit stands, event_waitlist (his own place), as lock_occurrence and
--        expire_lapsed_holds; then as offer_seats
-- raises: invalid_quantity, invalid_argument, limit_per_user, and what find_offer and offer_seats raise
create or replace function ticketdb.enter_waitlist(p_schedule_id int, p_quantity int, p_user_id int, p_contact jsonb)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_offer record;
    v_seats int;
    v_entry record;
    v_id bigint;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity, p_user_id, null, p_contact);
    if p_user_id is null and p_contact is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_user_id and p_contact are null: nobody could be told of an offer',
            'Pass the id of a row of users, or {"name": "Asha Rao", "mobile": "+91…"}.'
        );
    end if;
    -- whoever deletes it waits until this is done
    select s.max_tickets into v_seats from public.event_schedules as s where s.id = p_schedule_id for key share;
    v_offer := ticketdb.find_offer(p_schedule_id, null);
    if p_quantity > v_seats then
        perform ticketdb.raise_error(
            'invalid_quantity', format('schedule %s has %s seats in all', p_schedule_id, v_seats),
            'Ask for fewer tickets.', jsonb_build_object('requested', p_quantity, 'max_tickets', v_seats)
        );
    end if;
    perform ticketdb.total_price(v_offer.price, p_quantity);

    -- as check_limits does it, but ahead: of two calls at once the second is to find the place of the first
    perform from public.users as u where u.id = p_user_id and v_offer.limit_per_user is not null for no key update;
    v_entry := ticketdb.change_waitlist_entry(p_schedule_id, p_user_id, p_quantity);
    if v_entry.is_done then
        return v_entry.id;
    end if;
    if v_entry.id is null then
        perform ticketdb.check_limits(
            p_schedule_id, p_quantity, p_user_id, v_offer.max_per_order, v_offer.limit_per_user
        );
    end if;
    perform ticketdb.open_buckets(p_schedule_id);
    perform ticketdb.expire_lapsed_holds(p_schedule_id, ticketdb.lock_occurrence(p_schedule_id));
    perform ticketdb.find_offer(p_schedule_id, null);

    v_id := v_entry.id;
    if v_id is null then
        insert into public.event_waitlist (schedule_id, user_id, contact, quantity)
        values (p_schedule_id, p_user_id, p_contact, p_quantity)
        on conflict do nothing
        returning id into v_id;
    end if;
    if v_id is null then
        -- he was faster himself
        select e.id into v_id
        from public.event_waitlist as e
        where e.user_id = p_user_id and e.schedule_id = p_schedule_id and e.status in ('waiting', 'offered');
        return v_id;
    end if;
    perform ticketdb.offer_seats(p_schedule_id, v_id);
    return v_id;
end
$$;
revoke execute on function ticketdb.enter_waitlist(int, int, int, jsonb) from public;
comment on function ticketdb.enter_waitlist(int, int, int, jsonb) is
'Put a party into the waiting list of an occurrence; returns the number of its place

p_user_id: null for a guest, who needs p_contact.';
-- <<< sql/functions/enter_waitlist.sql

-- >>> sql/functions/find_bucket.sql
-- Finds a bucket with room for a party and locks it: the own one of this connection if it can, so that buyers at the same time
-- meet in different ones, then any other, and where their seats are scattered or in lapsed holds it gathers them. Called before
-- seats are taken.
-- locks: as open_buckets, open_type_buckets; then as try_bucket or gather_seats
-- raises: what look_for_seats raises
create or replace function ticketdb.find_bucket(p_schedule_id int, p_ticket_type_id int, p_quantity int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_type constant int := coalesce(p_ticket_type_id, 0);
    v_seats record;
    v_patience int := 20;
begin
    loop
        v_seats := ticketdb.look_for_seats(p_schedule_id, v_type, p_quantity);
        if v_seats.own_bucket is null then
            perform ticketdb.open_buckets(p_schedule_id);
            continue;
        end if;
        if not v_seats.are_open then
            perform ticketdb.open_type_buckets(p_schedule_id, v_type);
            continue;
        end if;
        if v_seats.bucket_with_room is not null then
            if ticketdb.try_bucket(p_schedule_id, v_type, v_seats.bucket_with_room, p_quantity) then
                return v_seats.bucket_with_room;
            end if;
            continue;
        end if;

        -- as in try_bucket, no lock may stay behind where this does not come to an end
        begin
            -- those of the occurrence last: what lapsed holds of the type gave back was offered to those who wait
            if (v_type = 0 or ticketdb.gather_seats(p_schedule_id, v_type, v_seats.own_bucket, p_quantity))
                and ticketdb.gather_seats(p_schedule_id, 0, v_seats.own_bucket, p_quantity)
            then
                return v_seats.own_bucket;
            end if;
            raise sqlstate 'TD001';
        exception
            when sqlstate 'TD001' then null;
        end;
        -- a lapsed hold is just being paid: mostly that has ended in a moment. Who pays may wait for this very transaction, so
        -- there is no lock to wait for
        v_patience := v_patience - 1;
        if v_patience = 0 then
            if v_seats.free < p_quantity then
                perform ticketdb.refuse_sold_out(p_schedule_id, 0, v_seats.free, p_quantity);
            else
                perform ticketdb.refuse_sold_out(p_schedule_id, v_type, v_seats.free_of_type, p_quantity);
            end if;
        end if;
        perform pg_sleep(0.01);
    end loop;
end
$$;
revoke execute on function ticketdb.find_bucket(int, int, int) from public;
comment on function ticketdb.find_bucket(int, int, int) is
'Lock a bucket that has room for a party, and return its number

p_ticket_type_id may be null.';
-- <<< sql/functions/find_bucket.sql

-- >>> sql/functions/follow_offer.sql
-- What becomes of an offered hold becomes of its place in the waiting list: paid, it is taken; given up, left; not paid in time,
-- lapsed. Called by trigger, for holds that the waiting list made alone.
-- locks: ticket_reservations (by the write itself), event_waitlist
-- raises: nothing
create or replace function ticketdb.follow_offer()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.event_waitlist as e
    set status = case
            when tg_op = 'DELETE' then 'left'
            when new.status = 'confirmed' then 'taken'
            -- whoever called the occurrence off has released it
            when s.status <> 'scheduled' then 'closed'
            when new.status = 'released' then 'left'
            else 'lapsed'
        end,
        closed_at = clock_timestamp()
    from public.event_schedules as s
    where e.reservation_id = old.id and s.id = e.schedule_id
      -- once taken it stays so, also where the tickets are given back
      and e.status <> 'taken';
    if tg_op = 'DELETE' then
        return old;
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.follow_offer() from public;
comment on function ticketdb.follow_offer() is 'Trigger: a place in the waiting list follows the hold that was offered';
-- <<< sql/functions/follow_offer.sql

-- >>> sql/functions/gather_seats.sql
-- Brings the seats for a party together in one bucket, taking back the seats of lapsed holds where they are needed. False means
-- that all buckets together, locked in order, do not have enough. Called when
-- no bucket has room for a party that would fit into all of them together.
-- locks: as lock_buckets, expire_lapsed_holds, offer_seats
-- raises: nothing
create or replace function ticketdb.gather_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_bucket int,
    p_quantity int
)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- one that is added meanwhile is somebody else's to lock
    v_buckets constant int[] := ticketdb.lock_buckets(p_schedule_id);
    v_capacity int;
    v_free int;
begin
    loop
        select sum(b.capacity)::int, sum(b.capacity - b.held - b.sold)::int into v_capacity, v_free
        from ticketdb.seat_buckets as b
        where b.schedule_id = p_schedule_id and b.ticket_type_id = p_ticket_type_id and b.bucket = any (v_buckets);
        -- no limit has no sum
        exit when v_free >= p_quantity or v_free is null;
        if ticketdb.expire_lapsed_holds(p_schedule_id, v_buckets) = 0 then
            return false;
        end if;
        -- those who wait for them come first
        perform ticketdb.offer_seats(p_schedule_id);
    end loop;
    perform ticketdb.deal_seats(p_schedule_id, p_ticket_type_id, v_capacity, p_bucket, p_quantity, v_buckets);
    return true;
end
$$;
revoke execute on function ticketdb.gather_seats(int, int, int, int) from public;
comment on function ticketdb.gather_seats(int, int, int, int) is
'Bring the seats for a party together in one bucket; false where there are not enough

p_ticket_type_id: 0 means the whole occurrence.';
-- <<< sql/functions/gather_seats.sql

-- >>> sql/functions/join_for_caller.sql
-- Joins a waiting list for the signed-in buyer who calls: for himself, and only where the event is public. The way of join_waitlist for
-- whoever may not run the inside of selling.
-- locks: as enter_waitlist
-- raises: not_allowed, schedule_not_found, and what enter_waitlist raises
create or replace function ticketdb.join_for_caller(
    p_schedule_id int,
    p_quantity int,
    p_user_id int,
    p_contact jsonb,
    out entry_id bigint,
    out schedule_id int,
    out quantity int,
    out status text,
    out "position" int,
    out reservation_id bigint,
    out expires_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(p_user_id);
begin
    if p_schedule_id is not null and not exists (
        select
        from public.event_schedules as s
        inner join public.event_definitions as d on d.id = s.event_definition_id
        where s.id = p_schedule_id and d.is_active
    ) then
        perform ticketdb.refuse_schedule(p_schedule_id);
    end if;
    select w.* into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
    from ticketdb.waitlist_receipt(
        ticketdb.enter_waitlist(p_schedule_id, p_quantity, v_user_id, p_contact)
    ) as w;
end
$$;
revoke execute on function ticketdb.join_for_caller(int, int, int, jsonb) from public;
comment on function ticketdb.join_for_caller(int, int, int, jsonb) is
'Join a waiting list for the signed-in buyer who calls';
-- <<< sql/functions/join_for_caller.sql

-- >>> sql/functions/join_waitlist.sql
-- The face of ticketdb.enter_waitlist, and of join_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.join_waitlist(
    p_schedule_id int,
    p_quantity int default 1,
    p_user_id int default null,
    p_contact jsonb default null,
    out entry_id bigint,
    out schedule_id int,
    out quantity int,
    out status text,
    out "position" int,
    out reservation_id bigint,
    out expires_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select w.* into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
        from ticketdb.join_for_caller(p_schedule_id, p_quantity, p_user_id, p_contact) as w;
        return;
    end if;
    select w.* into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
    from ticketdb.waitlist_receipt(
        ticketdb.enter_waitlist(p_schedule_id, p_quantity, p_user_id, p_contact)
    ) as w;
end
$$;
revoke execute on function public.join_waitlist(int, int, int, jsonb) from public;
comment on function public.join_waitlist(int, int, int, jsonb) is
'Join the waiting list

Waits for p_quantity tickets, general admission, of a schedule that has none left. Seats that become free are offered in order of arrival
to the first whose party fits: status becomes offered, reservation_id is a hold to be paid (confirm_reservation) before
expires_at, and its buyer is told. Where there is room at once, the answer is an offer, for the 15 minutes of any hold. A user has one place: joining again for fewer
tickets keeps its position, for more starts at the end. A signed-in buyer joins for himself.
p_schedule_id: from v_event_availability; p_quantity: 1 to 10000, within the limits of an order; p_user_id: a row of users, null for a
guest; p_contact: {"name", "mobile", "email"}, which a guest needs. Errors: not_allowed, invalid_quantity, invalid_argument,
schedule_not_found, not_on_sale, schedule_cancelled, schedule_completed, schedule_blocked, limit_per_user.';
-- <<< sql/functions/join_waitlist.sql

-- >>> sql/functions/leave_for_caller.sql
-- Gives up a place in a waiting list of the signed-in buyer who calls. Those of others do not exist for him. The way of
-- leave_waitlist for whoever may not run the inside of selling.
-- locks: as quit_waitlist
-- raises: not_allowed, and what quit_waitlist raises
create or replace function ticketdb.leave_for_caller(
    p_entry_id bigint,
    out entry_id bigint,
    out schedule_id int,
    out quantity int,
    out status text,
    out "position" int,
    out reservation_id bigint,
    out expires_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id constant int := ticketdb.require_caller(null);
begin
    if p_entry_id is not null and not exists (
        select from public.event_waitlist as e where e.id = p_entry_id and e.user_id = v_user_id
    ) then
        perform ticketdb.refuse_waitlist_entry(p_entry_id);
    end if;
    perform ticketdb.quit_waitlist(p_entry_id);
    select w.* into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
    from ticketdb.waitlist_receipt(p_entry_id) as w;
end
$$;
revoke execute on function ticketdb.leave_for_caller(bigint) from public;
comment on function ticketdb.leave_for_caller(bigint) is
'Give up a place in a waiting list of the signed-in buyer who calls';
-- <<< sql/functions/leave_for_caller.sql

-- >>> sql/functions/leave_waitlist.sql
-- The face of ticketdb.quit_waitlist, and of leave_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.leave_waitlist(
    p_entry_id bigint,
    out entry_id bigint,
    out schedule_id int,
    out quantity int,
    out status text,
    out "position" int,
    out reservation_id bigint,
    out expires_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        select w.* into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
        from ticketdb.leave_for_caller(p_entry_id) as w;
        return;
    end if;
    perform ticketdb.quit_waitlist(p_entry_id);
    select w.* into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
    from ticketdb.waitlist_receipt(p_entry_id) as w;
end
$$;
revoke execute on function public.leave_waitlist(bigint) from public;
comment on function public.leave_waitlist(bigint) is
'Leave the waiting list

Gives up a place; seats that were offered go to the next. A second call answers like the first, and a place that is lapsed or closed is
answered as it is. A signed-in buyer leaves what is his own. p_entry_id: from join_waitlist. Errors: not_allowed, invalid_argument,
reservation_not_found (no such place), already_confirmed (the offer is paid), reservation_expired.';
-- <<< sql/functions/leave_waitlist.sql

-- >>> sql/functions/lock_occurrence.sql
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
-- <<< sql/functions/lock_occurrence.sql

-- >>> sql/functions/look_for_seats.sql
-- Looks for seats for a party: a bucket that has room, or all of them together with what lapsed holds give back and nobody waits
-- for; what does not fit into that is refused. Stable, so that all is counted in one snapshot, in which seats that somebody is just
-- taking are still free: nobody is refused while there is room, and whoever is refused has locked nothing, written nothing and waited
-- for nobody. Called by find_bucket, and ahead of any lock by take_offered_seats.
-- locks: none
-- raises: schedule_not_found, ticket_type_not_found, sold_out, ticket_type_sold_out
create or replace function ticketdb.look_for_seats(
    p_schedule_id int,
    p_ticket_type_id int,
    p_quantity int,
    out own_bucket int,
    out bucket_with_room int,
    out free int,
    out free_of_type int,
    out are_open boolean
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_left int;
    v_lapsed int;
    v_left_of_type int;
begin
    select s.own_bucket, s.bucket_with_room, s.free, s.free_of_type, s.are_open
    into own_bucket, bucket_with_room, free, free_of_type, are_open
    from ticketdb.free_seats(p_schedule_id, p_ticket_type_id, p_quantity) as s;
    if bucket_with_room is not null and are_open then
        return;
    end if;

    if own_bucket is null then
        select s.max_tickets into free
        from public.event_schedules as s
        where s.id = p_schedule_id;
        if not found then
            perform ticketdb.refuse_schedule(p_schedule_id);
        end if;
    end if;
    v_left := free;
    if v_left < p_quantity then
        v_lapsed := ticketdb.lapsed_seats(p_schedule_id);
        if v_lapsed > 0 then
            v_left := ticketdb.seats_past_waitlist(p_schedule_id, v_left, v_lapsed);
        end if;
    end if;
    if v_left < p_quantity then
        perform ticketdb.refuse_sold_out(p_schedule_id, 0, v_left, p_quantity);
    end if;
    if p_ticket_type_id <> 0 then
        v_left_of_type := ticketdb.type_seats(p_schedule_id, p_ticket_type_id);
        if v_left_of_type < p_quantity then
            perform ticketdb.refuse_sold_out(p_schedule_id, p_ticket_type_id, v_left_of_type, p_quantity);
        end if;
    end if;
end
$$;
revoke execute on function ticketdb.look_for_seats(int, int, int) from public;
comment on function ticketdb.look_for_seats(int, int, int) is
'Look for seats for a party

p_ticket_type_id: 0 means none. own_bucket is null where no bucket was made yet; are_open is false where the ticket type lacks one.';
-- <<< sql/functions/look_for_seats.sql

-- >>> sql/functions/maintain.sql
-- The daily round: whatever is late is done here, nothing waits for it. Seats come late, for their buckets stay locked until the
-- round is over. The inside of run_maintenance.
-- locks: event_schedules (new rows); ticket_reservations (passing over locked ones); as close_waitlists; as reclaim_lapsed_holds and
--        offer_seats by schedule_id; then event_schedules (passing over locked ones); then as renew_passes
-- raises: invalid_argument, lock_not_available
create or replace function ticketdb.maintain(p_horizon_days int)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- of each kind of work, so that a round is short
    v_at_most constant int := 1000;
    v_generated bigint;
    v_completed bigint;
    v_deleted bigint;
    v_expired bigint;
    v_renewed int;
    v_closed int;
    v_offered bigint;
begin
    perform ticketdb.require_read_committed();
    if p_horizon_days is null or p_horizon_days not between 0 and 3650 then
        perform ticketdb.raise_error(
            'invalid_argument', format('a horizon of %s days', coalesce(p_horizon_days::text, 'null')),
            'Pass 0 to 3650 days.', jsonb_build_object('horizon_days', p_horizon_days)
        );
    end if;

    select coalesce(sum(public.generate_recurring_schedules(d.id, t.today, t.today + p_horizon_days)), 0) into v_generated
    from (
        select e.id, e.timezone
        from public.event_definitions as e
        where e.is_active and e.recurrence_type <> 'none'
        order by e.id
    ) as d
    cross join lateral (select (now() at time zone d.timezone)::date as today) as t;

    -- nothing was paid for them, no booking follows them, and no series begins with them
    delete from public.ticket_reservations as r
    where r.id in (
        select c.id
        from public.ticket_reservations as c
        where c.status in ('released', 'expired') and c.closed_at < now() - interval '90 days'
          and c.booking_id is null and c.participant_id is null
          and (c.series_id is null or c.series_id <> c.id)
          and not exists (select from public.ticket_payments as p where p.reservation_id = c.id)
          and not exists (select from public.event_tickets as t where t.reservation_id = c.id)
        order by c.closed_at
        limit v_at_most
        for update skip locked
    );
    get diagnostics v_deleted = row_count;

    v_closed := ticketdb.close_waitlists(v_at_most);
    -- each occurrence once, in order, for its buckets stay locked
    select coalesce(sum(e.expired), 0), coalesce(sum(o.offered), 0) into v_expired, v_offered
    from (
        select r.schedule_id
        from (
            select l.schedule_id
            from public.ticket_reservations as l
            where l.status = 'held' and l.expires_at <= clock_timestamp()
            limit v_at_most
        ) as r
        union
        select w.schedule_id from ticketdb.servable_waitlists(v_at_most) as w
        order by 1
    ) as h
    cross join lateral (select ticketdb.reclaim_lapsed_holds(h.schedule_id) as expired) as e
    -- named, so that it comes second
    cross join lateral (select ticketdb.offer_seats(h.schedule_id) as offered where e.expired is not null) as o;

    update public.event_schedules as s
    set status = 'completed'
    where s.id in (
        select o.id
        from public.event_schedules as o
        where o.status = 'scheduled' and o.ends_at <= now() and o.schedule_date <= current_date + 1
        order by o.id
        limit v_at_most
        for no key update skip locked
    );
    get diagnostics v_completed = row_count;

    -- each with a month of places, which stay locked
    v_renewed := ticketdb.renew_passes(50);

    return jsonb_build_object(
        'schedules_generated', v_generated, 'schedules_completed', v_completed, 'holds_deleted', v_deleted,
        'holds_expired', v_expired, 'waitlist_closed', v_closed, 'waitlist_offers', v_offered, 'passes_renewed', v_renewed
    );
end
$$;
revoke execute on function ticketdb.maintain(int) from public;
comment on function ticketdb.maintain(int) is 'Do what is late, a bounded number of each kind';
-- <<< sql/functions/maintain.sql

-- >>> sql/functions/make_offer.sql
-- Makes an offer of a place in the waiting list: a hold, at the price of the moment, with a time of its own that ends with the sale at the
-- latest, and the message that says so. The buckets have room. Called by offer_seats.
-- locks: ticketdb.seat_buckets, event_waitlist (by the caller); ticket_reservations (new row), users (key share)
-- raises: nothing
create or replace function ticketdb.make_offer(p_entry_id bigint, p_buckets int[], p_is_present boolean)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry record;
    v_bucket int;
    v_reservation_id bigint;
begin
    select
        e.schedule_id, e.quantity, e.user_id, e.contact, o.ticket_price,
        least(
            clock_timestamp() + case
                -- joining must not be a way to hold for longer than others what everybody could have had
                when p_is_present then ticketdb.default_hold()
                else coalesce(d.waitlist_offer_time, ticketdb.default_offer_time())
            end,
            o.closes_at, s.ends_at
        ) as expires_at
    into v_entry
    from public.event_waitlist as e
    inner join public.event_schedules as s on s.id = e.schedule_id
    inner join public.event_definitions as d on d.id = s.event_definition_id
    inner join ticketdb.schedule_offers as o on o.schedule_id = e.schedule_id
    where e.id = p_entry_id;

    select b.bucket into v_bucket
    from ticketdb.seat_buckets as b
    where b.schedule_id = v_entry.schedule_id and b.ticket_type_id = 0 and b.bucket = any (p_buckets)
      and b.held + b.sold + v_entry.quantity <= b.capacity
    order by b.bucket
    limit 1;
    if not found then
        v_bucket := p_buckets[1];
        perform ticketdb.deal_seats(
            v_entry.schedule_id, 0, sum(b.capacity)::int, v_bucket, v_entry.quantity, p_buckets
        )
        from ticketdb.seat_buckets as b
        where b.schedule_id = v_entry.schedule_id and b.ticket_type_id = 0 and b.bucket = any (p_buckets);
    end if;
    if not ticketdb.move_seats(v_entry.schedule_id, 0, v_bucket, v_entry.quantity, 0) then
        raise exception 'buckets of schedule % were locked and had room', v_entry.schedule_id;
    end if;

    insert into public.ticket_reservations (
        schedule_id, user_id, quantity, unit_price, total_amount, expires_at, origin, contact, bucket
    )
    values (
        v_entry.schedule_id, v_entry.user_id, v_entry.quantity, v_entry.ticket_price,
        ticketdb.total_price(v_entry.ticket_price, v_entry.quantity), v_entry.expires_at, 'waitlist', v_entry.contact,
        v_bucket
    )
    returning id into v_reservation_id;
    update public.event_waitlist as e
    set status = 'offered', reservation_id = v_reservation_id, offered_at = clock_timestamp()
    where e.id = p_entry_id;
    perform ticketdb.queue_notification(
        'waitlist_offer', v_reservation_id, jsonb_build_object('entry_id', p_entry_id), 'waitlist_offer ' || p_entry_id
    );
end
$$;
revoke execute on function ticketdb.make_offer(bigint, int[], boolean) from public;
comment on function ticketdb.make_offer(bigint, int[], boolean) is
'Hold seats of these buckets for a place in the waiting list, and say so

p_is_present: it is answered with the offer just now.';
-- <<< sql/functions/make_offer.sql

-- >>> sql/functions/offer_freed_seats.sql
-- Offers seats that a transaction freed, or a higher capacity that it wrote, to those who wait. Called by trigger when the transaction
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
    if tg_table_name = 'event_schedules' then
        perform ticketdb.offer_seats(new.id);
    else
        perform ticketdb.offer_seats(old.schedule_id);
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.offer_freed_seats() from public;
comment on function ticketdb.offer_freed_seats() is 'Trigger: offer seats that a transaction freed to those who wait';
-- <<< sql/functions/offer_freed_seats.sql

-- >>> sql/functions/offer_seats.sql
-- Offers the free seats of an occurrence to those who wait for them: each time to the first in order of arrival whose party fits, so
-- that afterwards nobody waits for whom there is room. A smaller party may thereby pass a bigger one, which keeps its place.
-- Whoever calls has all buckets locked, or the occurrence itself. What he has not, it does not wait for: it makes do with
-- the buckets that it can have, and only where these are too few and all would not be, looks again for a moment.
-- Called when a transaction that freed seats ends, by gather_seats ahead of a newcomer, by enter_waitlist and maintain.
-- locks: ticketdb.seat_buckets, event_waitlist (both passing over locked ones); as make_offer
-- raises: lock_not_available
create or replace function ticketdb.offer_seats(p_schedule_id int, p_present bigint default null)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_price numeric;
    v_buckets int[];
    v_seats record;
    v_entry_id bigint;
    v_made int := 0;
    v_patience int := 20;
begin
    if not exists (
        select from public.event_waitlist as e where e.schedule_id = p_schedule_id and e.status = 'waiting'
    ) then
        return 0;
    end if;
    select o.ticket_price into v_price
    from ticketdb.schedule_offers as o
    where o.schedule_id = p_schedule_id and o.refusal is null;
    if not found then
        return 0;
    end if;
    loop
        -- many rows freed at once each come here, and the first has done it all
        exit when not exists (
            select from public.event_waitlist as e
            where e.schedule_id = p_schedule_id and e.status = 'waiting' and e.quantity * v_price <= 99999999.99
              and e.quantity <= (
                  select sum(b.capacity - b.held - b.sold)
                  from ticketdb.seat_buckets as b
                  where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
              )
        );
        select array_agg(l.bucket) into v_buckets
        from (
            select b.bucket
            from ticketdb.seat_buckets as b
            where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
            order by b.bucket
            for no key update skip locked
        ) as l;
        loop
            select
                coalesce(sum(b.capacity - b.held - b.sold) filter (where b.bucket = any (v_buckets)), 0) as free,
                coalesce(sum(b.capacity - b.held - b.sold), 0) as free_anywhere
            into v_seats
            from ticketdb.seat_buckets as b
            where b.schedule_id = p_schedule_id and b.ticket_type_id = 0;
            select e.id into v_entry_id
            from public.event_waitlist as e
            where e.schedule_id = p_schedule_id and e.status = 'waiting' and e.quantity <= v_seats.free
              -- what freed the seats must not fail because the price has risen beyond what an amount can be
              and e.quantity * v_price <= 99999999.99
            order by e.id
            limit 1
            -- somebody who is just leaving
            for no key update skip locked;
            exit when not found;
            perform ticketdb.make_offer(v_entry_id, v_buckets, v_entry_id is not distinct from p_present);
            v_made := v_made + 1;
        end loop;
        exit when v_seats.free = v_seats.free_anywhere;
        v_patience := v_patience - 1;
        if v_patience = 0 then
            raise lock_not_available using
                message = format('seats of schedule %s, for which somebody waits, are just being sold', p_schedule_id),
                hint = 'Try again in a moment.';
        end if;
        perform pg_sleep(0.01);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.offer_seats(int, bigint) from public;
comment on function ticketdb.offer_seats(int, bigint) is
'Offer the free seats of an occurrence to those who wait for them; returns the number of offers

p_present: the place of whoever is joining just now.';
-- <<< sql/functions/offer_seats.sql

-- >>> sql/functions/quit_waitlist.sql
-- Gives up a place in a waiting list, and the seats that were offered. The inside of leave_waitlist. A second call answers like the
-- first, and so does one for a place that is lapsed or closed.
-- locks: as release_hold where seats were offered; event_waitlist
-- raises: invalid_argument, reservation_not_found, already_confirmed, reservation_expired
create or replace function ticketdb.quit_waitlist(p_entry_id bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry record;
begin
    perform ticketdb.require_read_committed();
    if p_entry_id is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_entry_id is null', 'Pass the entry_id that join_waitlist returned.'
        );
    end if;
    -- waits for an offer that is just being made
    update public.event_waitlist as e
    set status = 'left', closed_at = clock_timestamp()
    where e.id = p_entry_id and e.status = 'waiting';
    if found then
        return;
    end if;
    select w.status, w.reservation_id into v_entry
    from public.v_waitlist as w
    where w.entry_id = p_entry_id;
    if not found then
        perform ticketdb.refuse_waitlist_entry(p_entry_id);
    end if;
    -- a taken one is refused by release_hold
    if v_entry.status in ('offered', 'taken') then
        perform ticketdb.release_hold(v_entry.reservation_id);
    end if;
end
$$;
revoke execute on function ticketdb.quit_waitlist(bigint) from public;
comment on function ticketdb.quit_waitlist(bigint) is 'Give up a place in a waiting list';
-- <<< sql/functions/quit_waitlist.sql

-- >>> sql/functions/refuse_waitlist_entry.sql
-- Says that there is no such place in a waiting list.
-- locks: none
-- raises: reservation_not_found
create or replace function ticketdb.refuse_waitlist_entry(p_entry_id bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'reservation_not_found', format('place %s in a waiting list does not exist', p_entry_id),
        'Pass the entry_id that join_waitlist returned.', jsonb_build_object('entry_id', p_entry_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_waitlist_entry(bigint) from public;
comment on function ticketdb.refuse_waitlist_entry(bigint) is 'Raise reservation_not_found for a place in a waiting list';
-- <<< sql/functions/refuse_waitlist_entry.sql

-- >>> sql/functions/resize_schedule.sql
-- Deals a new capacity over the buckets of an occurrence, or that of a cancelled one that is put on again, or refuses it where more is
-- sold and held. Its row is locked already,
-- and every sale that ends waits for that row with its bucket locked: so this waits for no bucket, but makes do with those that it
-- can have. Where these are not enough it looks again for a moment. Called by trigger before the capacity is written, for an error
-- that says what is wrong, and after it, for what other triggers made of the row.
-- locks: event_schedules (by the write itself); ticketdb.seat_buckets, ticket_reservations (passing over locked ones)
-- raises: invalid_argument (isolation), capacity_below_sold; lock_not_available
create or replace function ticketdb.resize_schedule()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_buckets int[];
    v_seats record;
    v_expired int;
    v_setting text;
    v_patience int := 20;
begin
    perform ticketdb.require_read_committed();
    loop
        select array_agg(l.bucket) into v_buckets
        from (
            select b.bucket
            from ticketdb.seat_buckets as b
            where b.schedule_id = new.id and b.ticket_type_id = 0
            order by b.bucket
            for no key update skip locked
        ) as l;
        -- only whoever has the occurrence locked changes the sum of its capacities
        select
            new.max_tickets - sum(b.capacity) as more,
            sum(b.sold) as sold,
            sum(b.held) as held,
            coalesce(sum(b.capacity) filter (where b.bucket = any (v_buckets)), 0) as capacity,
            coalesce(sum(b.capacity - b.held - b.sold) filter (where b.bucket = any (v_buckets)), 0) as free,
            count(*)::int as buckets
        into v_seats
        from ticketdb.seat_buckets as b
        where b.schedule_id = new.id and b.ticket_type_id = 0;
        -- nothing was ever sold, or it is done
        if coalesce(v_seats.more, 0) = 0 then
            return new;
        end if;
        exit when v_seats.free + v_seats.more >= 0;
        -- tells watch_waitlist to wait for no bucket
        v_setting := set_config('ticketdb.resizing', new.id::text, true);
        v_expired := ticketdb.expire_lapsed_holds(new.id, v_buckets);
        v_setting := set_config('ticketdb.resizing', '', true);
        continue when v_expired > 0;
        v_patience := v_patience - 1;
        if v_seats.sold + v_seats.held - ticketdb.lapsed_seats(new.id) > new.max_tickets
            and (v_seats.buckets = cardinality(v_buckets) or v_patience = 0)
        then
            perform ticketdb.raise_error(
                'capacity_below_sold',
                format(
                    'capacity of schedule %s cannot become %s: %s sold and %s held',
                    new.id, new.max_tickets, v_seats.sold, v_seats.held
                ),
                'Cancel reservations first, or wait until holds lapse.',
                jsonb_build_object('sold', v_seats.sold, 'held', v_seats.held, 'requested', new.max_tickets)
            );
        end if;
        if v_patience = 0 then
            raise lock_not_available using
                message = format('seats of schedule %s are just being sold', new.id),
                hint = 'Change its capacity again in a moment.';
        end if;
        perform pg_sleep(0.01);
    end loop;

    -- more seats, more buckets, and one in any case where all others are locked; those of the ticket types follow when they are
    -- needed (open_type_buckets)
    with made as (
        insert into ticketdb.seat_buckets (schedule_id, bucket, capacity)
        select new.id, n.bucket, 0
        from generate_series(
            1, greatest(ticketdb.bucket_count(new.max_tickets) - 1, case when v_buckets is null then v_seats.buckets end)
        ) as n (bucket)
        -- not "on conflict": that would wait for whoever has the row
        where not exists (
            select from ticketdb.seat_buckets as b
            where b.schedule_id = new.id and b.ticket_type_id = 0 and b.bucket = n.bucket
        )
        returning bucket
    )
    select v_buckets || array_agg(m.bucket) into v_buckets
    from made as m;
    perform ticketdb.deal_seats(new.id, 0, (v_seats.capacity + v_seats.more)::int, 0, 0, v_buckets);
    return new;
end
$$;
revoke execute on function ticketdb.resize_schedule() from public;
comment on function ticketdb.resize_schedule() is 'Trigger: deal a new capacity over the buckets of an occurrence';
-- <<< sql/functions/resize_schedule.sql

-- >>> sql/functions/seats_past_waitlist.sql
-- How many seats are left for somebody who comes now, where lapsed holds have some and nobody took them back yet: whoever takes them back
-- offers them to those who wait first (gather_seats). What is free without them is free, for it was offered when it became so.
-- Called by schedule_sales and look_for_seats, where there are lapsed holds.
-- locks: none
-- raises: nothing
create or replace function ticketdb.seats_past_waitlist(p_schedule_id int, p_free int, p_lapsed int)
returns int
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_left int := p_free + p_lapsed;
    v_quantity int;
begin
    for v_quantity in
        select e.quantity
        from public.event_waitlist as e
        where e.schedule_id = p_schedule_id and e.status = 'waiting'
        order by e.id
    loop
        if v_quantity <= v_left then
            v_left := v_left - v_quantity;
        end if;
        exit when v_left <= p_free;
    end loop;
    return greatest(v_left, p_free);
end
$$;
revoke execute on function ticketdb.seats_past_waitlist(int, int, int) from public;
comment on function ticketdb.seats_past_waitlist(int, int, int) is
'Seats left for newcomers

p_free: seats in no hold; p_lapsed: seats of lapsed holds.';
-- <<< sql/functions/seats_past_waitlist.sql

-- >>> sql/functions/servable_waitlists.sql
-- Occurrences on sale where somebody waits for whom there is room, lapsed holds counted as free: where a sale was opened again, for
-- one, or a lapse that nobody noticed. Without a lock, so that sold-out occurrences are left alone. Called by maintain.
-- locks: none
-- raises: nothing
create or replace function ticketdb.servable_waitlists(p_limit int, out schedule_id int)
returns setof int
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select w.schedule_id
    from (
        select e.schedule_id, min(e.quantity) as smallest
        from public.event_waitlist as e
        where e.status = 'waiting'
        group by e.schedule_id
    ) as w
    inner join ticketdb.schedule_offers as o on o.schedule_id = w.schedule_id and o.refusal is null
    where w.smallest <= ticketdb.lapsed_seats(w.schedule_id) + (
        select sum(b.capacity - b.held - b.sold)
        from ticketdb.seat_buckets as b
        where b.schedule_id = w.schedule_id and b.ticket_type_id = 0
    )
    order by w.schedule_id
    limit p_limit;
$$;
revoke execute on function ticketdb.servable_waitlists(int) from public;
comment on function ticketdb.servable_waitlists(int) is
'Occurrences that may have room for somebody who waits

p_limit: at most so many.';
-- <<< sql/functions/servable_waitlists.sql

-- >>> sql/functions/verify_inventory.sql
-- Recomputes every counter from the rows it stands for. No row means all is well. Reads only, in one snapshot.
-- locks: none
-- raises: nothing
create or replace function public.verify_inventory()
returns table (schedule_id int, problem text, expected bigint, actual bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with seats as (
        -- one row for each bucket that reservations lie in: of the occurrence (0) and of each ticket type on it
        select
            r.schedule_id,
            r.bucket,
            case when grouping(r.ticket_type_id) = 1 then 0 else r.ticket_type_id end as ticket_type_id,
            coalesce(sum(r.quantity) filter (where r.status = 'held'), 0) as held,
            coalesce(sum(r.quantity) filter (where r.status = 'confirmed'), 0) as sold
        from public.ticket_reservations as r
        group by grouping sets ((r.schedule_id, r.bucket), (r.schedule_id, r.bucket, r.ticket_type_id))
        having grouping(r.ticket_type_id) = 1 or r.ticket_type_id is not null
    ),
    capacities as (
        select b.schedule_id, b.ticket_type_id, sum(b.capacity) as capacity
        from ticketdb.seat_buckets as b
        group by b.schedule_id, b.ticket_type_id
    ),
    schedules as (
        select s.id, s.status, s.max_tickets, s.tickets_sold, coalesce(c.capacity, s.max_tickets) as capacity, coalesce(n.sold, 0) as sold
        from public.event_schedules as s
        -- no bucket is made before the first reservation
        left join capacities as c on c.schedule_id = s.id and c.ticket_type_id = 0
        left join (
            select n.schedule_id, sum(n.sold) as sold from seats as n where n.ticket_type_id = 0 group by n.schedule_id
        ) as n on n.schedule_id = s.id
    ),
    buckets as (
        select
            coalesce(b.schedule_id, n.schedule_id) as schedule_id,
            case
                when coalesce(b.ticket_type_id, n.ticket_type_id) = 0 then ''
                else ' of ticket type ' || coalesce(b.ticket_type_id, n.ticket_type_id)
            end || coalesce(' in bucket ' || coalesce(b.bucket, n.bucket), ' without a bucket') as whose,
            b.held, b.sold, coalesce(n.held, 0) as held_now, coalesce(n.sold, 0) as sold_now
        from ticketdb.seat_buckets as b
        full join seats as n
            on n.schedule_id = b.schedule_id and n.ticket_type_id = b.ticket_type_id and n.bucket = b.bucket
    ),
    tickets as (
        select
            r.id, r.schedule_id,
            case when r.status = 'confirmed' then r.quantity else 0 end as due,
            count(t.id) filter (where t.status = 'valid') as valid
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        left join public.event_tickets as t on t.reservation_id = r.id
        group by r.id, s.ends_at
        -- an imported sale of an occurrence that was over needs no tickets
        having r.origin <> 'legacy' or s.ends_at > now() or count(t.id) > 0
    )
    select s.id, 'tickets_sold', s.sold, s.tickets_sold
    from schedules as s
    where s.tickets_sold <> s.sold
    union all
    select s.id, 'capacity', s.max_tickets, s.capacity
    from schedules as s
    -- one that cancel_schedule called off has no seat left
    where s.capacity is distinct from s.max_tickets and (s.status <> 'cancelled' or s.capacity > s.max_tickets)
    union all
    select s.id, 'oversold', s.max_tickets, s.sold
    from schedules as s
    where s.sold > s.max_tickets
    union all
    select b.schedule_id, 'seats held' || b.whose, b.held_now, b.held
    from buckets as b
    where coalesce(b.held, 0) <> b.held_now
    union all
    select b.schedule_id, 'seats sold' || b.whose, b.sold_now, b.sold
    from buckets as b
    where coalesce(b.sold, 0) <> b.sold_now
    union all
    select c.schedule_id, 'limit of ticket type ' || t.id, t.max_quantity, c.capacity
    from capacities as c
    inner join public.ticket_types as t on t.id = c.ticket_type_id
    where c.capacity is distinct from t.max_quantity
    union all
    select t.schedule_id, 'valid tickets of reservation ' || t.id, t.due, t.valid
    from tickets as t
    where t.valid <> t.due
    union all
    -- a place in a waiting list says what its hold says
    select e.schedule_id, 'tickets offered to waiting list ' || e.id, e.quantity, coalesce(r.quantity, 0)
    from public.event_waitlist as e
    left join public.ticket_reservations as r on r.id = e.reservation_id and r.status = 'held'
    where case when e.status = 'offered' then e.quantity else 0 end <> coalesce(r.quantity, 0)
    union all
    -- a pass as a whole is on no one occurrence
    select null, 'visits of pass ' || e.id, count(r.id), e.visits_used
    from public.event_passes as e
    left join public.ticket_reservations as r on r.pass_id = e.id and r.status in ('held', 'confirmed')
    where e.kind = 'visits'
    group by e.id
    having count(r.id) <> e.visits_used
    union all
    select r.schedule_id, 'place ' || r.id || ' of pass ' || e.id || ', which is ' || e.status, 0, r.quantity
    from public.ticket_reservations as r
    inner join public.event_passes as e on e.id = r.pass_id
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.status = 'confirmed' and e.status <> 'active'
      -- what had begun when it was cancelled stays used
      and (e.status <> 'cancelled' or s.starts_at > now())
    union all
    select p.schedule_id, p.problem, p.expected, p.actual
    from ticketdb.space_problems as p
    order by 1, 2;
$$;
revoke execute on function public.verify_inventory() from public;
comment on function public.verify_inventory() is
'Verify the inventory

Recomputes every counter from its rows and returns those that differ, schedule_id null where a booking has a space wrongly; no
row means all is well.';
-- <<< sql/functions/verify_inventory.sql

-- >>> sql/functions/waitlist_position.sql
-- At which position of its occurrence's waiting list an entry stands. Called by v_waitlist, in the caller's name: a number only, so that
-- a buyer who sees nothing of others learns his place.
-- locks: none
-- raises: nothing
create or replace function ticketdb.waitlist_position(p_entry_id bigint)
returns int
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select count(*)::int
    from public.event_waitlist as m
    inner join public.event_waitlist as e
        on e.schedule_id = m.schedule_id and e.status = 'waiting' and e.id <= m.id
    where m.id = p_entry_id and m.status = 'waiting'
    having count(*) > 0;
$$;
revoke execute on function ticketdb.waitlist_position(bigint) from public;
comment on function ticketdb.waitlist_position(bigint) is
'Position in the waiting list, from 1; null for who does not wait (any more)';
-- <<< sql/functions/waitlist_position.sql

-- >>> sql/functions/waitlist_receipt.sql
-- A place in the waiting list as who has it gets to see it. Called by join_waitlist and leave_waitlist and their ways for buyers.
-- locks: none
-- raises: nothing
create or replace function ticketdb.waitlist_receipt(
    p_entry_id bigint,
    out entry_id bigint,
    out schedule_id int,
    out quantity int,
    out status text,
    out "position" int,
    out reservation_id bigint,
    out expires_at timestamptz
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select w.entry_id, w.schedule_id, w.quantity, w.status, w.position, w.reservation_id, w.expires_at
    into entry_id, schedule_id, quantity, status, "position", reservation_id, expires_at
    from public.v_waitlist as w
    where w.entry_id = p_entry_id;
end
$$;
revoke execute on function ticketdb.waitlist_receipt(bigint) from public;
comment on function ticketdb.waitlist_receipt(bigint) is 'A place in the waiting list as who has it gets to see it';
-- <<< sql/functions/waitlist_receipt.sql

-- >>> sql/functions/watch_waitlist.sql
-- Looks, before seats of an occurrence are freed, whether somebody waits for them, and if so locks all its buckets: at the end of the
-- transaction they are offered (offer_freed_seats), and there it is too late to lock in order. The bucket is locked first, and
-- joining takes all buckets: whoever joins after the look sees what is freed. If somebody waits, that lock is given back. Called by count_seats.
-- locks: ticketdb.seat_buckets (one), or as lock_buckets
-- raises: nothing
create or replace function ticketdb.watch_waitlist(p_schedule_id int, p_bucket int)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- whoever has the occurrence itself locked waits for no bucket
    if current_setting('ticketdb.resizing', true) = p_schedule_id::text then
        return true;
    end if;
    perform from ticketdb.seat_buckets as b
    where b.schedule_id = p_schedule_id and b.ticket_type_id = 0 and b.bucket = p_bucket
    for no key update;
    if exists (select from public.event_waitlist as e where e.schedule_id = p_schedule_id and e.status = 'waiting') then
        raise sqlstate 'TD001';
    end if;
    return false;
exception
    when sqlstate 'TD001' then
        perform ticketdb.lock_buckets(p_schedule_id);
        return true;
end
$$;
revoke execute on function ticketdb.watch_waitlist(int, int) from public;
comment on function ticketdb.watch_waitlist(int, int) is
'Lock all buckets of an occurrence where somebody waits for its seats; otherwise the one that is about to change';
-- <<< sql/functions/watch_waitlist.sql

-- >>> sql/views/role_grants.sql
-- What each of PostgREST's roles may do with each object of ours: the one list from which rights are granted (grant_roles), documented
-- and tested. What is not here is granted to nobody. anon reads what is public; authenticated, besides, reserves for itself and gives up
-- what is its own, and row level security lets an admin manage events; service_role is the payment server.
create or replace view ticketdb.role_grants as
select
    g.kind,
    -- a schema is named with its dot
    rtrim(g.object, '.') as object,
    p.privilege,
    r.role_name,
    case
        when to_regrole(r.role_name) is null then false
        when g.kind = 'table' then has_table_privilege(r.role_name, g.object, p.privilege)
        when g.kind = 'sequence' then has_sequence_privilege(r.role_name, g.object, p.privilege)
        when g.kind = 'function' then has_function_privilege(r.role_name, g.object, p.privilege)
        else has_schema_privilege(r.role_name, rtrim(g.object, '.'), p.privilege)
    end as is_granted
from (
    values
    -- the events
    ('table', 'public.event_definitions', 'select', '{anon,authenticated,service_role}'::text[]),
    ('table', 'public.event_definitions', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.event_definitions_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.event_schedules', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.event_schedules', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.event_schedules_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.ticket_types', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.ticket_types', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.ticket_types_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.pass_types', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.pass_types', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.pass_types_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.v_event_availability', 'select', '{anon,authenticated,service_role}'),
    ('function', 'public.check_ticket_availability(int, int, int)', 'execute', '{anon,authenticated,service_role}'),
    -- the spaces
    ('table', 'public.v_space_calendar', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.v_space_conflicts', 'select', '{authenticated,service_role}'),
    ('function', 'public.get_available_time_slots(int, date, int, time, time)', 'execute', '{anon,authenticated,service_role}'),
    -- orders, written by functions alone
    ('table', 'public.ticket_reservations', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_payments', 'select', '{authenticated,service_role}'),
    ('table', 'public.event_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_schedule_participants', 'select', '{authenticated,service_role}'),
    ('function', 'public.reserve_tickets(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.reserve_series(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.release_reservation(bigint)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.event_waitlist', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_waitlist', 'select', '{authenticated,service_role}'),
    ('function', 'public.join_waitlist(int, int, int, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.leave_waitlist(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_reservation(bigint, text, numeric, jsonb)', 'execute', '{service_role}'),
    ('function', 'public.cancel_reservation(bigint, text)', 'execute', '{service_role}'),
    ('function', 'public.move_reservation(bigint, int)', 'execute', '{service_role}'),
    ('function', 'public.settle_refund(text, text, numeric)', 'execute', '{service_role}'),
    ('table', 'public.event_passes', 'select', '{authenticated,service_role}'),
    ('table', 'public.pass_pauses', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_event_passes', 'select', '{authenticated,service_role}'),
    ('function', 'public.buy_pass(int, date, int, boolean, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.redeem_pass(bigint, int)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.return_visit(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_pass(bigint, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.set_pass_renewal(bigint, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_pass(bigint, text, numeric)', 'execute', '{service_role}'),
    ('function', 'public.pause_pass(bigint, date, date)', 'execute', '{service_role}'),
    ('function', 'public.extend_pass(bigint, date)', 'execute', '{service_role}'),
    -- the house
    ('table', 'public.ticket_check_ins', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_notifications', 'select', '{authenticated,service_role}'),
    ('table', 'public.legacy_link_issues', 'select', '{authenticated,service_role}'),
    ('function', 'public.generate_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.preview_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.schedule_exceptions', 'select, insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.schedule_exceptions_id_seq', 'usage', '{authenticated,service_role}'),
    ('function', 'public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.move_schedule(int, date, time, time, int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_schedule(int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.check_in(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'public.run_maintenance(int)', 'execute', '{service_role}'),
    ('function', 'public.verify_inventory()', 'execute', '{service_role}'),
    -- the books
    ('table', 'public.ticket_audit_log', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_ticket_sales_by_event', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_revenue_by_event_type', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_refunds_due', 'select', '{authenticated,service_role}'),
    ('function', 'public.report_sales(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_revenue(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_attendance(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_occupancy(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_no_shows(date, date)', 'execute', '{authenticated,service_role}'),
    -- the inside, as far as views, policies, defaults and the faces above read it in the caller's name
    ('schema', 'ticketdb.', 'usage', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_sales', 'select', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_people', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sales_ledger', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.held_schedules', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sold_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.due_refunds', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.seat_buckets', 'select', '{service_role}'),
    ('function', 'ticketdb.caller_claims()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.caller_user_id()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.may_sell()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.is_staff()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.is_admin()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.raise_error(text, text, text, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.check_reservation_arguments(int, int, int, interval, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.describe_refusal(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.lapsed_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.seats_past_waitlist(int, int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.local_instant(timestamp, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.time_before(timestamptz, interval, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_offer(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.reserve_for_caller(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.reserve_series_for_caller(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.release_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.call_off_as_admin(int, text)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.edit_schedules_as_admin(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.buy_pass_for_caller(int, date, int, boolean, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.redeem_pass_for_caller(bigint, int)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.return_visit_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.cancel_pass_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.set_pass_renewal_for_caller(bigint, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.pass_visits_left(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.join_for_caller(int, int, int, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.leave_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.waitlist_position(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_staff()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_admin()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_schedule(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_settled(int, text, timestamptz)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_unknown_space(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.check_report_period(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.check_recurrence_arguments(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.definition_occurrences(int, date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.schedule_instants(date, time, time, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_read_committed()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.database_time_zone()', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.space_calendar', 'select', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.check_slot_arguments(int, date, int, time, time)', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.space_overlaps', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.space_problems', 'select', '{service_role}'),
    ('function', 'ticketdb.booking_takes_space(bigint, text, text, boolean, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.occurrence_conflicts(int, date, date)', 'execute', '{authenticated,service_role}'),
    -- the inside of selling, for anybody
    ('function', 'ticketdb.hold_tickets(int, int, int, int, interval, jsonb, text, jsonb, int, numeric, bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_tickets_once(int, int, int, int, interval, jsonb, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.reservation_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_series(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.series_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.release_hold(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.confirm_payment(bigint, text, numeric, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.cancel_sale(bigint, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.sale_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.call_off_schedule(int, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.edit_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{service_role}'),
    ('function', 'ticketdb.move_sale(bigint, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.record_refund(text, text, numeric)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_pass(int, date, int, boolean, text, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.pay_pass(bigint, text, numeric)', 'execute', '{service_role}'),
    ('function', 'ticketdb.take_visit(bigint, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.give_visit_back(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.suspend_pass(bigint, date, date)', 'execute', '{service_role}'),
    ('function', 'ticketdb.prolong_pass(bigint, date)', 'execute', '{service_role}'),
    ('function', 'ticketdb.close_pass(bigint, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.change_renewal(bigint, boolean)', 'execute', '{service_role}'),
    ('function', 'ticketdb.pass_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.visit_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.enter_waitlist(int, int, int, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.quit_waitlist(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.waitlist_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'ticketdb.maintain(int)', 'execute', '{service_role}')
) as g (kind, object, privileges, roles)
cross join unnest(string_to_array(g.privileges, ', ')) as p (privilege)
cross join unnest(g.roles) as r (role_name);
revoke all on ticketdb.role_grants from public;
comment on view ticketdb.role_grants is 'Rights of PostgREST''s roles on each object of ours';
comment on column ticketdb.role_grants.kind is 'table (a view too), sequence, function or schema';
comment on column ticketdb.role_grants.object is 'Object, as grant names it';
comment on column ticketdb.role_grants.privilege is 'Privilege, as grant names it';
comment on column ticketdb.role_grants.role_name is 'Role: anon, authenticated or service_role';
comment on column ticketdb.role_grants.is_granted is 'Whether the role exists and has the privilege';
-- <<< sql/views/role_grants.sql

-- >>> sql/views/schedule_sales.sql
-- What schedule_offers says of an occurrence, and how many seats are left. It runs with its owner's rights, so that everybody
-- counts everybody's holds; it gives numbers only. Read by the availability view and wherever seats are counted for people.
create or replace view ticketdb.schedule_sales as
select
    o.schedule_id,
    o.event_definition_id,
    o.ticket_price,
    o.refusal,
    b.held - l.lapsed as seats_held,
    case
        when l.lapsed > 0 then
            ticketdb.seats_past_waitlist(o.schedule_id, o.max_tickets - o.tickets_sold - b.held, l.lapsed)
        else o.max_tickets - o.tickets_sold - b.held
    end as seats_left,
    o.opens_at,
    o.closes_at,
    o.max_per_order,
    o.limit_per_user
from ticketdb.schedule_offers as o
cross join lateral (
    select coalesce(sum(sb.held), 0)::int as held
    from ticketdb.seat_buckets as sb
    where sb.schedule_id = o.schedule_id and sb.ticket_type_id = 0
) as b
cross join lateral (
    select case when b.held > 0 then ticketdb.lapsed_seats(o.schedule_id) else 0 end as lapsed
) as l;
revoke all on ticketdb.schedule_sales from public;
comment on view ticketdb.schedule_sales is
'Whether an occurrence is on sale, at what price, and how many seats are left';
comment on column ticketdb.schedule_sales.schedule_id is 'Occurrence';
comment on column ticketdb.schedule_sales.event_definition_id is 'Its event';
comment on column ticketdb.schedule_sales.ticket_price is 'Price of one ticket without a ticket type';
comment on column ticketdb.schedule_sales.refusal is 'Reason for which nothing is sold; null while on sale';
comment on column ticketdb.schedule_sales.seats_held is 'Seats of live holds';
comment on column ticketdb.schedule_sales.seats_left is
'Seats neither sold nor in a live hold, less those of lapsed holds that go to the waiting list';
comment on column ticketdb.schedule_sales.opens_at is 'When the sale opens; null means it always was open';
comment on column ticketdb.schedule_sales.closes_at is 'When the sale closes; null means when the occurrence ends';
comment on column ticketdb.schedule_sales.max_per_order is 'Most tickets in one order; null means no limit';
comment on column ticketdb.schedule_sales.limit_per_user is 'Most tickets of one user; null means no limit';
-- <<< sql/views/schedule_sales.sql

-- >>> sql/views/v_waitlist.sql
-- Who waits, at which position, and what was offered. Row level security shows a buyer his own.
create or replace view public.v_waitlist
with (security_invoker = true)
as
select
    e.id as entry_id,
    e.schedule_id,
    e.quantity,
    -- a lapsed offer is no offer, swept or not
    case when e.status = 'offered' and r.expires_at <= clock_timestamp() then 'lapsed' else e.status end as status,
    case when e.status = 'waiting' then ticketdb.waitlist_position(e.id) end as position,
    e.reservation_id,
    r.expires_at,
    e.user_id,
    e.contact,
    e.joined_at,
    e.offered_at,
    e.closed_at
from public.event_waitlist as e
left join public.ticket_reservations as r on r.id = e.reservation_id;
revoke all on public.v_waitlist from public;
comment on view public.v_waitlist is
'Waiting list

One row for each party that waits, or waited, for seats of a schedule. A buyer sees his own.';
comment on column public.v_waitlist.entry_id is 'Place in the waiting list: the argument of leave_waitlist';
comment on column public.v_waitlist.schedule_id is 'Occurrence';
comment on column public.v_waitlist.quantity is 'Number of tickets; offered together or not at all';
comment on column public.v_waitlist.status is
'waiting, offered, taken (paid), lapsed (not paid in time), left, or closed (with the sale)';
comment on column public.v_waitlist.position is 'Position among those who wait, from 1; null for who does not wait';
comment on column public.v_waitlist.reservation_id is 'Hold that was offered: what confirm_reservation takes';
comment on column public.v_waitlist.expires_at is 'When the offer lapses unless paid';
comment on column public.v_waitlist.user_id is 'User who waits; null for a guest';
comment on column public.v_waitlist.contact is 'Contact data: name, mobile, email';
comment on column public.v_waitlist.joined_at is 'When it was joined';
comment on column public.v_waitlist.offered_at is 'When seats were offered';
comment on column public.v_waitlist.closed_at is 'When it was taken, lapsed, left or closed';
-- <<< sql/views/v_waitlist.sql

-- >>> sql/triggers/waitlist.sql
-- Triggers of the waiting list, on what frees seats or closes a sale. Their conditions keep them out of the way of everything else.
-- A constraint trigger cannot be replaced: a migration that changes one drops it first, above its generated part.
create or replace trigger follow_offer
after update on public.ticket_reservations
for each row when (old.origin = 'waitlist' and new.status <> old.status)
execute function ticketdb.follow_offer();
create or replace trigger follow_deleted_offer
before delete on public.ticket_reservations
for each row when (old.origin = 'waitlist' and old.status = 'held')
execute function ticketdb.follow_offer();
create constraint trigger offer_freed_seats
after update on public.ticket_reservations
deferrable initially deferred
for each row when (
    old.status in ('held', 'confirmed')
    and (
        new.status not in ('held', 'confirmed') or new.quantity < old.quantity or new.schedule_id <> old.schedule_id
    )
)
execute function ticketdb.offer_freed_seats();
create constraint trigger offer_deleted_seats
after delete on public.ticket_reservations
deferrable initially deferred
for each row when (old.status in ('held', 'confirmed'))
execute function ticketdb.offer_freed_seats();
create constraint trigger offer_more_seats
after update on public.event_schedules
deferrable initially deferred
for each row when (new.max_tickets > old.max_tickets)
execute function ticketdb.offer_freed_seats();
create or replace trigger close_waitlist
after update on public.event_schedules
for each row when (
    (new.status <> 'scheduled' or new.is_blocked) and old.status = 'scheduled' and not old.is_blocked
)
execute function ticketdb.close_waitlist();
-- <<< sql/triggers/waitlist.sql
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
