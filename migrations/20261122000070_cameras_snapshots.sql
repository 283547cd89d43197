-- Pictures of camera alerts: which alert has one, for whom, until when it is kept, and who had it held.
--
-- Pictures are the police's alone. So which picture an alert has stands in a table of its own, as the plate does: a column of
-- `camera_alert` would be open to everybody who may see alerts, and `history` copies whole rows. What holding one writes stays
-- here and in the audit trail, not in the alert's record, which operators and leaders read.
--
-- The pictures themselves are files named by their SHA-256 under IOC_DATA_DIR/media, written before the row that names them.

-- Nothing was ever written there.
alter table camera_alert drop column snapshot;

create table camera_alert_snapshot (
    alert_id         bigint primary key,
    area_id          integer not null references area (id),
    sha256           bytea check (octet_length(sha256) = 32),             -- of the file that is kept: upright, without metadata
    thumbnail_sha256 bytea check (octet_length(thumbnail_sha256) = 32),
    received_sha256  bytea check (octet_length(received_sha256) = 32),    -- of what the device sent: its own copy can be compared
    width_px         integer not null check (width_px > 0),
    height_px        integer not null check (height_px > 0),
    size_bytes       integer not null check (size_bytes > 0),
    taken_in_at      timestamptz not null,
    removed_at       timestamptz,                                         -- its time was over; the row says that there was one
    held_at          timestamptz,
    held_by          bigint references account (id),
    held_by_name     text,                                                -- as that person was called then
    hold_reason      text check (hold_reason <> '' and char_length(hold_reason) <= 2000),
    foreign key (alert_id, area_id) references camera_alert (id, area_id) on update cascade on delete cascade,
    check ((removed_at is null) = (sha256 is not null)),
    check ((removed_at is null) = (thumbnail_sha256 is not null)),
    check (removed_at is null or received_sha256 is null),
    check ((held_at is null) = (hold_reason is null)),
    check (held_at is null or removed_at is null)
);
create index on camera_alert_snapshot (sha256);
create index on camera_alert_snapshot (thumbnail_sha256);
create index camera_alert_snapshot_to_remove on camera_alert_snapshot (taken_in_at) where held_at is null and removed_at is null;
comment on table camera_alert_snapshot is 'The picture that a camera took of an alert: for the police; deleted after IOC_SNAPSHOT_DAYS unless held';

-- The name under a hold is the caller's own, whatever a handler writes.
create function sign_hold() returns trigger language plpgsql
    security definer set search_path = pg_catalog, public
as $$
begin
    new.held_by := case when new.held_at is not null then caller_account() end;
    new.held_by_name := (select a.display_name from account a where a.id = new.held_by);
    return new;
end
$$;
create trigger sign_hold before update of held_at on camera_alert_snapshot for each row
    when (new.held_at is distinct from old.held_at) execute function sign_hold();

-- ── Taking in ────────────────────────────────────────────────────────────────────────────────────────────────────────
-- Writes which picture each alert has; says for each place what became of it: new, replaced, same, held (another one is, and
-- stays), handled (somebody has looked at another one and acted on it: that one stays), removed (its time was over already).
-- Nothing for an id that is null. A picture that is replaced is kept no longer than the first would have been.
create function write_camera_alert_snapshots(alert_ids bigint[], pictures bytea[], thumbnails bytea[], receiveds bytea[], widths integer[],
        heights integer[], sizes integer[], at_ timestamptz)
    returns table (place bigint, became text)
    language plpgsql volatile set search_path = pg_catalog, public
as $$
declare
    given record;
    known camera_alert_snapshot;
begin
    -- In one order for every batch; and the alert stays in its area until this is written.
    for given in
        select g.*, a.area_id, a.status not in ('new', 'assigned') or exists (
            select from camera_alert_entry e
            where e.alert_id = a.id and e.area_id = a.area_id and e.actor is not null and e.step in ('taken', 'closed')) as is_handled
        from unnest(alert_ids, pictures, thumbnails, receiveds, widths, heights, sizes) with ordinality
            as g (alert, picture, thumbnail, received, width, height, size, nth)
        join camera_alert a on a.id = g.alert
        order by g.alert, g.nth
        for key share of a
    loop
        place := given.nth;
        insert into camera_alert_snapshot as s
            (alert_id, area_id, sha256, thumbnail_sha256, received_sha256, width_px, height_px, size_bytes, taken_in_at)
        values (given.alert, given.area_id, given.picture, given.thumbnail, given.received, given.width, given.height, given.size, at_)
        on conflict (alert_id) do nothing;
        if found then
            became := 'new';
        else
            select s.* into known from camera_alert_snapshot s where s.alert_id = given.alert for update;
            became := case
                when known.removed_at is not null then 'removed'
                when known.sha256 = given.picture then 'same'
                when known.held_at is not null then 'held'
                when given.is_handled then 'handled'
                else 'replaced' end;
            if became = 'replaced' then
                update camera_alert_snapshot s set sha256 = given.picture, thumbnail_sha256 = given.thumbnail, received_sha256 = given.received,
                    width_px = given.width, height_px = given.height, size_bytes = given.size
                where s.alert_id = given.alert;
            end if;
        end if;
        return next;
    end loop;
end
$$;

-- The same for the device with this token: alerts by the names that it has for its cameras, and its own ids of them.
create function attach_camera_alert_snapshots(token_hash_ bytea, cameras text[], external_ids text[], pictures bytea[], thumbnails bytea[],
        receiveds bytea[], widths integer[], heights integer[], sizes integer[], at_ timestamptz)
    returns table (place bigint, became text)
    language sql volatile security definer set search_path = pg_catalog, public
as $$
    select w.place, w.became from write_camera_alert_snapshots(
        array(select a.id
              from unnest(external_ids) with ordinality as n (external_id, nth)
              left join find_cameras_of_device(token_hash_, cameras) f on f.place = n.nth and f.matches = 1
              left join camera_alert a on a.camera_id = f.camera_id and a.external_id = n.external_id
              order by n.nth),
        pictures, thumbnails, receiveds, widths, heights, sizes, at_) w
$$;

-- ── Keeping ──────────────────────────────────────────────────────────────────────────────────────────────────────────
-- Forgets pictures taken in before a moment, unless held; the hashes of their files, which others may still refer to. Never one of
-- the last day, whatever moment is given: any request could give one.
create function forget_camera_alert_snapshots(before_ timestamptz, at_ timestamptz, at_most integer) returns setof bytea
    language sql volatile security definer set search_path = pg_catalog, public
as $$
    with due as (
        select s.alert_id, s.sha256, s.thumbnail_sha256 from camera_alert_snapshot s
        where s.taken_in_at < least(before_, now() - interval '1 day') and s.held_at is null and s.removed_at is null
        order by s.taken_in_at limit at_most
        for update skip locked
    ), forgotten as (
        update camera_alert_snapshot s
        set sha256 = null, thumbnail_sha256 = null, received_sha256 = null, removed_at = at_
        from due where s.alert_id = due.alert_id
        returning due.sha256 as picture, due.thumbnail_sha256 as thumbnail
    )
    select unnest(array[f.picture, f.thumbnail]) from forgotten f
$$;

-- Which of these files anything refers to. Whoever keeps files in the same store later adds a line here.
create function media_in_use(files bytea[]) returns setof bytea
    language sql stable security definer set search_path = pg_catalog, public
as $$
    select f.file from unnest(files) as f (file)
    where exists (select from camera_alert_snapshot s where s.sha256 = f.file)
       or exists (select from camera_alert_snapshot s where s.thumbnail_sha256 = f.file)
$$;

revoke execute on function
    write_camera_alert_snapshots(bigint[], bytea[], bytea[], bytea[], integer[], integer[], integer[], timestamptz),
    attach_camera_alert_snapshots(bytea, text[], text[], bytea[], bytea[], bytea[], integer[], integer[], integer[], timestamptz),
    forget_camera_alert_snapshots(timestamptz, timestamptz, integer), media_in_use(bytea[]) from public;
grant execute on function
    attach_camera_alert_snapshots(bytea, text[], text[], bytea[], bytea[], bytea[], integer[], integer[], integer[], timestamptz),
    forget_camera_alert_snapshots(timestamptz, timestamptz, integer), media_in_use(bytea[]) to ioc_app;

-- ── Who reads and writes ─────────────────────────────────────────────────────────────────────────────────────────────
alter table camera_alert_snapshot enable row level security;
grant select on camera_alert_snapshot to ioc_app;
grant update (held_at, hold_reason) on camera_alert_snapshot to ioc_app;
create policy reach_snapshot on camera_alert_snapshot for select to ioc_app
    using (area_id in (select unnest(reach('see_camera_snapshots'))));
create policy hold_snapshot on camera_alert_snapshot for update to ioc_app
    using (area_id in (select unnest(reach('see_camera_snapshots'))) and area_id in (select unnest(reach('handle_camera_alerts'))))
    with check (area_id in (select unnest(reach('see_camera_snapshots'))) and area_id in (select unnest(reach('handle_camera_alerts'))));
