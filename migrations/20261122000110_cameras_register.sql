-- The register of violations lists handled alerts, newest first. They are few among all alerts, and reports of devices never touch
-- this index: it holds a row from the moment somebody closes it as handled. A silent camera is no violation.
create index camera_alert_handled on camera_alert (started_at desc, id desc) where outcome = 'handled' and kind <> 'camera_silent';
