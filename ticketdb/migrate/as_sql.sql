-- ticketdb, as SQL: what `ticketdb migrate` does up to {newest}, with the same records, so that `ticketdb status`
-- agrees afterwards. What a database has already is left alone: on one that has everything this changes nothing.
--
{title}-- One statement, and so one transaction, all or nothing, wherever it runs: Supabase's SQL editor, `supabase db push`,
-- `psql -f`. The indexes on the application's own tables are built in it, while those tables cannot be written to: where
-- they have millions of rows in use, run `ticketdb migrate` instead, which keeps nobody waiting.
--
-- Made by `ticketdb export`; not to be edited.

do $ticketdb$
declare
    v_inside constant text := {inside};
    v_face constant text := {face};
    v_part constant int := {part};
    v_parts constant int := {parts};
    -- id, the part it comes with, checksum of the file, and what it creates as [schema, name]
    v_migrations constant jsonb := {migrations};
    v_settings constant jsonb := {settings};
    v_before jsonb;
    v_records jsonb := '{}';
    v_unknown text;
    v_edited text;
    v_earlier int;
    v_missing text[];
    v_pending text[];
    v_is_new boolean;
    v_schemas text[];
    v_names text[];
begin
    -- the same whoever runs it, whatever that role or database has set; set back at the end
    select jsonb_object_agg(s.name, current_setting(s.name)) into v_before from jsonb_object_keys(v_settings) as s (name);
    perform set_config(s.key, s.value, true) from jsonb_each_text(v_settings) as s;

    -- the lock of `ticketdb migrate`. Not waited for: it may be building indexes, which wait for this transaction in turn
    if not pg_try_advisory_xact_lock({lock}) then
        raise exception using
            errcode = 'lock_not_available',
            message = 'Another run is migrating this database.',
            hint = 'Nothing was changed. Run it again when that one has ended.';
    end if;

    if to_regclass('{records}') is not null then
        select coalesce(jsonb_object_agg(r.migration_id, r.checksum), '{}') into v_records from {records} as r;
    end if;
    select string_agg(r.id, ', ' order by r.id) into v_unknown
    from jsonb_object_keys(v_records) as r (id)
    where r.id not in (select m ->> 'id' from jsonb_array_elements(v_migrations) as m);
    if v_unknown is not null then
        raise exception using
            message = format('The database has migrations that this text does not know: %s.', v_unknown),
            hint = 'Nothing was changed. Make it anew with the newer package: pip install --upgrade ticketdb';
    end if;
    select string_agg(m ->> 'id', ', ' order by m ->> 'id') into v_edited
    from jsonb_array_elements(v_migrations) as m
    where v_records -> (m ->> 'id') is not null and v_records ->> (m ->> 'id') is distinct from m ->> 'checksum';
    if v_edited is not null then
        raise exception using
            message = format('Changed after being applied: %s.', v_edited),
            hint = 'Nothing was changed. Reinstall ticketdb to have the released files again, and make this text anew.';
    end if;

    select min((m ->> 'part')::int) into v_earlier
    from jsonb_array_elements(v_migrations) as m
    where v_records -> (m ->> 'id') is null and (m ->> 'part')::int < v_part;
    if v_earlier is not null then
        raise exception using
            message = format('This is part %s of %s, and part %s was not run on this database.', v_part, v_parts, v_earlier),
            hint = format('Nothing was changed. Run part %s first.', v_earlier);
    end if;

    v_is_new := v_records = '{}';
    v_missing := array(
        select m ->> 'id' from jsonb_array_elements(v_migrations) as m where v_records -> (m ->> 'id') is null order by 1
    );
    v_pending := array(
        select m ->> 'id'
        from jsonb_array_elements(v_migrations) as m
        where m ->> 'id' = any (v_missing) and (m ->> 'part')::int = v_part
        order by 1
    );
    -- all that will be needed, so that the first part is not run where a later one could not be
    select array_agg(w.schema), array_agg(w.name) into v_schemas, v_names
    from (
        select n ->> 0 as schema, n ->> 1 as name
        from jsonb_array_elements(v_migrations) as m
        cross join jsonb_array_elements(m -> 'creates') as n
        group by 1, 2
        having bool_and(m ->> 'id' = any (v_missing))
    ) as w;

    if v_pending <> '{}' then
{preflight}
        if to_regnamespace(v_inside) is null then
{create_schema}
        end if;
        if to_regclass('{records}') is null then
            -- as yoyo-migrations makes them
            create table {records} (
                migration_hash varchar(64) primary key, migration_id varchar(255), applied_at_utc timestamp
            );
            create table {log} (
                id varchar(36) primary key, migration_hash varchar(64), migration_id varchar(255), operation varchar(10),
                username varchar(255), hostname varchar(255), comment varchar(255), created_at_utc timestamp
            );
            create table {version} (version int primary key, installed_at_utc timestamp);
            insert into {version} (version, installed_at_utc) values (2, clock_timestamp() at time zone 'utc');
{finish_records}
        end if;
    end if;

{statements}
    insert into {records} (migration_hash, migration_id, applied_at_utc, checksum)
    select encode(sha256(convert_to(m ->> 'id', 'UTF8')), 'hex'), m ->> 'id', clock_timestamp() at time zone 'utc', m ->> 'checksum'
    from jsonb_array_elements(v_migrations) with ordinality as e (m, position)
    where m ->> 'id' = any (v_pending)
    order by e.position;
    insert into {log} (id, migration_hash, migration_id, operation, comment, created_at_utc)
    select
        gen_random_uuid()::text, encode(sha256(convert_to(p.id, 'UTF8')), 'hex'), p.id, 'apply',
        left(format('ticketdb export, as %s', current_user), 255), clock_timestamp() at time zone 'utc'
    from unnest(v_pending) as p (id);

    perform set_config(s.key, s.value, true) from jsonb_each_text(v_before) as s;
end
$ticketdb$;

select r.migration_id, r.applied_at_utc from {records} as r order by r.migration_id;
