//! Two small wards that every access test knows: A with TDPs A1 and A2, B with TDP B1, each with one of everything.
//! Every personal column holds a canary that occurs nowhere else, so that a leak can be searched for.

use server::platform::{national_id, secrets::Secrets};
use sqlx::{Executor, PgConnection};
use uuid::Uuid;

/// Argon2id with the least work: these tests are not about the cost of guessing.
const PASSWORD_HASH_COST: (u32, u32, u32) = (8, 1, 1);
/// Password of every account here.
pub const PASSWORD: &str = "mat-khau-thu-nghiem";
/// Part of every canary: a body that contains it has leaked something personal.
pub const CANARY: &str = "canary";
/// Leading digits of every national id and phone here, whole: masked ones do not contain them.
pub const NATIONAL_ID_START: &str = "0012990";
pub const PHONE_START: &str = "0999777";

/// The rows of one TDP, by id.
#[derive(Clone, Debug)]
pub struct TdpRows {
    pub area: i32,
    pub ward: i32,
    pub household: i64,
    pub resident: i64,
    pub boarding_house: i64,
    pub tenancy: i64,
    pub business: i64,
    pub camera: i64,
    pub camera_alert: i64,
    pub place: i64,
    pub building: i64,
    pub road: i64,
}

#[derive(Clone, Debug)]
pub struct SmallWard {
    pub province: i32,
    pub ward_a: i32,
    pub ward_b: i32,
    pub a1: TdpRows,
    pub a2: TdpRows,
    pub b1: TdpRows,
}

/// Fills an empty, migrated database.
pub async fn build(db: &mut PgConnection, secrets: &Secrets) -> anyhow::Result<SmallWard> {
    let province = area(db, "P", "province", None, "Tỉnh Thử", [105.0, 21.0, 105.04, 21.01]).await?;
    let ward_a = area(db, "A", "ward", Some(province), "Phường A", [105.0, 21.0, 105.02, 21.01]).await?;
    let ward_b = area(db, "B", "ward", Some(province), "Phường B", [105.02, 21.0, 105.04, 21.01]).await?;
    let a1 = tdp(db, secrets, "A1", ward_a, 105.0).await?;
    let a2 = tdp(db, secrets, "A2", ward_a, 105.01).await?;
    let b1 = tdp(db, secrets, "B1", ward_b, 105.02).await?;

    let hash = password_hash();
    for (ward, id, tdps) in [("a", ward_a, vec![("1", &a1), ("2", &a2)]), ("b", ward_b, vec![("1", &b1)])] {
        for role in ["leader", "operator", "police", "one_stop", "admin"] {
            account(db, &format!("{role}-{ward}"), role, id, &hash).await?;
        }
        for (number, rows) in tdps {
            account(db, &format!("tdp_head-{ward}{number}"), "tdp_head", rows.area, &hash).await?;
            let landlord = account(db, &format!("landlord-{ward}{number}"), "landlord", rows.area, &hash).await?;
            sqlx::query("update boarding_house set landlord_account_id = $2 where id = $1")
                .bind(rows.boarding_house)
                .bind(landlord)
                .execute(&mut *db)
                .await?;
        }
    }
    Ok(SmallWard { province, ward_a, ward_b, a1, a2, b1 })
}

/// The PHC string of [`PASSWORD`].
pub fn password_hash() -> String {
    use argon2::{Argon2, Params, PasswordHasher};
    let (memory_kib, passes, lanes) = PASSWORD_HASH_COST;
    let params = Params::new(memory_kib, passes, lanes, None).expect("cheap parameters are allowed");
    let argon2 = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    argon2.hash_password(PASSWORD.as_bytes()).expect("a password can be hashed").to_string()
}

pub async fn account(db: &mut PgConnection, login: &str, role: &str, area: i32, hash: &str) -> sqlx::Result<i64> {
    let id: i64 = sqlx::query_scalar("insert into account (login, display_name, password_hash) values ($1, $2, $3) returning id")
        .bind(login)
        .bind(format!("Cán bộ {login}"))
        .bind(hash)
        .fetch_one(&mut *db)
        .await?;
    sqlx::query("insert into appointment (account_id, role, area_id, basis) values ($1, $2, $3, 'thử nghiệm')")
        .bind(id)
        .bind(role)
        .bind(area)
        .execute(db)
        .await?;
    Ok(id)
}

async fn area(db: &mut PgConnection, code: &str, kind: &str, parent: Option<i32>, name: &str, bounds: [f64; 4]) -> sqlx::Result<i32> {
    sqlx::query_scalar(
        "insert into area (code, kind, parent_id, name, boundary)
         values ($1, $2, $3, $4, st_multi(st_makeenvelope($5, $6, $7, $8, 4326))) returning id",
    )
    .bind(code)
    .bind(kind)
    .bind(parent)
    .bind(name)
    .bind(bounds[0])
    .bind(bounds[1])
    .bind(bounds[2])
    .bind(bounds[3])
    .fetch_one(db)
    .await
}

/// A TDP of 0.01 x 0.01 degrees from `west`, with one of everything near its middle.
async fn tdp(db: &mut PgConnection, secrets: &Secrets, code: &str, ward: i32, west: f64) -> anyhow::Result<TdpRows> {
    let id = area(db, code, "tdp", Some(ward), &format!("TDP {code}"), [west, 21.0, west + 0.01, 21.01]).await?;
    let (lon, lat) = (west + 0.005, 21.005);
    let number = 10 + i64::from(id);

    let road: i64 = sqlx::query_scalar(
        "insert into road (code, class, name, width_m, geom)
         values ($1, 'street', $2, 8, st_setsrid(st_makeline(st_point($3 - 0.004, $4 - 0.0003), st_point($3 + 0.004, $4 - 0.0003)), 4326)) returning id",
    )
    .bind(format!("R-{code}"))
    .bind(format!("Phố Thử {code}"))
    .bind(lon)
    .bind(lat)
    .fetch_one(&mut *db)
    .await?;
    let building: i64 = sqlx::query_scalar(
        "insert into building (code, storeys, road_id, house_number, address, footprint)
         values ($1, 3, $2, '12', $3, st_multi(st_makeenvelope($4 - 0.0001, $5 - 0.0001, $4 + 0.0001, $5 + 0.0001, 4326))) returning id",
    )
    .bind(format!("N-{code}"))
    .bind(road)
    .bind(format!("Số 12 phố Thử {code}"))
    .bind(lon)
    .bind(lat)
    .fetch_one(&mut *db)
    .await?;
    let household: i64 = sqlx::query_scalar(
        "insert into household (code, building_id, address, geom)
         values ($1, $2, $3, st_setsrid(st_point($4, $5), 4326)) returning id",
    )
    .bind(format!("H-{code}"))
    .bind(building)
    .bind(format!("Số 12 phố Thử {code}"))
    .bind(lon)
    .bind(lat)
    .fetch_one(&mut *db)
    .await?;
    let resident_number = format!("{NATIONAL_ID_START}{number:05}");
    let uid = Uuid::now_v7();
    let sealed = national_id::seal(secrets, "resident", uid, &resident_number);
    let resident: i64 = sqlx::query_scalar(
        "insert into resident (uid, household_id, area_id, name, birth_date, sex, relation, education, occupation, national_id_encrypted, national_id_hash, phone)
         values ($1, $2, $3, $4, '1957-03-14', 'female', 'head', 'university', $5, $6, $7, $8) returning id",
    )
    .bind(uid)
    .bind(household)
    .bind(id)
    .bind(format!("Hạnh {CANARY}name{code}"))
    .bind(format!("{CANARY}occupation{code}"))
    .bind(sealed.encrypted)
    .bind(sealed.hash)
    .bind(format!("{PHONE_START}{number:03}"))
    .fetch_one(&mut *db)
    .await?;
    let boarding_house: i64 = sqlx::query_scalar(
        "insert into boarding_house (code, building_id, name, address, landlord_name, landlord_phone, geom)
         values ($1, $2, $3, $4, $5, $6, st_setsrid(st_point($7 + 0.0005, $8), 4326)) returning id",
    )
    .bind(format!("NT-{code}"))
    .bind(building)
    .bind(format!("Nhà trọ {code}"))
    .bind(format!("Số 14 phố Thử {code}"))
    .bind(format!("Chủ {CANARY}landlord{code}"))
    .bind(format!("{PHONE_START}{:03}", number + 300))
    .bind(lon)
    .bind(lat)
    .fetch_one(&mut *db)
    .await?;
    let room: i64 =
        sqlx::query_scalar("insert into room (boarding_house_id, area_id, name, declared_at) values ($1, $2, 'P101', now()) returning id")
            .bind(boarding_house)
            .bind(id)
            .fetch_one(&mut *db)
            .await?;
    let tenant_number = format!("{NATIONAL_ID_START}{:05}", number + 600);
    let uid = Uuid::now_v7();
    let sealed = national_id::seal(secrets, "tenancy", uid, &tenant_number);
    let tenancy: i64 = sqlx::query_scalar(
        "insert into tenancy (uid, room_id, area_id, tenant_name, birth_date, sex, occupation, home_province, national_id_encrypted, national_id_hash,
            phone, from_on, declared_at)
         values ($1, $2, $3, $4, '2004-05-06', 'male', $5, $6, $7, $8, $9, '2026-01-05', now()) returning id",
    )
    .bind(uid)
    .bind(room)
    .bind(id)
    .bind(format!("Khách {CANARY}tenant{code}"))
    .bind(format!("{CANARY}study{code}"))
    .bind(format!("{CANARY}province{code}"))
    .bind(sealed.encrypted)
    .bind(sealed.hash)
    .bind(format!("{PHONE_START}{:03}", number + 600))
    .fetch_one(&mut *db)
    .await?;
    let business: i64 = sqlx::query_scalar(
        "insert into business (code, building_id, name, tax_code, vsic, sector, kind, address, geom)
         values ($1, $2, $3, '0100000001', '4711', 'G', 'household_business', $4, st_setsrid(st_point($5 - 0.0005, $6), 4326)) returning id",
    )
    .bind(format!("KD-{code}"))
    .bind(building)
    .bind(format!("Tạp hóa {code}"))
    .bind(format!("Số 10 phố Thử {code}"))
    .bind(lon)
    .bind(lat)
    .fetch_one(&mut *db)
    .await?;
    let camera: i64 = sqlx::query_scalar(
        "insert into camera (code, name, heading_deg, field_of_view_deg, range_m, stream, status, status_at, geom)
         values ($1, $2, 90, 70, 40, $3, 'online', now(), st_setsrid(st_point($4, $5 - 0.0005), 4326)) returning id",
    )
    .bind(format!("C-{code}"))
    .bind(format!("Ngã tư {code}"))
    .bind(format!("rtsp://{CANARY}stream{code}@recorder/1"))
    .bind(lon)
    .bind(lat)
    .fetch_one(&mut *db)
    .await?;
    let camera_alert = alert(db, code, id, camera).await?;
    let place: i64 = sqlx::query_scalar(
        "insert into place (code, kind, name, address, geom)
         values ($1, 'culture_house', $2, $3, st_setsrid(st_point($4, $5 + 0.0005), 4326)) returning id",
    )
    .bind(format!("D-{code}"))
    .bind(format!("Nhà văn hóa {code}"))
    .bind(format!("Số 20 phố Thử {code}"))
    .bind(lon)
    .bind(lat)
    .fetch_one(&mut *db)
    .await?;
    db.execute("analyze household, resident").await?;
    Ok(TdpRows { area: id, ward, household, resident, boarding_house, tenancy, business, camera, camera_alert, place, building, road })
}

/// An alert of the TDP's camera with a plate and a note, the device that reported it, what it sent in vain and what its clock said, a rule.
async fn alert(db: &mut PgConnection, code: &str, area: i32, camera: i64) -> sqlx::Result<i64> {
    let alert: i64 = sqlx::query_scalar(
        "insert into camera_alert (camera_id, camera_code, external_id, kind, severity, started_at, geom)
         select id, code, 'small-ward', 'illegal_parking', 'medium', now() - interval '1 hour', geom from camera where id = $1 returning id",
    )
    .bind(camera)
    .fetch_one(&mut *db)
    .await?;
    sqlx::query("insert into camera_alert_plate (alert_id, area_id, plate) values ($1, $2, $3)")
        .bind(alert)
        .bind(area)
        .bind(format!("{CANARY}plate{code}"))
        .execute(&mut *db)
        .await?;
    sqlx::query("insert into camera_alert_entry (alert_id, area_id, step, note) values ($1, $2, 'noted', 'xe tải nhỏ')")
        .bind(alert)
        .bind(area)
        .execute(&mut *db)
        .await?;
    sqlx::query(r#"insert into alert_rule (area_id, rules) values ($1, '[{"kind": "wanted_vehicle", "severity": "critical"}]')"#)
        .bind(area)
        .execute(&mut *db)
        .await?;
    let device: i64 = sqlx::query_scalar(
        "insert into device (name, area_id, token_hash) values ($1, $2, sha256(convert_to('nobody knows ' || $1, 'UTF8'))) returning id",
    )
    .bind(format!("hop-{code}"))
    .bind(area)
    .fetch_one(&mut *db)
    .await?;
    sqlx::query(
        "insert into ingest_quarantine (area_id, device_id, source, reason, detail, payload, raw, fingerprint)
         values ($1, $2, 'camera_alerts', 'ingest.unknown_camera', 'no such camera', '{\"camera\": \"C-none\"}', $3, '\\x00')",
    )
    .bind(area)
    .bind(device)
    .bind(serde_json::json!({"camera": "C-none", "plate": format!("{CANARY}quarantined{code}")}))
    .execute(&mut *db)
    .await?;
    sqlx::query("insert into ingest_put_away (area_id, reason, items, cause) values ($1, 'Thử trước khi lắp', 1, 'ingest.unreadable')")
        .bind(area)
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "insert into device_clock_report (device_id, camera_id, source, slot, heard_at, said_at, reports, area_id, device_name, camera_code)
         select d.id, c.id, 'camera_alerts', 0, now(), now(), 1, d.area_id, d.name, c.code from device d, camera c where d.id = $1 and c.id = $2",
    )
    .bind(device)
    .bind(camera)
    .execute(&mut *db)
    .await?;
    Ok(alert)
}
