-- Whether the clocks of devices run right.
--
-- What began more than a week before it comes asks nobody: right for a recorder that was cut off and tells its backlog, but a
-- recorder whose clock runs a week behind would go unanswered without a word. An alert says when it began and when it came, and not
-- which device brought it, nor what was refused as lying in the future. So while a device's reports are not of now, what its batches
-- say of its clock is kept for a day. Whether that is a wrong clock or a backlog is a rule in code (`ingest::clocks::rules`).

create table device_clock_report (
    device_id   bigint not null references device (id),
    camera_id   bigint not null references camera (id) on delete cascade,
    source      text not null check (source in ('camera_alerts', 'camera_status')),
    slot        bigint not null,                                  -- ten minutes of our clock, counted from 1970
    heard_at    timestamptz not null,                             -- by our clock
    said_at     timestamptz not null,                             -- by the device's: of these ten minutes, what was nearest to ours
    reports     integer not null check (reports > 0),
    area_id     integer not null references area (id),            -- the device's
    device_name text not null,                                    -- as they were called then: who reads this may read no devices
    camera_code text not null,
    primary key (device_id, camera_id, source, slot)
);
create index on device_clock_report (device_id, heard_at);
comment on table device_clock_report is 'What devices said the time was, while one of them was hours or days from ours; kept for two days, not live';

alter table device_clock_report enable row level security;
grant select on device_clock_report to ioc_app;
create policy reach_clock_report on device_clock_report for select to ioc_app using (area_id in (select unnest(reach('see_quarantine'))));

-- Notes for each of these cameras of a device what its clock said, and how many reports that were. Where nothing is off, and was not
-- within a day, there is nothing to note. Answers whether the device is being watched from here on.
create function note_device_clock(token_hash_ bytea, source_ text, cameras text[], said_ats timestamptz[], counts integer[], heard_at_ timestamptz,
        is_off boolean) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
declare
    sender device;
begin
    select * into sender from device where token_hash = token_hash_ and revoked_at is null;
    if not found then
        return false;
    end if;
    if not is_off and not exists (
            select from device_clock_report r where r.device_id = sender.id and r.heard_at > heard_at_ - interval '1 day') then
        return false;
    end if;
    insert into device_clock_report as r (device_id, camera_id, source, slot, heard_at, said_at, reports, area_id, device_name, camera_code)
    -- A camera may be meant by its code and by its name. In one order for every batch, so that two never wait for each other crosswise.
    select distinct on (c.id) sender.id, c.id, source_, floor(extract(epoch from heard_at_) / 600)::bigint, heard_at_, g.said_at,
        (sum(g.reports) over (partition by c.id))::integer, sender.area_id, sender.name, c.code
    from unnest(said_ats, counts) with ordinality as g (said_at, reports, place)
    join find_cameras_of_device(token_hash_, cameras) f on f.place = g.place and f.matches = 1
    join camera c on c.id = f.camera_id
    order by c.id, abs(extract(epoch from heard_at_ - g.said_at))
    on conflict (device_id, camera_id, source, slot) do update set
        reports = r.reports + excluded.reports,
        heard_at = case when abs(extract(epoch from excluded.heard_at - excluded.said_at)) < abs(extract(epoch from r.heard_at - r.said_at))
            then excluded.heard_at else r.heard_at end,
        said_at = case when abs(extract(epoch from excluded.heard_at - excluded.said_at)) < abs(extract(epoch from r.heard_at - r.said_at))
            then excluded.said_at else r.said_at end;
    delete from device_clock_report r where r.device_id = sender.id and r.heard_at < heard_at_ - interval '2 days';
    return true;
end
$$;
revoke execute on function note_device_clock(bytea, text, text[], timestamptz[], integer[], timestamptz, boolean) from public;
grant execute on function note_device_clock(bytea, text, text[], timestamptz[], integer[], timestamptz, boolean) to ioc_app;
