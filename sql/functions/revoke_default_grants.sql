-- Closes what ticketdb made to everybody, to PostgREST's roles, and to whom the database grants rights on all that is new, as Supabase
-- does; row level security does not cover all of them, truncate for one. grant_roles opens what is needed. Called by migrations
-- after they made something.
-- locks: the objects themselves, briefly
-- raises: nothing
create or replace function ticketdb.revoke_default_grants()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_object record;
    -- the inside, where it has a schema of its own
    v_inside constant oid := (
        select nullif(i.relnamespace, f.relnamespace)
        from pg_class as i
        cross join pg_class as f
        where i.oid = 'ticketdb.seat_buckets'::regclass and f.oid = 'public.event_schedules'::regclass
    );
begin
    for v_object in
        with ours as (
            select c.oid, c.relacl as acl, c.relowner as owner,
                case c.relkind when 'S' then 'sequence' else 'table' end as kind, c.oid::regclass::text as name
            from pg_class as c
            where c.relkind in ('r', 'p', 'v', 'm', 'S')
              and (
                  c.relnamespace = v_inside
                  or c.oid in (
                      select g.object::regclass from ticketdb.role_grants as g where g.kind in ('table', 'sequence')
                  )
                  -- the sequences of their keys
                  or exists (
                      select
                      from pg_depend as d
                      inner join ticketdb.role_grants as g on g.kind = 'table' and g.object::regclass = d.refobjid
                      where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
                  )
              )
            union all
            select p.oid, p.proacl, p.proowner, 'function', p.oid::regprocedure::text
            from pg_proc as p
            where p.pronamespace = v_inside
               or p.oid in (
                   select g.object::regprocedure from ticketdb.role_grants as g where g.kind = 'function'
                   union all
                   -- the owner's alone, and so in no list
                   select to_regprocedure(f.name)
                   from (
                       values
                       ('public.link_legacy_data(boolean)'),
                       ('public.schedule_maintenance_jobs(interval, int)'),
                       ('public.unschedule_maintenance_jobs()')
                   ) as f (name)
               )
        )
        select distinct o.kind, o.name, case when a.grantee = 0 then 'public' else quote_ident(r.rolname) end as grantee
        from ours as o
        cross join aclexplode(o.acl) as a
        left join pg_roles as r on r.oid = a.grantee
        -- what somebody granted to a role of his own stays
        where a.grantee <> o.owner
          and (
              a.grantee = 0
              or r.rolname in (select g.role_name from ticketdb.role_grants as g)
              or a.grantee in (
                  select e.grantee from pg_default_acl as d cross join aclexplode(d.defaclacl) as e
              )
          )
    loop
        execute format('revoke all on %s %s from %s', v_object.kind, v_object.name, v_object.grantee);
    end loop;
end
$$;
revoke execute on function ticketdb.revoke_default_grants() from public;
comment on function ticketdb.revoke_default_grants() is 'Close what ticketdb made to all to whom it was opened by default';
