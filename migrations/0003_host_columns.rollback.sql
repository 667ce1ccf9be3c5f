-- Takes out 0003: our foreign keys, and the columns that it made; those that were there before stay.

alter table public.bookings drop constraint ticketdb_event_schedule_id;
alter table public.bookings drop constraint ticketdb_event_definition_id;
alter table public.bookings drop constraint ticketdb_ticket_type_id;
alter table public.program_participants drop constraint ticketdb_event_schedule_id;
alter table public.program_participants drop constraint ticketdb_event_definition_id;

do $$
declare
    v_column record;
begin
    for v_column in
        select c.relation, c.name from ticketdb.host_changes as c where c.kind = 'column'
    loop
        execute format('alter table public.%I drop column %I', v_column.relation, v_column.name);
    end loop;
    delete from ticketdb.host_changes as c where c.kind = 'column';
end
$$;
