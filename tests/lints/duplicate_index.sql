-- 0009: indexes of a table that differ in nothing but their name.
select
    'duplicate_index' as rule,
    i.indrelid::regclass::text as object,
    string_agg(c.relname, ', ' order by c.relname) as detail
from pg_index as i
inner join pg_class as c on c.oid = i.indexrelid
where c.relnamespace::regnamespace::text in ('public', 'ticketdb')
group by
    i.indrelid, c.relam, i.indisunique, i.indnullsnotdistinct, i.indnkeyatts, i.indkey::text, i.indclass::text,
    i.indcollation::text, i.indoption::text, pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid),
    c.reloptions
having count(*) > 1
