-- One row (kind, name, definition) for each object of the schemas $1, relations named in $2 left out.
-- Run with only pg_catalog on the search path, so that names come with their schema.
with ns as (
    select n.oid, n.nspname, n.nspacl, n.nspowner from pg_namespace as n where n.nspname = any ($1)
),
rel as (
    select c.*, format('%I.%I', ns.nspname, c.relname) as name
    from pg_class as c
    join ns on ns.oid = c.relnamespace
    left join pg_index as i on i.indexrelid = c.oid
    left join pg_class as t on t.oid = i.indrelid
    where coalesce(t.relname, c.relname) <> all ($2)
),
fun as (
    select p.*, p.oid::regprocedure::text as name from pg_proc as p join ns on ns.oid = p.pronamespace
    where p.prokind in ('f', 'p')
),
-- what nobody granted or revoked is made explicit, so that two ways of saying the same are the same
acl (name, acl, owner) as (
    select 'schema ' || n.nspname, coalesce(n.nspacl, acldefault('n', n.nspowner)), n.nspowner from ns as n
    union all
    select r.name, coalesce(r.relacl, acldefault(case r.relkind when 'S' then 's' else 'r' end::"char", r.relowner)), r.relowner
    from rel as r where r.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    union all
    select format('%s.%I', r.name, a.attname), a.attacl, r.relowner
    from rel as r join pg_attribute as a on a.attrelid = r.oid and not a.attisdropped
    union all
    select f.name, coalesce(f.proacl, acldefault('f', f.proowner)), f.proowner from fun as f
)
select 'grant' as kind,
       a.name || ' to ' || case x.grantee when 0 then 'public' else x.grantee::regrole::text end as name,
       string_agg(lower(x.privilege_type) || case when x.is_grantable then '*' else '' end, ', '
                  order by x.privilege_type) as definition
from acl as a cross join aclexplode(a.acl) as x
where x.grantee <> a.owner
group by a.name, x.grantee
union all
select 'schema', n.nspname::text, 'owner ' || n.nspowner::regrole::text from ns as n
union all
select case r.relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view' else 'table' end,
       r.name,
       concat_ws(' ', 'owner ' || r.relowner::regrole::text, r.relpersistence::text,
                 case when r.relrowsecurity then 'rls' end, case when r.relforcerowsecurity then 'forced' end,
                 r.relreplident::text, r.reloptions::text,
                 case when r.relkind in ('v', 'm') then pg_get_viewdef(r.oid) end,
                 (
                     select format('%s %s..%s by %s cache %s cycle %s', s.seqtypid::regtype, s.seqmin, s.seqmax,
                                   s.seqincrement, s.seqcache, s.seqcycle)
                     from pg_sequence as s where s.seqrelid = r.oid
                 ))
from rel as r where r.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
union all
select 'column', format('%s.%I', r.name, a.attname),
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
                 'identity ' || nullif(a.attidentity::text, ''), 'generated ' || nullif(a.attgenerated::text, ''),
                 'default ' || pg_get_expr(d.adbin, d.adrelid))
from rel as r
join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
where r.relkind in ('r', 'p', 'v', 'm', 'f')
union all
select 'constraint', format('%s.%I', r.name, k.conname),
       pg_get_constraintdef(k.oid) || case when k.convalidated then '' else ' (not validated)' end
from pg_constraint as k join rel as r on r.oid = k.conrelid
where k.contype <> 'n'
union all
select 'index', r.name, pg_get_indexdef(r.oid) || case when i.indisvalid then '' else ' (invalid)' end
from rel as r join pg_index as i on i.indexrelid = r.oid
union all
select 'trigger', format('%s.%I', r.name, t.tgname), pg_get_triggerdef(t.oid) || ' enabled ' || t.tgenabled::text
from pg_trigger as t join rel as r on r.oid = t.tgrelid
where not t.tgisinternal
union all
select 'policy', format('%s.%I', r.name, p.polname),
       concat_ws(' ', p.polcmd::text, case when p.polpermissive then 'permissive' else 'restrictive' end,
                 (
                     select string_agg(case o.oid when 0 then 'public' else o.oid::regrole::text end, ', ' order by 1)
                     from unnest(p.polroles) as o (oid)
                 ),
                 'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
from pg_policy as p join rel as r on r.oid = p.polrelid
union all
select 'function', f.name, 'owner ' || f.proowner::regrole::text || ' ' || pg_get_functiondef(f.oid) from fun as f
union all
select 'type', format('%I.%I', ns.nspname, t.typname),
       concat_ws(' ', t.typtype::text, format_type(nullif(t.typbasetype, 0), t.typtypmod),
                 (
                     select string_agg(e.enumlabel, ', ' order by e.enumsortorder)
                     from pg_enum as e where e.enumtypid = t.oid
                 ),
                 (
                     select string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', '
                                       order by a.attnum)
                     from pg_attribute as a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
                 ))
from pg_type as t join ns on ns.oid = t.typnamespace
-- of composite types those that no table or view brings along
where t.typtype in ('e', 'd', 'r') or t.typrelid in (select r.oid from rel as r where r.relkind = 'c')
union all
select 'comment', i.type || ' ' || i.identity, d.description
from pg_description as d
cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) as i
where (d.classoid, d.objoid) in (
    select 'pg_namespace'::regclass, ns.oid from ns
    union all select 'pg_class'::regclass, r.oid from rel as r
    union all select 'pg_proc'::regclass, f.oid from fun as f
    union all select 'pg_type'::regclass, t.oid from pg_type as t join ns on ns.oid = t.typnamespace
    union all select 'pg_constraint'::regclass, k.oid from pg_constraint as k join rel as r on r.oid = k.conrelid
    union all select 'pg_trigger'::regclass, t.oid from pg_trigger as t join rel as r on r.oid = t.tgrelid
    union all select 'pg_policy'::regclass, p.oid from pg_policy as p join rel as r on r.oid = p.polrelid
)
