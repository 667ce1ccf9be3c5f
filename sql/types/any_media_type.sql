-- What a function of this type returns goes over HTTP as it stands, not as JSON, whatever the client accepts: so PostgREST reads the
-- name. Calendar programs accept anything; the function says itself which media type it is.
create domain ticketdb."*/*" as text; -- noqa: RF05
comment on domain ticketdb."*/*" is 'Text of the media type that the function names'; -- noqa: RF05
