-- What lies below each area is kept instead of looked for: every policy of every statement asks `reach`, twice (the planner wants to know
-- how many areas it will be), and walking down a city of 2,100 areas took 2.5 ms each time, 15 to 20 ms of one search. Areas change a few
-- times a year.
--
-- `reach` and `caller_account` are PL/pgSQL now: the plan of an SQL function is made anew for every statement that calls it.

create table area_subtree (
    area_id integer primary key,
    areas   integer[] not null   -- the area itself and all below it
);
comment on table area_subtree is 'Every area with all below it. Written by the triggers of area alone';
-- Nobody reads it but the functions below.
alter table area_subtree enable row level security;
-- A city's ids are some kilobytes that are read for every request: not worth unpacking each time.
alter table area_subtree alter column areas set storage external;

create function walk_area_subtrees() returns table (area_id integer, areas integer[]) language sql stable
    set search_path = pg_catalog, public
as $$
    with recursive below as (
        select id as top, id from area
        union
        select below.top, a.id from area a join below on a.parent_id = below.id
    )
    select top, array_agg(id order by id) from below group by top
$$;
insert into area_subtree select * from walk_area_subtrees();

-- One writer at a time, so that two who add to the same city each see what the other has added.
create function note_new_areas() returns trigger language plpgsql
    security definer set search_path = pg_catalog, public
as $$
begin
    lock table area_subtree in share row exclusive mode;
    with recursive above as (
        select n.id as below, n.id as area_id from new_rows n
        union
        select above.below, a.parent_id from above join area a on a.id = above.area_id where a.parent_id is not null
    )
    insert into area_subtree as known (area_id, areas)
        select area_id, array_agg(below order by below) from above group by area_id
    on conflict (area_id) do update set areas = known.areas || excluded.areas;
    return null;
end
$$;

-- Areas that move or go are rare, and there is no cheap way to be right about them.
create function rebuild_area_subtrees() returns trigger language plpgsql
    security definer set search_path = pg_catalog, public
as $$
begin
    lock table area_subtree in share row exclusive mode;
    delete from area_subtree;
    insert into area_subtree select * from walk_area_subtrees();
    return null;
end
$$;
revoke execute on function walk_area_subtrees(), note_new_areas(), rebuild_area_subtrees() from public;

create trigger note_subtree after insert on area referencing new table as new_rows
    for each statement execute function note_new_areas();
create trigger rebuild_subtrees after update of parent_id or delete or truncate on area
    for each statement execute function rebuild_area_subtrees();

create or replace function areas_below(root integer) returns integer[] language sql stable
    security definer set search_path = pg_catalog, public
as $$
    select coalesce((select areas from area_subtree where area_id = root), array[root])
$$;

-- The account whose session token this transaction carries; null without one.
create or replace function caller_account() returns bigint language plpgsql stable
    security definer set search_path = pg_catalog, public
as $$
begin
    return (
        select s.account_id
        from session s join account a on a.id = s.account_id
        where s.token_hash = sha256(convert_to(current_setting_or_null('ioc.session_token'), 'UTF8'))
          and s.ended_at is null and s.expires_at > clock_timestamp() and a.disabled_at is null
    );
end
$$;

-- Areas that the caller reaches with a role that holds `permission`: the appointments' areas and all below them.
-- Policies read `area_id in (select unnest(reach('...')))`: once per query, never per row.
create or replace function reach(permission text) returns integer[] language plpgsql stable
    security definer set search_path = pg_catalog, public
as $$
declare
    caller  constant bigint := caller_account();
    reached integer[] := '{}';
    part    integer[];
begin
    for part in
        select s.areas from area_subtree s
        where s.area_id in (
            select p.area_id
            from appointment p join role_permission g on g.role = p.role and g.permission = reach.permission
            where p.account_id = caller
              and p.from_at <= clock_timestamp() and (p.until_at is null or p.until_at > clock_timestamp()))
    loop
        -- Nearly everybody has one; of several each area counts once.
        reached := case when reached = '{}' then part else array(select unnest(reached) union select unnest(part)) end;
    end loop;
    return reached;
end
$$;
