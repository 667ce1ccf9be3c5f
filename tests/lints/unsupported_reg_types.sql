-- 0018: a column of a reg… type that pg_upgrade cannot carry over. regclass, regrole and regtype it can.
select
    'unsupported_reg_types' as rule,
    c.oid::regclass::text as object,
    a.attname::text as detail
from pg_attribute as a
inner join pg_class as c on c.oid = a.attrelid
where c.relkind in ('r', 'p', 'm')
  and c.relnamespace::regnamespace::text in ('public', 'ticketdb')
  and not a.attisdropped
  and a.atttypid::regtype::text in (
      'regcollation', 'regconfig', 'regdictionary', 'regnamespace', 'regoper', 'regoperator', 'regproc', 'regprocedure'
  )
