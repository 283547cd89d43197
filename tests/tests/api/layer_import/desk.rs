//! A ward to import into: two TDPs side by side, three houses with addresses; and a folder for files.

use std::path::PathBuf;

use server::import::layer::{self, ImportLayer, Layer, Summary};
use server::platform::database::Database;
use server::platform::secrets::Secrets;
use sqlx::PgPool;
use tempfile::TempDir;
use tests::cluster::TestDatabase;

pub struct Desk {
    pub owner: PgPool,
    pub dir: TempDir,
    pub secrets: Secrets,
    _database: TestDatabase,
}

impl Desk {
    /// Ward 00622 from 105.70 to 105.72 east and 21.00 to 21.02 north; TDP 1 is its western half.
    pub async fn new() -> Self {
        let desk = Self::empty().await;
        desk.execute(
            "with ward as (insert into area (code, kind, name, boundary) values ('00622', 'ward', 'Phường Xuân Phương', \
               st_multi(st_makeenvelope(105.70, 21.00, 105.72, 21.02, 4326))) returning id) \
             insert into area (code, kind, parent_id, name, boundary) \
             select '00622-' || n, 'tdp', id, 'Tổ dân phố số ' || n, st_multi(st_makeenvelope(105.69 + n * 0.01, 21.00, 105.70 + n * 0.01, 21.02, 4326)) \
             from ward, generate_series(1, 2) n",
        )
        .await;
        for (code, address, lon) in
            [("B1", "Số 5 ngõ 34 phố Nhổn", 105.705), ("B2", "Số 7 phố Nhổn", 105.706), ("B3", "Số 7 đường Nhổn", 105.715)]
        {
            let house = format!(
                "insert into building (code, address, footprint) values ('{code}', '{address}', st_multi(st_expand(st_setsrid(st_point({lon}, 21.005), 4326), 0.00005)))"
            );
            desk.execute(&house).await;
        }
        desk
    }

    pub async fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = TestDatabase::create().await;
        let owner = Database::open(&database.config(dir.path())).await.unwrap().owner().await.unwrap();
        let secrets = Secrets::open(dir.path()).unwrap();
        Self { owner, dir, secrets, _database: database }
    }

    pub fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, contents).unwrap();
        path
    }

    pub async fn import(&self, args: ImportLayer) -> Summary {
        layer::run(&self.owner, args, &self.secrets, self.dir.path()).await.unwrap()
    }

    pub async fn import_text(&self, layer: Layer, text: &str) -> Summary {
        let path = self.file("list.csv", text);
        self.import(ImportLayer::of(layer, path)).await
    }

    pub async fn refusal(&self, args: ImportLayer) -> String {
        format!("{:#}", layer::run(&self.owner, args, &self.secrets, self.dir.path()).await.unwrap_err())
    }

    pub async fn refusal_of_text(&self, layer: Layer, text: impl AsRef<[u8]>) -> String {
        let path = self.file("list.csv", text);
        self.refusal(ImportLayer::of(layer, path)).await
    }

    pub async fn execute(&self, sql: &str) {
        sqlx::query(sql).execute(&self.owner).await.unwrap();
    }

    /// The rows of a query of one text column, one line each.
    pub async fn lines(&self, sql: &str) -> String {
        sqlx::query_scalar::<_, String>(sql).fetch_all(&self.owner).await.unwrap().join("\n")
    }

    /// Every row of a table, whole: what must be the same after a second import.
    pub async fn snapshot(&self, table: &str) -> String {
        self.lines(&format!("select t::text from {table} t order by id")).await
    }

    /// The report without its byte-order mark, header and quotation marks.
    pub fn report(&self, summary: &Summary) -> String {
        let text = std::fs::read_to_string(&summary.report).unwrap();
        text.lines().skip(1).collect::<Vec<_>>().join("\n").replace('"', "")
    }
}
