-- What every later migration stands on: identifiers, the stamp of a row, the caller of a request.
--
-- Three database roles share the house. `ioc_owner` owns all of it and runs migrations, imports and seeds; `ioc_app`
-- answers requests under row-level security; `ioc_feed` reads the change feed and what the indexes need. `ioc migrate`
-- creates the roles (they belong to the server, not to this database) and runs this as `ioc_owner`.

-- UUID version 7 (RFC 9562, 5.7): sortable by creation, and a client may make one offline.
create function uuid_v7() returns uuid language sql volatile parallel safe
    set search_path = pg_catalog
as $$
    select encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                from 1 for 6),
            52, 1), 53, 1), 'hex')::uuid
$$;
comment on function uuid_v7() is 'UUID version 7 of this moment';

-- Every live row counts its versions (If-Match) and remembers when it last changed. An update that changes nothing is
-- not a version: the change feed tells them apart by this.
create function stamp_version() returns trigger language plpgsql
    set search_path = pg_catalog, public
as $$
begin
    if new is distinct from old then
        new.version := old.version + 1;
        new.updated_at := clock_timestamp();
    end if;
    return new;
end
$$;

-- One lease per background job, so that of many server instances one runs it.
create table job (
    name             text primary key,
    holder           uuid,
    leased_until     timestamptz,
    last_started_at  timestamptz,
    last_finished_at timestamptz,
    last_error       text
);
comment on table job is 'Leases of background jobs (retention, partitions, checkpoints): whoever holds one runs it';
grant select, insert, update on job to ioc_app;
