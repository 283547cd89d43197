//! What the README says of backup and restore: what `pg_dump` writes, `pg_restore` puts back whole, by the commands that stand there.
//! Roles, keys and the folder of files are not its business.

use std::process::Command;

use sqlx::{Executor, PgConnection};
use tests::cluster::TestDatabase;

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|cause| panic!("{program}: {cause}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{program}: {said}");
}

/// What a restore could lose without a row missing, and the rows.
async fn counted(connection: &mut PgConnection) -> String {
    let counts = "select concat_ws(' ', (select count(*) from pg_trigger where not tgisinternal), (select count(*) from pg_policies),
        (select count(*) from pg_constraint), (select count(*) from pg_indexes where schemaname = 'public'),
        (select count(*) from pg_proc where proowner = 'ioc_owner'::regrole), (select count(*) from role_permission), (select count(*) from area),
        (select count(*) from pg_class c, aclexplode(c.relacl) where c.relnamespace = 'public'::regnamespace),
        (select count(*) from pg_attribute a join pg_class c on c.oid = a.attrelid, aclexplode(a.attacl) where c.relnamespace = 'public'::regnamespace))";
    sqlx::query_scalar(counts).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn a_dump_goes_back_whole() {
    let (before, after) = (TestDatabase::create().await, TestDatabase::create().await);
    let dir = tempfile::tempdir().unwrap();
    let dump = dir.path().join("ioc.dump");
    let dump = dump.to_str().unwrap();
    let mut connection = before.connect("postgres").await;
    let ward = "insert into area (code, kind, name, boundary) values ('00622', 'ward', 'Phường', st_multi(st_makeenvelope(105.7, 21, 105.72, 21.02, 4326)))";
    connection.execute(ward).await.unwrap();

    run("pg_dump", &["-Fc", "-f", dump, &before.url("postgres")]);
    run("pg_restore", &["--clean", "--if-exists", "--single-transaction", "-d", &after.url("postgres"), dump]);

    let mut restored = after.connect("postgres").await;
    assert_eq!(counted(&mut restored).await, counted(&mut connection).await);
}
