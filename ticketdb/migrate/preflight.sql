-- What must hold in the application's database before the first change: a block of PL/pgSQL that changes nothing and raises an
-- exception which names everything that is in the way. `ticketdb migrate` runs it by itself, the text of `ticketdb export` has it
-- inside. Around it stand
--     v_inside, v_face text    the two schemas
--     v_schemas, v_names text[]    of everything that the pending migrations create and the applied ones do not
--     v_is_new boolean    no migration is applied
<<preflight>>
declare
    v_problems text[] := '{}';
    v_table record;
    v_column record;
    v_has_values boolean;
begin
    -- a relation, type or function of one of our names would be replaced, or stop us half-way
    v_problems := v_problems || array(
        select format('there is a %s %s.%s, a name that ticketdb needs', x.kind, w.schema, w.name)
        from unnest(v_schemas, v_names) as w (schema, name)
        join pg_catalog.pg_namespace as n on n.nspname = w.schema
        cross join lateral (
            select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'i' then 'index'
                                  when 'S' then 'sequence' when 'c' then 'type' else 'table' end
            from pg_catalog.pg_class as c where c.relnamespace = n.oid and c.relname = w.name
            union
            select 'type' from pg_catalog.pg_type as t
            where t.typnamespace = n.oid and t.typname = w.name and t.typrelid = 0
            union
            select 'function' from pg_catalog.pg_proc as p where p.pronamespace = n.oid and p.proname = w.name
        ) as x (kind)
        order by w.schema, w.name, x.kind
    );

    -- what our foreign keys and triggers need of the application's tables; absent ones will be made
    for v_table in
        select
            n.name, c.oid, c.relkind in ('r', 'p') as is_ordinary, pg_has_role(c.relowner, 'usage') as is_owned,
            (
                select string_agg(w.column_name, ', ' order by w.position)
                from unnest(string_to_array(n.columns, ' ')) with ordinality as w (column_name, position)
                where not exists (
                    select from pg_catalog.pg_attribute as a
                    where a.attrelid = c.oid and a.attname = w.column_name and a.attnum > 0 and not a.attisdropped
                )
            ) as missing,
            not exists (
                select from pg_catalog.pg_attribute as a
                join pg_catalog.pg_index as i on i.indrelid = a.attrelid and i.indkey[0] = a.attnum
                where a.attrelid = c.oid and a.attname = 'id' and a.atttypid = 'int'::regtype
                  and i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null and i.indnkeyatts = 1
            ) as lacks_key
        from (
            values
            ('users', 'id username first_name last_name'),
            ('venues', 'id'),
            ('spaces', 'id'),
            (
                'bookings',
                'id booking_reference user_id space_id venue_id start_datetime end_datetime attendees status total_amount'
                ' booking_type event_type is_admin_booking customer_note banner_image_url'
            ),
            (
                'program_participants',
                'id user_id name mobile program_type subscription_type ticket_quantity booking_id start_date end_date'
                ' amount_paid is_active is_verified scan_count joined_at'
            )
        ) as n (name, columns)
        join pg_catalog.pg_class as c on c.relname = n.name
        join pg_catalog.pg_namespace as s on s.oid = c.relnamespace
        where s.nspname = v_face
        order by n.name
    loop
        if not v_table.is_ordinary then
            v_problems := v_problems || format('%s.%s is not an ordinary table', v_face, v_table.name);
            continue;
        end if;
        if not v_table.is_owned then
            v_problems := v_problems || format('%s does not own table %s.%s', current_user, v_face, v_table.name);
        end if;
        if v_table.missing is not null then
            v_problems := v_problems || format('table %s.%s lacks %s', v_face, v_table.name, v_table.missing);
        end if;
        if v_table.lacks_key then
            v_problems := v_problems || format(
                '%s.%s.id must be an integer with a primary key or unique constraint', v_face, v_table.name
            );
        end if;
        -- columns of ours that the application may have had before
        for v_column in
            select
                a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
                -- once ticketdb's foreign key is there, the values name rows of ticketdb
                exists (
                    select from pg_catalog.pg_constraint as k
                    where k.conrelid = a.attrelid and k.conkey[1] = a.attnum and k.conname = 'ticketdb_' || a.attname
                ) as is_ours
            from pg_catalog.pg_attribute as a
            where a.attrelid = v_table.oid and a.attnum > 0 and not a.attisdropped
              and (
                  v_table.name in ('bookings', 'program_participants')
                  and a.attname in ('event_schedule_id', 'event_definition_id')
                  or v_table.name = 'bookings' and a.attname = 'ticket_type_id'
              )
            order by a.attnum
        loop
            if v_column.type <> 'integer' then
                v_problems := v_problems || format(
                    '%s.%s.%s must be an integer, but is %s', v_face, v_table.name, v_column.name, v_column.type
                );
            elsif not v_column.is_ours then
                execute format(
                    'select exists (select from %I.%I as t where t.%I is not null)', v_face, v_table.name, v_column.name
                ) into v_has_values;
                if v_has_values then
                    v_problems := v_problems || format(
                        '%s.%s.%s has values, which cannot name rows of ticketdb', v_face, v_table.name, v_column.name
                    );
                end if;
            end if;
        end loop;
    end loop;

    -- a schema of our own name that somebody else uses
    if v_is_new and v_inside <> v_face then
        v_problems := v_problems || array(
            select format('schema %s is not empty: there is %s', v_inside, o.identity)
            from (
                select 'pg_catalog.pg_class'::regclass as class, c.oid
                from pg_catalog.pg_class as c
                where c.relnamespace = to_regnamespace(quote_ident(v_inside)) and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
                  and c.relname not in ({record_tables})
                union all
                select 'pg_catalog.pg_proc'::regclass, p.oid
                from pg_catalog.pg_proc as p
                where p.pronamespace = to_regnamespace(quote_ident(v_inside))
            ) as x
            cross join lateral pg_catalog.pg_identify_object(x.class, x.oid, 0) as o
            order by o.identity
        );
    end if;

    -- of the two schemas, only the inner one is made
    v_problems := v_problems || array(
        select
            case when to_regnamespace(quote_ident(s.name)) is null and s.name = v_inside
                then format('%s may not create schema %s in this database', current_user, s.name)
                else format('%s may not create anything in schema %s', current_user, s.name)
            end
        from (select distinct w.name from (values (v_inside), (v_face)) as w (name)) as s
        where not coalesce(
            has_schema_privilege(to_regnamespace(quote_ident(s.name)), 'create'),
            s.name = v_inside and has_database_privilege(current_database(), 'create')
        )
        order by s.name
    );

    if current_setting('server_encoding') <> 'UTF8' then
        v_problems := v_problems
            || format('its encoding is %s, and ticketdb needs UTF8', current_setting('server_encoding'));
    end if;

    if v_problems <> '{}' then
        raise exception using
            message = E'This database cannot take ticketdb as it is:\n  ' || array_to_string(v_problems, E'\n  '),
            hint = 'Nothing was changed. Rename, move or mend what is listed, then run it again.';
    end if;
end;
