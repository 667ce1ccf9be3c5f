-- How long a text column of the application's program_participants may be. Called by add_participants.
-- locks: none
-- raises: nothing
create or replace function ticketdb.participant_text_length(p_column text)
returns int
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- a varchar(n) has n + 4 here, a text has -1
    return (
        select case when a.atttypmod > 4 then a.atttypmod - 4 else 10000 end
        from pg_attribute as a
        where a.attrelid = 'public.program_participants'::regclass and a.attname = p_column
    );
end
$$;
revoke execute on function ticketdb.participant_text_length(text) from public;
comment on function ticketdb.participant_text_length(text) is
'Longest text, in characters, that a column of program_participants takes';
