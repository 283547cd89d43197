-- What is shelved asks for nobody: it does not go one step up before its shelf ends. Then it is due at once.
--
-- Shelves and the ladder were written apart, and neither migration could know the other's table.
create or replace function find_due_camera_alerts(moment timestamptz, at_most integer)
    returns table (id bigint, kind text, areas integer[], handler_id bigint, escalation smallint)
    language sql volatile security definer set search_path = pg_catalog, public
as $$
    -- Which areas a shelf holds in is found once for each, and not at all while nothing is due.
    with shelf as materialized (
        select s.camera_id, s.kind, areas_below(s.area_id) as areas from alert_shelf s where s.ended_at is null and s.until_at > moment
    )
    select a.id, a.kind, areas_above(a.area_id), a.handler_id, a.escalation
    from camera_alert a
    where a.status in ('new', 'assigned') and not a.overdue and a.answer_due_at <= moment
      and (a.severity = 'critical' or not exists (
        select from shelf f
        where (f.kind is null or f.kind = a.kind) and (f.camera_id = a.camera_id or f.camera_id is null and a.area_id = any (f.areas))))
    order by a.answer_due_at, a.id limit at_most
    for update of a skip locked
$$;
