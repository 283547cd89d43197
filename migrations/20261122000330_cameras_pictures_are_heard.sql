-- A picture may come after its alert, be replaced while nobody has acted on it, be held, and be deleted: the card that somebody has open
-- said none of this until it was read again, because the feed did not know that pictures are there. Now they are live like shelves
-- and rosters: whoever may see pictures in an area (`permission` in layers.toml) hears there that one has changed, and asks for it.
--
-- What is heard is the alert's own number and nothing else, so that an open card knows whether it is meant. A row is one alert's,
-- and keeps `alert_id` as its key; `id` is the same number under the name that the feed reads of every live table. What holding a picture
-- writes stays in the audit trail, so `history` keeps nothing of these rows (`keeps_history` in layers.toml).

alter table camera_alert_snapshot
    add column id         bigint generated always as (alert_id) stored,
    add column version    integer not null default 1,
    add column updated_at timestamptz not null default clock_timestamp();

select make_live('camera_alert_snapshot');

-- The feed learns that a picture changed; not which file it is, and not who holds it.
grant select (id, area_id, version) on camera_alert_snapshot to ioc_feed;
create policy feed_reads on camera_alert_snapshot for select to ioc_feed using (true);
