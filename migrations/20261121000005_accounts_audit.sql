-- The audit trail: who looked at whom, when and why. Entries are chained by hash and only ever appended; the server signs
-- the head of the chain outside the database, so that even its superuser cannot rewrite the past unnoticed.

create table audit_entry (
    id            bigint primary key,                 -- gapless: assigned under a lock
    at            timestamptz not null,
    account_id    bigint,
    login         text,                               -- as it was then
    action        text not null,
    subject_kind  text,
    subject_id    bigint,
    area_id       integer,
    reason        text,
    outcome       text not null check (outcome in ('allowed', 'refused')),
    request_id    uuid,
    previous_hash bytea not null check (octet_length(previous_hash) = 32),
    hash          bytea not null unique check (octet_length(hash) = 32)
);
create index on audit_entry (account_id, at);
create index on audit_entry (subject_kind, subject_id, at);
create index on audit_entry (area_id, at);
comment on table audit_entry is 'Append-only, hash-chained: who asked for whose data, why, and whether it was given';
comment on column audit_entry.hash is 'SHA-256 over the previous hash and every field, each as "<bytes>:<text>", null as "-"; see accounts/audit in the server';

-- One field of the hashed text: its length in bytes, a colon, the text; null is "-".
create function audit_field(value text) returns text language sql immutable
    set search_path = pg_catalog
as $$ select case when value is null then '-' else octet_length(value)::text || ':' || value end $$;

-- Appends an entry. Long digit runs in the reason (identity and phone numbers) are masked: the trail is read by others.
create function append_audit(action_ text, subject_kind_ text, subject_id_ bigint, area_id_ integer, reason_ text, outcome_ text,
        request_id_ uuid, account_id_ bigint default null, login_ text default null) returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
declare
    head      audit_entry;
    entry     audit_entry;
begin
    perform pg_advisory_xact_lock(hashtext('append_audit'));
    select * into head from audit_entry order by id desc limit 1;
    entry.id := coalesce(head.id, 0) + 1;
    entry.at := clock_timestamp();
    entry.account_id := coalesce(caller_account(), account_id_);
    entry.login := coalesce((select a.login from account a where a.id = entry.account_id), login_);
    entry.action := action_;
    entry.subject_kind := subject_kind_;
    entry.subject_id := subject_id_;
    entry.area_id := area_id_;
    entry.reason := regexp_replace(reason_, '[0-9]([ .-]?[0-9]){8,}', '•••', 'g');
    entry.outcome := outcome_;
    entry.request_id := request_id_;
    entry.previous_hash := coalesce(head.hash, decode(repeat('00', 32), 'hex'));
    entry.hash := sha256(entry.previous_hash || convert_to(concat(
        audit_field(entry.id::text), audit_field((extract(epoch from entry.at) * 1000000)::bigint::text),
        audit_field(entry.account_id::text), audit_field(entry.login), audit_field(entry.action),
        audit_field(entry.subject_kind), audit_field(entry.subject_id::text), audit_field(entry.area_id::text),
        audit_field(entry.reason), audit_field(entry.outcome), audit_field(entry.request_id::text)), 'UTF8'));
    insert into audit_entry select entry.*;
    return entry.id;
end
$$;
revoke execute on function append_audit(text, text, bigint, integer, text, text, uuid, bigint, text) from public;
grant execute on function append_audit(text, text, bigint, integer, text, text, uuid, bigint, text) to ioc_app;

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
    raise exception 'audit entries are only ever appended';
end
$$;
create trigger append_only before update or delete or truncate on audit_entry
    for each statement execute function refuse_audit_change();

-- The feed tells the signer that there is something new to sign: the id, nothing else.
create function announce_audit() returns trigger language plpgsql
    security definer set search_path = pg_catalog, public
as $$
begin
    insert into change (topic, op, row_id) select 'audit_entry', 'insert', max(id) from new_rows;
    return null;
end
$$;
create trigger feed_insert after insert on audit_entry referencing new table as new_rows
    for each statement execute function announce_audit();

alter table audit_entry enable row level security;
grant select on audit_entry to ioc_app;
create policy own_trail on audit_entry for select to ioc_app using (account_id = (select caller_account()));
create policy area_trail on audit_entry for select to ioc_app using (area_id = any ((select reach('read_audit_of_area'))::int[]));
create policy whole_trail on audit_entry for select to ioc_app using ((select cardinality(reach('read_whole_audit')) > 0));
