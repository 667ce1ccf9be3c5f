-- The counters that stand between two buyers and one seat. A row for each occurrence (ticket_type_id 0) and for each
-- ticket type that was ever sold on it. Written by ticketdb.count_seats and the two capacity triggers alone.

create table ticketdb.seat_pools (
    schedule_id int not null
        constraint seat_pool_schedule references public.event_schedules (id) on delete cascade,
    ticket_type_id int not null default 0,
    capacity int,
    held int not null default 0,
    sold int not null default 0,

    constraint seat_pools_pkey primary key (schedule_id, ticket_type_id),
    constraint seats_not_negative check (held >= 0 and sold >= 0),
    -- the rule that everything else is about; no capacity means no limit
    constraint seats_within_capacity check (held + sold <= capacity)
) with (fillfactor = 50);

comment on table ticketdb.seat_pools is
'Seats of an occurrence, and of each ticket type on it

held and sold are the sums of ticket_reservations, kept by trigger.';
comment on column ticketdb.seat_pools.schedule_id is 'Occurrence';
comment on column ticketdb.seat_pools.ticket_type_id is 'Ticket type; 0 stands for the occurrence as a whole';
comment on column ticketdb.seat_pools.capacity is 'Number of seats; null means no limit';
comment on column ticketdb.seat_pools.held is 'Seats of held reservations, lapsed ones included until reclaimed';
comment on column ticketdb.seat_pools.sold is 'Seats of confirmed reservations';
