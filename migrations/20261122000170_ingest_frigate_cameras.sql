-- Which cameras a Frigate has, by the names that it has for them.
--
-- When Frigate goes it says so for all of its cameras at once (`frigate/available`: offline), and names none of them. Which they
-- are was known from what it had said since our server started: a recorder that broke down while we started left its cameras
-- online on every screen. The names are kept, not the cameras: what Frigate says is matched by name each time, and this too.

create table frigate_camera (
    device_id bigint not null references device (id),
    prefix    text not null,                                                      -- Frigate's `topic_prefix`: two may share a device
    name      text not null check (name <> '' and octet_length(name) <= 200),
    heard_at  timestamptz not null default clock_timestamp(),                     -- to a day
    primary key (device_id, prefix, name)
);
create index on frigate_camera (heard_at);
comment on table frigate_camera is 'Cameras that a Frigate has spoken of in the last 30 days, by its names for them; not live';
-- Nobody reads it through requests: the functions below know whose token it is.
alter table frigate_camera enable row level security;

-- Those of the device with this token; none whose name means no camera, or several, by now.
create function find_frigate_cameras(token_hash_ bytea, prefix_ text) returns setof text
    language sql stable security definer set search_path = pg_catalog, public
as $$
    with kept as (
        select array_agg(k.name order by k.name) as names
        from device d join frigate_camera k on k.device_id = d.id and k.prefix = prefix_
        where d.token_hash = token_hash_ and d.revoked_at is null and k.heard_at > clock_timestamp() - interval '30 days'
    )
    select kept.names[f.place::integer] from kept cross join lateral find_cameras_of_device(token_hash_, kept.names) f where f.matches = 1
$$;

-- Keeps those that mean one camera each; a recorder may have others, which are none of ours.
create function note_frigate_cameras(token_hash_ bytea, prefix_ text, names_ text[]) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
begin
    insert into frigate_camera as k (device_id, prefix, name)
    select distinct d.id, prefix_, names_[f.place::integer]
    from device d cross join find_cameras_of_device(token_hash_, names_) f
    where d.token_hash = token_hash_ and d.revoked_at is null and f.matches = 1
    on conflict (device_id, prefix, name) do update set heard_at = excluded.heard_at;
    delete from frigate_camera k where k.heard_at < clock_timestamp() - interval '30 days';
end
$$;

revoke execute on function find_frigate_cameras(bytea, text), note_frigate_cameras(bytea, text, text[]) from public;
grant execute on function find_frigate_cameras(bytea, text), note_frigate_cameras(bytea, text, text[]) to ioc_app;
