-- The counters that stand between two buyers and one seat. The seats of an occurrence are dealt over several rows, so that
-- buyers of one occurrence need not wait for each other; so are those of each ticket type that was ever sold on it. A
-- reservation's seats lie in one bucket, the same of the occurrence and of its type. Rows are made with the first reservation.
-- Held and sold are written by ticketdb.move_seats and, on the fast path, ticketdb.hold_tickets; capacity by
-- ticketdb.deal_seats. No foreign key: its check would cost each reservation more than the counting itself. Triggers on
-- the tables that it would refer to keep the same promise (refuse_reserved).

create table ticketdb.seat_buckets (
    schedule_id int not null
        constraint seat_bucket_schedule references public.event_schedules (id) on delete cascade,
    ticket_type_id int not null default 0,
    bucket int not null,
    capacity int,
    held int not null default 0,
    sold int not null default 0,

    constraint seat_buckets_pkey primary key (schedule_id, ticket_type_id, bucket),
    -- the rule that everything else is about; no capacity means no limit
    constraint seats_within_capacity check (held >= 0 and sold >= 0 and held + sold <= capacity)
) with (
    -- room for new versions of the rows on their own page: hot updates stay heap-only
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_analyze_scale_factor = 0.2
);

comment on table ticketdb.seat_buckets is
'Seats of an occurrence, and of each ticket type on it, dealt over several rows

held and sold are the sums of ticket_reservations, kept by trigger.';
comment on column ticketdb.seat_buckets.schedule_id is 'Occurrence';
comment on column ticketdb.seat_buckets.ticket_type_id is 'Ticket type; 0 stands for the occurrence as a whole';
comment on column ticketdb.seat_buckets.bucket is 'Number of the bucket, from 0';
comment on column ticketdb.seat_buckets.capacity is
'Number of seats dealt to it; the sum is max_tickets, or max_quantity of the type; null means no limit';
comment on column ticketdb.seat_buckets.held is 'Seats of held reservations, lapsed ones included until reclaimed';
comment on column ticketdb.seat_buckets.sold is 'Seats of confirmed reservations';
