-- Numbers as a part of a recurrence rule lists them: each once, ascending, those counted from the end last. Called by normalise_rrule.
-- locks: none
-- raises: nothing
create or replace function ticketdb.number_list(p_numbers int[])
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select string_agg(u.n::text, ',' order by u.n < 0, u.n)
        from (select distinct x.n from unnest(p_numbers) as x (n)) as u
    );
end
$$;
revoke execute on function ticketdb.number_list(int[]) from public;
comment on function ticketdb.number_list(int[]) is 'Numbers with commas between them; null for null';
