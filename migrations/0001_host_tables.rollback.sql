-- Takes out 0001: the tables that it made; those that were there before stay.

do $$
declare
    v_table text;
begin
    foreach v_table in array array['program_participants', 'bookings', 'spaces', 'venues', 'users']
    loop
        if exists (
            select from ticketdb.host_changes as c where c.kind = 'table' and c.relation = v_table
        ) then
            execute format('drop table public.%I', v_table);
        end if;
    end loop;
end
$$;
drop table ticketdb.host_changes;
