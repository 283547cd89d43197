-- What runs without a person has a database role of its own, `ioc_job`: alerts that go one step up, cameras that fell silent, pictures
-- and quarantined reports whose time is over, partitions, the month's counts, the head of the audit trail.
--
-- Until now the role that answers requests could call all of it, so that a request which got past a handler could have closed
-- alerts by nobody's hand, moved them to others or taken every lease. Now each of the two may do what it is there for: `ioc_job`
-- reads no table but the leases and calls these functions alone, `ioc_app` none of them. `ioc migrate` has created the role before
-- this runs, as it does the others, on a server that knew three of them too.

-- ── Leases ───────────────────────────────────────────────────────────────────────────────────────────────────────────
revoke select, insert, update on job from ioc_app;
grant select, insert, update on job to ioc_job;

-- ── Functions ────────────────────────────────────────────────────────────────────────────────────────────────────────
revoke execute on function
    maintain_change_partitions(integer, integer),
    publish_population(integer, date, timestamptz, integer, integer, text[], integer[], integer[], integer[], integer[], integer[], date[], boolean[]),
    audit_head(),
    forget_camera_alert_snapshots(timestamptz, timestamptz, integer),
    media_in_use(bytea[]),
    forget_quarantined(timestamptz, integer),
    find_leaders(integer[]),
    find_due_camera_alerts(timestamptz, integer),
    escalate_camera_alerts(bigint[], bigint[], smallint[], timestamptz),
    raise_camera_silence(bigint, timestamptz, text, bigint, timestamptz),
    close_camera_silences(timestamptz)
    from public, ioc_app;
-- These two were the feed's, which reaches every camera. They are asked by the job alone, so they are its.
revoke execute on function find_camera_silences(timestamptz, timestamptz), find_rules_of_areas(integer[]) from public, ioc_feed;
grant execute on function
    maintain_change_partitions(integer, integer),
    publish_population(integer, date, timestamptz, integer, integer, text[], integer[], integer[], integer[], integer[], integer[], date[], boolean[]),
    audit_head(),
    forget_camera_alert_snapshots(timestamptz, timestamptz, integer),
    media_in_use(bytea[]),
    forget_quarantined(timestamptz, integer),
    find_leaders(integer[]),
    find_due_camera_alerts(timestamptz, integer),
    escalate_camera_alerts(bigint[], bigint[], smallint[], timestamptz),
    find_camera_silences(timestamptz, timestamptz),
    find_rules_of_areas(integer[]),
    raise_camera_silence(bigint, timestamptz, text, bigint, timestamptz),
    close_camera_silences(timestamptz)
    to ioc_job;
-- A device's batch asks who is on, and so do jobs.
grant execute on function find_duties(integer[], timestamptz) to ioc_job;

-- ── Whose word about a bulk load is heeded ───────────────────────────────────────────────────────────────────────────
-- Functions that believe `ioc.bulk` name the roles whose word it is not. They are several, and changed by many migrations, so each is
-- changed as it stands now.
do $$
declare
    before constant text := 'session_user not in (''ioc_app'', ''ioc_feed'')';
    after  constant text := 'session_user not in (''ioc_app'', ''ioc_feed'', ''ioc_job'')';
    found_ record;
begin
    for found_ in
        select p.oid from pg_proc p where p.pronamespace = 'public'::regnamespace and position(before in p.prosrc) > 0
    loop
        execute replace(pg_get_functiondef(found_.oid), before, after);
    end loop;
end
$$;
