-- Two things that a ward's own numbers need.
--
-- The open map names one ward and counted the cameras of every ward in the database. How many there are stays public by ward or
-- province; by TDP it would say where they stand.
create function count_cameras_of(of_area integer) returns table (total bigint, online bigint) language sql stable
    security definer set search_path = pg_catalog, public
as $$
    with below as materialized (
        select unnest(areas_below(a.id)) as id from area a where a.id = of_area and a.kind in ('ward', 'province')
    )
    select count(c.id), count(c.id) filter (where c.status = 'online')
    from camera c where c.area_id in (select id from below)
    having exists (select from below)
$$;
revoke execute on function count_cameras_of(integer) from public;
grant execute on function count_cameras_of(integer) to ioc_app;

-- A recorder that was cut off tells later what it saw, and what began days ago still wants an answer. What began more than a week
-- before it came wants none: it is kept, open and in nobody's name, and nobody is given time to answer. Whoever takes it, or gives it
-- to somebody, begins its time as with any other. A camera that went silent long ago is silent now, so that asks as ever.
create function let_the_past_rest() returns trigger language plpgsql
    set search_path = pg_catalog, public
as $$
begin
    new.status := 'new';
    new.handler_id := null;
    new.handler_name := null;
    new.assigned_at := null;
    new.answer_due_at := null;
    return new;
end
$$;
-- After `keep_answer_time`, before `name_handler_at_once`: triggers fire in the order of their names. What somebody has done is not undone:
-- seeds write alerts that were taken or closed at their time.
create trigger let_the_past_rest before insert on camera_alert for each row
    when (new.status in ('new', 'assigned') and new.kind <> 'camera_silent' and new.started_at < new.received_at - interval '7 days')
    execute function let_the_past_rest();

-- `least` passes over what is null: a late one that turns out graver would be given time after all.
create or replace function keep_answer_time() returns trigger language plpgsql
    security definer set search_path = pg_catalog, public
as $$
begin
    if new.status not in ('new', 'assigned') then
        new.answer_due_at := null;
        new.overdue := false;
    elsif tg_op = 'INSERT' then
        new.answer_due_at := coalesce(new.answer_due_at, new.received_at + answer_time(new.ward_id, new.severity));
    elsif new.severity is distinct from old.severity and not new.overdue and new.answer_due_at is not null then
        -- What turns out graver must be answered sooner; what turns out milder keeps its time.
        new.answer_due_at := least(new.answer_due_at, clock_timestamp() + answer_time(new.ward_id, new.severity));
    end if;
    return new;
end
$$;
comment on column camera_alert.answer_due_at is
    'Until when somebody must take it, else it goes one step up. Null: somebody has taken it, it is closed, or it came more than a week late';
