-- Events with recurrence rules as venues have them, most of them of days and weeks, for the measurements of recurrence.

create table bench.rules (place serial primary key, rrule text not null);
insert into bench.rules (rrule)
values
('FREQ=DAILY'),
('FREQ=DAILY;INTERVAL=3'),
('FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR'),
('FREQ=DAILY;BYHOUR=7,18;BYMINUTE=0,30'),
('FREQ=DAILY;BYMONTH=6,7,8;BYHOUR=10,15'),
('FREQ=WEEKLY;BYDAY=MO,WE,FR'),
('FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU'),
('FREQ=WEEKLY;COUNT=5000;BYDAY=SA,SU'),
('FREQ=MONTHLY;BYDAY=2TU,-1FR'),
('FREQ=MONTHLY;BYMONTHDAY=1,15,-1'),
('FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1'),
('FREQ=YEARLY;BYMONTH=3,9;BYDAY=-1SU'),
('FREQ=YEARLY;BYWEEKNO=20,40;BYDAY=SA'),
('FREQ=YEARLY;BYYEARDAY=1,100,200,-1');

create function bench.define_rules(p_definitions int, p_starts_on date)
returns void
language sql
as $$
    insert into public.event_definitions (
        event_code, title, event_category, event_type, recurrence_type, rrule, recurrence_starts_on, default_start_time,
        max_tickets, default_ticket_price
    )
    -- no two are alike, so that each is really expanded
    select
        'event-' || n, 'Event ' || n, 'bench', 'bench', 'rrule', r.rrule, p_starts_on, time '06:00' + n * interval '1 minute', 50, 100
    from generate_series(0, p_definitions - 1) as n
    inner join bench.rules as r on r.place = n % (select count(*) from bench.rules) + 1;
$$;

-- the starts in a period, as generating asks for them: the rules were checked when they were saved
create function bench.expand_rules(p_from timestamp, p_to timestamp)
returns bigint
language sql
as $$
    select count(*)
    from public.event_definitions as d
    cross join lateral ticketdb.rrule_starts(d.rrule, d.recurrence_starts_on + d.default_start_time, p_from, p_to);
$$;

-- the same starts, where all since the beginning are expanded first
create function bench.expand_rules_whole(p_from timestamp, p_to timestamp)
returns bigint
language sql
as $$
    select count(*)
    from public.event_definitions as d
    cross join lateral ticketdb.rrule_starts(
        d.rrule, d.recurrence_starts_on + d.default_start_time, d.recurrence_starts_on + d.default_start_time, p_to
    ) as s (at)
    where s.at >= p_from;
$$;

-- what generating a period inserts, ready to be inserted by one statement
create table bench.occurrences (
    event_definition_id int, schedule_date date, start_time time, end_time time, max_tickets int, default_ticket_price numeric(10,2)
);
create function bench.prepare_occurrences(p_from date, p_to date)
returns bigint
language sql
as $$
    insert into bench.occurrences
    select d.id as event_definition_id, o.schedule_date, o.start_time, o.end_time, d.max_tickets, d.default_ticket_price
    from public.event_definitions as d
    cross join lateral ticketdb.definition_occurrences(d.id, p_from, p_to) as o
    order by d.id, o.schedule_date;
    select count(*) from bench.occurrences;
$$;

create function bench.insert_occurrences()
returns bigint
language sql
as $$
    with inserted as (
        insert into public.event_schedules (event_definition_id, schedule_date, start_time, end_time, max_tickets, ticket_price)
        select o.event_definition_id, o.schedule_date, o.start_time, o.end_time, o.max_tickets, o.default_ticket_price
        from bench.occurrences as o
        returning id
    )
    select count(*) from inserted;
$$;

create function bench.generate_rules(p_from date, p_to date)
returns bigint
language sql
as $$
    select sum(public.generate_recurring_schedules(d.id, p_from, p_to)) from public.event_definitions as d;
$$;
