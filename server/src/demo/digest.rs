//! One number for all that a demo ward holds, to see that the same seed makes the same rows.
//! It deliberately leaves out what must differ: row numbers, random identifiers, times of writing, and what is sealed with
//! this installation's keys.

use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// Columns that differ between two installations of one and the same ward, or that name other rows by their number. Since when a camera
/// answers is told from the moment of seeding; so are alerts, whose tables are left out whole.
const LEFT_OUT: &str = "{id,uid,version,updated_at,valid_from,area_id,ward_id,parent_id,building_id,road_id,household_id,\
boarding_house_id,room_id,landlord_account_id,national_id_encrypted,national_id_hash,status_at}";

/// Each table with the SQL that names, by codes, the rows that one of its rows `t` hangs on.
const TABLES: [(&str, &str); 13] = [
    ("area", "(select code from area where id = t.parent_id)"),
    ("road", "(select code from road where id = t.parent_id)"),
    ("building", "(select code from road where id = t.road_id)"),
    ("water", "null::text"),
    ("land_use", "null::text"),
    ("place", "null::text"),
    ("household", "(select code from building where id = t.building_id)"),
    ("resident", "(select code from household where id = t.household_id)"),
    ("boarding_house", "(select code from building where id = t.building_id)"),
    ("room", "(select code from boarding_house where id = t.boarding_house_id)"),
    ("tenancy", "(select h.code || ' ' || r.name from room r join boarding_house h on h.id = r.boarding_house_id where r.id = t.room_id)"),
    ("business", "(select code from building where id = t.building_id)"),
    ("camera", "null::text"),
];

/// SHA-256, in hexadecimal, over every row of the demo areas (`area.is_demo`), read as owner.
pub async fn of_demo_wards(db: &mut PgConnection) -> sqlx::Result<String> {
    let mut digest = Sha256::new();
    for (table, hangs_on) in TABLES {
        let area = if table == "area" { "t.id" } else { "t.area_id" };
        // Sorted by their own text in the plain order of bytes: neither row numbers nor a collation decide.
        let sql = format!(
            "select coalesce(encode(sha256(convert_to(string_agg(line, e'\\n' order by line collate \"C\"), 'UTF8')), 'hex'), '') from ( \
               select concat_ws(' ', a.code, {hangs_on}, (to_jsonb(t) - '{LEFT_OUT}'::text[])::text) as line \
               from {table} t join area a on a.id = {area} where a.is_demo) lines"
        );
        let of_table: String = sqlx::query_scalar(&sql).fetch_one(&mut *db).await?;
        digest.update(format!("{table} {of_table}\n"));
    }
    Ok(hex::encode(digest.finalize()))
}
