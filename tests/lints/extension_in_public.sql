-- 0014: an extension whose objects lie in the schema of the API.
select
    'extension_in_public' as rule,
    e.extname::text as object,
    '' as detail
from pg_extension as e
where e.extnamespace = 'public'::regnamespace
  and e.extname <> 'plpgsql'
