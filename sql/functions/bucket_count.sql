-- Over how many buckets so many seats are dealt. More buckets let more buyers in at once; fewer let a party find its seats in
-- one. Sixteen seats a bucket, and no more than 128 buckets: docs/performance.md has the measurements.
-- locks: none
-- raises: nothing
create or replace function ticketdb.bucket_count(p_seats int)
returns int
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return least(greatest(p_seats / 16, 1), 128);
end
$$;
revoke execute on function ticketdb.bucket_count(int) from public;
comment on function ticketdb.bucket_count(int) is 'Over how many buckets so many seats are dealt';
