-- Takes out 0005: the indexes that it made.

do $$
declare
    v_index text;
begin
    for v_index in
        select c.name from ticketdb.host_changes as c where c.kind = 'index'
    loop
        execute format('drop index if exists public.%I', v_index);
    end loop;
    delete from ticketdb.host_changes as c where c.kind = 'index';
end
$$;
