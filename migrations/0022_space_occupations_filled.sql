-- Enters the occurrences and bookings that were there before 0021, in its own transaction: writers go on meanwhile, and wait for
-- no more than a row of theirs that is just being entered. Overlaps are kept: v_space_conflicts lists them.

do $$
begin
    perform ticketdb.fill_space_occupations();
end
$$;
