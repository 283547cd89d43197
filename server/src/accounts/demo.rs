//! The accounts of the demonstration: one for each role, and colleagues whom the simulator plays, with a password that everybody knows.
//! They exist in demo mode only; signing in refuses them elsewhere (`sign_in`), and demo mode listens on loopback alone.

use anyhow::Context;
use shared::session::Role;
use sqlx::PgConnection;

use super::db::{self, NewAccount};
use super::password;

pub const PASSWORD: &str = "phuong-canh";
const BASIS: &str = "demonstration";

/// A leader of the whole city, where a province was generated around the demo ward.
const PROVINCE_LEADER: (&str, &str) = ("lanhdaotp", "Lãnh đạo thành phố (demo)");

/// A login that others rely on, and what the account is called on screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    pub login: &'static str,
    pub display_name: &'static str,
}

/// Whom people sign in as who try what comes from cameras.
pub const OPERATOR: Known = Known { login: "trucban", display_name: "Trực ban (demo)" };
pub const POLICE: Known = Known { login: "congan", display_name: "Công an phường (demo)" };
pub const LEADER: Known = Known { login: "lanhdao", display_name: "Lãnh đạo phường (demo)" };

/// Their colleagues in a demo ward, whom the simulator plays: what it does bears names of its own, so that nobody who tries an account
/// finds a day's work done by oneself. They may be signed in as like the others, and are not offered for it.
pub mod simulated {
    use super::Known;

    pub const OPERATOR: Known = Known { login: "mophong-trucban", display_name: "Trực ban ca (mô phỏng)" };
    pub const POLICE: Known = Known { login: "mophong-congan", display_name: "Công an trực ban (mô phỏng)" };
    pub const LEADER: Known = Known { login: "mophong-lanhdao", display_name: "Lãnh đạo trực (mô phỏng)" };
}

const COLLEAGUES: [(Known, Role); 3] =
    [(simulated::OPERATOR, Role::Operator), (simulated::POLICE, Role::Police), (simulated::LEADER, Role::Leader)];

/// Where a demo account is appointed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Ward,
    /// The n-th TDP of the ward, from 1.
    Tdp(usize),
}

struct DemoAccount {
    login: String,
    display_name: String,
    role: Role,
    place: Place,
}

fn accounts() -> Vec<DemoAccount> {
    let account = |login: &str, display_name: String, role, place| DemoAccount { login: login.into(), display_name, role, place };
    let mut accounts = vec![
        account(LEADER.login, LEADER.display_name.into(), Role::Leader, Place::Ward),
        account(OPERATOR.login, OPERATOR.display_name.into(), Role::Operator, Place::Ward),
        account(POLICE.login, POLICE.display_name.into(), Role::Police, Place::Ward),
        account("quantri", "Quản trị (demo)".into(), Role::Admin, Place::Ward),
    ];
    accounts
        .extend((1..=8).map(|n| account(&format!("totruong{n}"), format!("Tổ trưởng TDP số {n} (demo)"), Role::TdpHead, Place::Tdp(n))));
    accounts
        .extend((1..=4).map(|n| account(&format!("motcua{n}"), format!("Cán bộ một cửa, quầy {n} (demo)"), Role::OneStop, Place::Ward)));
    accounts
}

/// Makes sure that the demo accounts exist and are appointed in this ward; in a second ward they get a second appointment.
/// TDP heads beyond the ward's TDPs are left without an appointment here. Returns how many appointments are new.
///
/// As owner, in the transaction that makes the ward.
pub async fn create(connection: &mut PgConnection, ward_area_id: i32) -> anyhow::Result<usize> {
    let tdps = db::tdps_of(connection, ward_area_id).await.context("the TDPs of the ward cannot be read")?;
    // One hash for all: the password is public, and sixteen hashes would cost a second of every fresh start.
    let password_hash = password::hash(PASSWORD).await?;
    let mut appointed = 0;
    for demo in accounts() {
        let area_id = match demo.place {
            Place::Ward => Some(ward_area_id),
            Place::Tdp(n) => tdps.get(n - 1).copied(),
        };
        let account_id = account(connection, &demo.login, &demo.display_name, &password_hash).await?;
        if let Some(area_id) = area_id {
            appointed += appoint(connection, account_id, demo.role, area_id).await?;
        }
    }
    Ok(appointed)
}

/// Makes sure that the simulator's officers exist and are appointed in a demo ward, as [`create`] does with the others.
pub async fn create_colleagues(connection: &mut PgConnection, ward_area_id: i32) -> anyhow::Result<usize> {
    let mut appointed = 0;
    for (Known { login, display_name }, role) in COLLEAGUES {
        let account_id = match db::demo_account(connection, login).await? {
            Some(account_id) => account_id,
            None => account(connection, login, display_name, &password::hash(PASSWORD).await?).await?,
        };
        appointed += appoint(connection, account_id, role, ward_area_id).await?;
    }
    Ok(appointed)
}

/// Makes sure that the leader of the whole city exists. As owner, in the transaction that makes the province.
pub async fn create_for_province(connection: &mut PgConnection, province_area_id: i32) -> anyhow::Result<()> {
    let (login, display_name) = PROVINCE_LEADER;
    let password_hash = password::hash(PASSWORD).await?;
    let account_id = account(connection, login, display_name, &password_hash).await?;
    appoint(connection, account_id, Role::Leader, province_area_id).await.map(drop)
}

/// Takes the demo accounts out of force and ends their sessions; how many there were. As owner.
pub async fn disable(connection: &mut PgConnection) -> sqlx::Result<u64> {
    db::disable_demo_accounts(connection).await
}

/// How many demo accounts in force are appointed now. As owner.
pub async fn count_appointed(connection: &mut PgConnection) -> sqlx::Result<i64> {
    db::count_appointed_demo_accounts(connection).await
}

async fn account(connection: &mut PgConnection, login: &str, display_name: &str, password_hash: &str) -> anyhow::Result<i64> {
    if let Some(account_id) = db::demo_account(connection, login).await? {
        return Ok(account_id);
    }
    let account = NewAccount { login, display_name, password_hash, totp_secret_encrypted: None, is_demo: true };
    db::add_account(connection, &account)
        .await
        .with_context(|| format!("demo account {login} cannot be made; is there another account of that name?"))
}

/// How many appointments are new: one, or none.
async fn appoint(connection: &mut PgConnection, account_id: i64, role: Role, area_id: i32) -> anyhow::Result<usize> {
    if db::is_appointed(connection, account_id, role, area_id).await? {
        return Ok(0);
    }
    db::appoint(connection, account_id, role, area_id, None, BASIS).await?;
    Ok(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accounts_that_others_rely_on() {
        let logins: Vec<String> = accounts().into_iter().map(|account| account.login).collect();
        assert_eq!(logins.len(), 16);
        for login in ["lanhdao", "trucban", "congan", "quantri", "totruong1", "totruong8", "motcua1", "motcua4"] {
            assert!(logins.iter().any(|known| known == login), "{login}");
        }
    }

    #[test]
    fn whom_the_simulator_plays_says_so_and_is_nobody_that_people_try() {
        let logins: Vec<String> = accounts().into_iter().map(|account| account.login).collect();
        for (colleague, _) in COLLEAGUES {
            assert!(!logins.iter().any(|login| login == colleague.login), "{}", colleague.login);
            assert!(colleague.display_name.ends_with("(mô phỏng)"), "{}", colleague.display_name);
        }
    }
}
