-- A reason for which nothing is sold, in words that fit behind "Event is". Called where a message is made for people.
-- locks: none
-- raises: nothing
create or replace function ticketdb.describe_refusal(p_reason text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case p_reason
        when 'schedule_cancelled' then 'cancelled'
        when 'schedule_completed' then 'completed'
        when 'schedule_blocked' then 'blocked'
        when 'not_on_sale' then 'not on sale'
    end;
$$;
revoke execute on function ticketdb.describe_refusal(text) from public;
comment on function ticketdb.describe_refusal(text) is 'A refusal of schedule_sales in words';
