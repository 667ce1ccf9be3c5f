-- Who occupies a space when: a row for each occurrence in a space, and for each booking of the application's that takes one, or each
-- day of it. Made from both by trigger (occupy_spaces), from the one reading of them, ticketdb.space_claims. Overlaps that were there
-- before ticketdb are kept: then only one holds the time in common, and it goes to the other when the first gives it up.

create table ticketdb.space_occupations (
    source text not null,
    source_id bigint not null,
    space_id int not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    holds tstzmultirange not null,

    constraint space_occupations_pkey primary key (source, source_id, starts_at),
    constraint occupation_source_known check (source in ('schedule', 'booking')),
    constraint occupation_ends_after_start check (ends_at > starts_at),
    constraint occupation_holds_its_own_time check (holds <@ tstzrange(starts_at, ends_at)),
    -- the rule that everything else is about: no moment of a space is held twice. A range of one number stands for the number, so
    -- that no extension is needed
    constraint space_taken_once exclude using gist (
        int8range(space_id, space_id, '[]') with &&, holds with &&
    )
);
create index space_occupations_calendar on ticketdb.space_occupations (space_id, starts_at);
-- those in an overlap that was kept: few
create index space_occupations_kept on ticketdb.space_occupations (space_id, starts_at)
where holds <> tstzmultirange(tstzrange(starts_at, ends_at));

comment on table ticketdb.space_occupations is
'Who occupies a space when

Kept by trigger from event_schedules and bookings; verify_inventory compares.';
comment on column ticketdb.space_occupations.source is 'schedule or booking';
comment on column ticketdb.space_occupations.source_id is 'Its id in event_schedules or bookings';
comment on column ticketdb.space_occupations.space_id is 'Space';
comment on column ticketdb.space_occupations.starts_at is 'From when, set-up included';
comment on column ticketdb.space_occupations.ends_at is 'Until when, tear-down included';
comment on column ticketdb.space_occupations.holds is
'What of this time nobody else had: all of it, less where it is the later one of an overlap that was kept';
