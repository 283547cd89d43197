-- What comes over MQTT: the quarantine says on which topic, and whose it is by name; and for which of Frigate's objects one of
-- its reviews stands already.
--
-- Frigate tells of the same thing twice: each object on `events`, several at one camera together on `reviews`. Whichever of
-- the two came first is the alert; to find that out when the other comes, perhaps after a restart of ours, the parts of a
-- review that became an alert are kept for some days.

-- ── The quarantine ───────────────────────────────────────────────────────────────────────────────────────────────────
alter table ingest_quarantine add column topic text check (char_length(topic) <= 300);
comment on column ingest_quarantine.topic is 'The MQTT topic it came on; null: by HTTP';
-- As the device was called then: the operator may see the tray, and may not read devices.
alter table ingest_quarantine add column device_name text;
update ingest_quarantine q set device_name = d.name from device d where d.id = q.device_id;
grant select (topic, device_name) on ingest_quarantine to ioc_app;
-- Whether an object waits here already. What could not be read has an id of any length, and an index row may have a third of a page.
create index ingest_quarantine_object on ingest_quarantine (device_id, (left(payload ->> 'external_id', 200))) where replayed_at is null;

-- As before, and each with its topic where it came over MQTT. What has a key is one row however it changes (an object of
-- Frigate is told of many times a minute): as it was told last, since that is what a replay takes in. Of one device 50,000 wait
-- at most: what comes beyond is counted in one row, and not kept.
drop function put_in_quarantine(bytea, text, text[], text[], text[], text[]);
create function put_in_quarantine(token_hash_ bytea, source_ text, reasons text[], details text[], payloads text[], raws text[],
        topics text[] default null, keys text[] default null) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
declare
    sender  device;
    is_full boolean;
begin
    select * into sender from device where token_hash = token_hash_ and revoked_at is null;
    if not found then
        return false;
    end if;
    is_full := (select count(*) >= 50000 from ingest_quarantine w where w.device_id = sender.id and w.replayed_at is null);
    insert into ingest_quarantine as q (area_id, device_id, device_name, source, reason, detail, payload, raw, fingerprint, topic, times)
    select distinct on (g.fingerprint) sender.area_id, sender.id, sender.name, source_, g.reason, g.detail, g.payload::jsonb, g.raw::jsonb,
        g.fingerprint, g.topic, count(*) over (partition by g.fingerprint)::integer
    from (
        with told as (
            select r.reason, r.detail, r.payload, r.raw, left(r.topic, 300) as topic, r.place, f.fingerprint,
                is_full and not exists (
                    select from ingest_quarantine w
                    where w.device_id = sender.id and w.source = source_ and w.fingerprint = f.fingerprint and w.replayed_at is null) as is_beyond
            from unnest(reasons, details, payloads, raws, topics, keys) with ordinality as r (reason, detail, payload, raw, topic, key, place)
            cross join lateral (select sha256(convert_to(coalesce(r.key, r.raw), 'UTF8')) as fingerprint) f
        )
        select t.reason, t.detail, t.payload, t.raw, t.topic, t.place, t.fingerprint from told t where not t.is_beyond
        union all
        select 'ingest.too_many_waiting', '50000 reports of this device wait already; take them in, then let the device send again what is only counted here',
            '{}', null, null, t.place, '\x00'
        from told t where t.is_beyond
    ) g
    order by g.fingerprint, g.place desc
    on conflict (device_id, source, fingerprint) where replayed_at is null
        do update set times = q.times + excluded.times, received_at = clock_timestamp(), reason = excluded.reason, detail = excluded.detail,
            payload = excluded.payload, raw = excluded.raw;
    return true;
end
$$;

-- ── Frigate's objects and reviews ────────────────────────────────────────────────────────────────────────────────────
create table frigate_review_part (
    device_id bigint not null references device (id),
    object_id text not null check (octet_length(object_id) <= 200),
    review_id text not null check (octet_length(review_id) <= 200),
    at        timestamptz not null default clock_timestamp(),
    primary key (device_id, object_id)
);
create index on frigate_review_part (at);
comment on table frigate_review_part is 'Objects of Frigate that belong to a review which is an alert already; kept for a week';
-- Nobody reads it through requests: the functions below know whose token it is.
alter table frigate_review_part enable row level security;

-- For each object (or review) at a camera: whether it is an alert by itself, or waits in the quarantine to be one; which alert
-- stands for it, its own or its review's; and which review it belongs to.
create function find_frigate_objects(token_hash_ bytea, cameras text[], object_ids text[])
    returns table (place bigint, is_known boolean, alert_external_id text, alert_kind text, alert_started_at timestamptz, review_id text)
    language sql stable security definer set search_path = pg_catalog, public
as $$
    with sender as (select d.id from device d where d.token_hash = token_hash_ and d.revoked_at is null),
    given as (
        select g.place, g.object_id, f.camera_id, p.review_id, s.id as device_id
        from sender s
        cross join unnest(cameras, object_ids) with ordinality as g (camera, object_id, place)
        left join find_cameras_of_device(token_hash_, cameras) f on f.place = g.place and f.matches = 1
        left join frigate_review_part p on p.device_id = s.id and p.object_id = g.object_id
    )
    select g.place,
        own.id is not null or exists (
            select from ingest_quarantine q
            where q.device_id = g.device_id and q.replayed_at is null
              and left(q.payload ->> 'external_id', 200) = left(g.object_id, 200) and q.payload ->> 'external_id' = g.object_id),
        coalesce(own.external_id, whole.external_id), coalesce(own.kind, whole.kind), coalesce(own.started_at, whole.started_at), g.review_id
    from given g
    left join camera_alert own on own.camera_id = g.camera_id and own.external_id = g.object_id
    left join camera_alert whole on own.id is null and whole.camera_id = g.camera_id and whole.external_id = g.review_id
$$;

create function note_frigate_review_parts(token_hash_ bytea, object_ids text[], review_ids text[]) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
begin
    insert into frigate_review_part (device_id, object_id, review_id)
    select distinct on (g.object_id) d.id, g.object_id, g.review_id
    from device d cross join unnest(object_ids, review_ids) as g (object_id, review_id)
    where d.token_hash = token_hash_ and d.revoked_at is null and octet_length(g.object_id) <= 200 and octet_length(g.review_id) <= 200
    order by g.object_id
    on conflict do nothing;
    delete from frigate_review_part p where p.at < clock_timestamp() - interval '7 days';
end
$$;

-- ── Keeping ──────────────────────────────────────────────────────────────────────────────────────────────────────────
-- Deletes what was last told before a moment, taken in or not, and says how many; never what came within 30 days, whatever moment
-- is given: any request could give one.
create function forget_quarantined(before_ timestamptz, at_most integer) returns bigint
    language sql volatile security definer set search_path = pg_catalog, public
as $$
    with due as (
        select q.id from ingest_quarantine q
        where q.received_at < least(before_, now() - interval '30 days')
        order by q.received_at limit at_most
        for update skip locked
    ), forgotten as (
        delete from ingest_quarantine q using due where q.id = due.id returning 1
    )
    select count(*) from forgotten
$$;

revoke execute on function put_in_quarantine(bytea, text, text[], text[], text[], text[], text[], text[]), find_frigate_objects(bytea, text[], text[]),
    note_frigate_review_parts(bytea, text[], text[]), forget_quarantined(timestamptz, integer) from public;
grant execute on function put_in_quarantine(bytea, text, text[], text[], text[], text[], text[], text[]), find_frigate_objects(bytea, text[], text[]),
    note_frigate_review_parts(bytea, text[], text[]), forget_quarantined(timestamptz, integer) to ioc_app;
