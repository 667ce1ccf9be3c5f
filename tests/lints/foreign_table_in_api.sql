-- 0017: a foreign table of the API, on which there is no row level security.
select
    'foreign_table_in_api' as rule,
    c.oid::regclass::text as object,
    r.rolname::text as detail
from pg_class as c
inner join pg_roles as r on r.rolname in ('anon', 'authenticated')
where c.relkind = 'f'
  and c.relnamespace = 'public'::regnamespace
  and has_any_column_privilege(r.oid, c.oid, 'select')
