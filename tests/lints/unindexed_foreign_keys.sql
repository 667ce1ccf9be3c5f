-- 0001: no index begins with the columns of a foreign key, in their order. A partial index counts.
select
    'unindexed_foreign_keys' as rule,
    k.conrelid::regclass::text as object,
    k.conname::text as detail
from pg_constraint as k
where k.contype = 'f'
  and k.connamespace::regnamespace::text in ('public', 'ticketdb')
  and not exists (
      select from pg_index as i
      where i.indrelid = k.conrelid
        and i.indisvalid
        -- subscripts of an int2vector begin with 0
        and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] = k.conkey
  )
