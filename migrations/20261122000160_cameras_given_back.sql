-- Whoever has taken an alert, or was given it, may give it back: a step of the record like the others, with who and when.
--
-- The alert is new again by what `assign` and `reopen` write already, so no column and no right comes along; only the list of
-- steps, which the table keeps to itself, grows by one, whatever steps are known by now.
do $$
declare
    known text := (select pg_get_constraintdef(c.oid) from pg_constraint c
                   where c.conrelid = 'camera_alert_entry'::regclass and c.conname = 'camera_alert_entry_step_check');
begin
    alter table camera_alert_entry drop constraint camera_alert_entry_step_check;
    execute 'alter table camera_alert_entry add constraint camera_alert_entry_step_check '
        || regexp_replace(known, 'ARRAY\[', 'ARRAY[''given_back''::text, ');
end
$$;

comment on column camera_alert.escalation is
    'To which step of the roster it has gone up because nobody took it in time, or because somebody gave it back; 0: not yet';
