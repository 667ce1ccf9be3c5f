-- 0010: a view of the API reads with the rights of its owner, past row level security.
select
    'security_definer_view' as rule,
    c.oid::regclass::text as object,
    r.rolname::text as detail
from pg_class as c
inner join pg_roles as r on r.rolname in ('anon', 'authenticated')
where c.relkind = 'v'
  and c.relnamespace = 'public'::regnamespace
  and has_any_column_privilege(r.oid, c.oid, 'select')
  and not exists (
      select from pg_options_to_table(c.reloptions) as o
      where o.option_name = 'security_invoker' and o.option_value::boolean
  )
