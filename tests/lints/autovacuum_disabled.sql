-- 0030, performance: a table that is never cleaned up.
select
    'autovacuum_disabled' as rule,
    c.oid::regclass::text as object,
    '' as detail
from pg_class as c
cross join pg_options_to_table(c.reloptions) as o
where c.relkind in ('r', 'p', 'm')
  and c.relnamespace::regnamespace::text in ('public', 'ticketdb')
  and o.option_name = 'autovacuum_enabled'
  and not o.option_value::boolean
