-- 0024: a policy lets a role of the API write whatever it likes. Reading may be meant for everybody.
with policies as (
    select
        p.polrelid,
        p.polname,
        p.polcmd,
        regexp_replace(pg_get_expr(p.polqual, p.polrelid), '[\s()]', '', 'g') as old_row,
        -- without a word about the new row, the old row's condition holds for it
        regexp_replace(pg_get_expr(coalesce(p.polwithcheck, p.polqual), p.polrelid), '[\s()]', '', 'g') as new_row
    from pg_policy as p
    inner join pg_class as c on c.oid = p.polrelid
    where p.polpermissive
      and p.polcmd <> 'r'
      and c.relnamespace::regnamespace::text in ('public', 'ticketdb')
      and (
          0 = any(p.polroles)
          or exists (
              select from pg_roles as r
              where r.oid = any(p.polroles) and r.rolname in ('anon', 'authenticated')
          )
      )
)

select
    'rls_policy_always_true' as rule,
    p.polrelid::regclass::text as object,
    p.polname::text as detail
from policies as p
-- no condition at all, or one like 1 = 1
where p.polcmd <> 'a' and coalesce(p.old_row, 'true') ~ '^(true|(.+)=\2)$'
   or p.polcmd <> 'd' and coalesce(p.new_row, 'true') ~ '^(true|(.+)=\2)$'
