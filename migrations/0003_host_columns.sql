-- Columns of ours in the application's tables. Each alter table holds its lock for a moment only: no rewrite, no scan.

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/tables/100_host_columns.sql
-- Nullable columns that let the application's rows name an occurrence. No default, so no rewrite; the foreign keys are
-- added without a scan and validated in a transaction of their own.

do $$
declare
    v_column record;
begin
    for v_column in
        select c.relation, c.name, c.target
        from (values
            ('bookings', 'event_schedule_id', 'event_schedules'),
            ('bookings', 'event_definition_id', 'event_definitions'),
            ('bookings', 'ticket_type_id', 'ticket_types'),
            ('program_participants', 'event_schedule_id', 'event_schedules'),
            ('program_participants', 'event_definition_id', 'event_definitions')
        ) as c (relation, name, target)
    loop
        if not exists (
            select from pg_catalog.pg_attribute as a
            where a.attrelid = ('public.' || v_column.relation)::regclass
              and a.attname = v_column.name and not a.attisdropped
        ) then
            execute format('alter table public.%I add column %I int', v_column.relation, v_column.name);
            execute format(
                'comment on column public.%I.%I is %L', v_column.relation, v_column.name,
                'Names a row of ' || v_column.target || '; added by ticketdb'
            );
            insert into ticketdb.host_changes (kind, relation, name)
            values ('column', v_column.relation, v_column.name);
        end if;
        execute format(
            'alter table public.%I add constraint %I foreign key (%I) references public.%I (id) not valid',
            v_column.relation, 'ticketdb_' || v_column.name, v_column.name, v_column.target
        );
    end loop;
end
$$;
-- <<< sql/tables/100_host_columns.sql
-- <<< generated
