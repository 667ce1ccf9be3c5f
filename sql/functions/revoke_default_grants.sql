-- Closes what ticketdb made to everybody but its owner. A database may grant rights on every new table and function by default, as
-- Supabase does to anon and authenticated; row level security does not cover all of them, truncate for one. Called by migrations
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
                      'public.event_definitions'::regclass, 'public.event_schedules'::regclass,
                      'public.ticket_types'::regclass, 'public.ticket_reservations'::regclass,
                      'public.ticket_payments'::regclass, 'public.event_tickets'::regclass,
                      'public.ticket_check_ins'::regclass,
                      'public.legacy_link_issues'::regclass, 'public.v_event_availability'::regclass,
                      'public.v_schedule_participants'::regclass
                  )
                  -- the sequences of their keys
                  or exists (
                      select from pg_depend as d
                      where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
                        and d.refobjid in (
                            'public.event_definitions'::regclass, 'public.event_schedules'::regclass,
                            'public.ticket_types'::regclass, 'public.ticket_reservations'::regclass,
                            'public.ticket_payments'::regclass, 'public.event_tickets'::regclass,
                            'public.ticket_check_ins'::regclass,
                            'public.legacy_link_issues'::regclass
                        )
                  )
              )
            union all
            select p.oid, p.proacl, p.proowner, 'function', p.oid::regprocedure::text
            from pg_proc as p
            where p.pronamespace = v_inside
               or p.oid in (
                   'public.generate_recurring_schedules'::regproc, 'public.preview_recurring_schedules'::regproc,
                   'public.check_ticket_availability'::regproc, 'public.reserve_tickets'::regproc,
                   'public.confirm_reservation'::regproc, 'public.release_reservation'::regproc,
                   'public.cancel_reservation'::regproc, 'public.reserve_series'::regproc,
                   'public.check_in'::regproc, 'public.run_maintenance'::regproc,
                   'public.link_legacy_data'::regproc, 'public.verify_inventory'::regproc
               )
        )
        select distinct o.kind, o.name, case when a.grantee = 0 then 'public' else quote_ident(r.rolname) end as grantee
        from ours as o
        cross join aclexplode(o.acl) as a
        left join pg_roles as r on r.oid = a.grantee
        where a.grantee <> o.owner
    loop
        execute format('revoke all on %s %s from %s', v_object.kind, v_object.name, v_object.grantee);
    end loop;
end
$$;
revoke execute on function ticketdb.revoke_default_grants() from public;
comment on function ticketdb.revoke_default_grants() is 'Close what ticketdb made to everybody but its owner';
