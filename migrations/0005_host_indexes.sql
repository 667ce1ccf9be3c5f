-- transactional: false
-- Indexes of ours on the application's tables, built while it writes. An index of that name that the application has
-- already is left alone. Every statement can be repeated: a run that was interrupted is run again.

-- what an interrupted build left behind is invalid; only ours are noted
do $$
declare
    v_index text;
begin
    for v_index in
        select c.name
        from ticketdb.host_changes as c
        inner join pg_catalog.pg_index as i on i.indexrelid = to_regclass('public.' || c.name)
        where c.kind = 'index' and not i.indisvalid
    loop
        execute format('drop index public.%I', v_index);
    end loop;
end
$$;

-- noted before they are built, so that an interrupted build is known as ours
insert into ticketdb.host_changes (kind, relation, name)
select 'index', i.relation, i.name
from (
    values
        ('bookings', 'idx_bookings_event_schedule'),
        ('bookings', 'ticketdb_bookings_definition'),
        ('bookings', 'ticketdb_bookings_ticket_type'),
        ('program_participants', 'idx_participants_event_schedule'),
        ('program_participants', 'ticketdb_participants_definition'),
        ('program_participants', 'ticketdb_participants_booking')
) as i (relation, name)
where to_regclass('public.' || i.name) is null
on conflict do nothing;

create index concurrently if not exists idx_bookings_event_schedule on public.bookings (event_schedule_id);
create index concurrently if not exists ticketdb_bookings_definition on public.bookings (event_definition_id);
create index concurrently if not exists ticketdb_bookings_ticket_type on public.bookings (ticket_type_id);
create index concurrently if not exists idx_participants_event_schedule on public.program_participants (event_schedule_id);
create index concurrently if not exists ticketdb_participants_definition on public.program_participants (event_definition_id);
create index concurrently if not exists ticketdb_participants_booking on public.program_participants (booking_id);
