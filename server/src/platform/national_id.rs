//! How a national ID is kept: encrypted for its row, with a keyed hash beside it to find a person by number.
//! It deliberately knows neither residents nor tenants; both keep theirs this way, so one search finds the number in both.

use anyhow::Context;
use uuid::Uuid;

use super::secrets::Secrets;

/// What the two columns `national_id_encrypted` and `national_id_hash` hold.
pub struct Sealed {
    pub encrypted: Vec<u8>,
    pub hash: Vec<u8>,
}

/// Seals `number` for the row `uid` of `table`: copied into another row, it does not decrypt.
pub fn seal(secrets: &Secrets, table: &str, uid: Uuid, number: &str) -> Sealed {
    Sealed { encrypted: secrets.encrypt(number.as_bytes(), &context(table, uid)), hash: hash(secrets, number) }
}

/// The number that was sealed for this row.
pub fn open(secrets: &Secrets, table: &str, uid: Uuid, encrypted: &[u8]) -> anyhow::Result<String> {
    let plain = secrets.decrypt(encrypted, &context(table, uid))?;
    String::from_utf8(plain).context("a national ID that is not text")
}

/// What `national_id_hash` holds for `number`.
pub fn hash(secrets: &Secrets, number: &str) -> Vec<u8> {
    secrets.keyed_hash("national_id", number.trim()).to_vec()
}

fn context(table: &str, uid: Uuid) -> String {
    format!("{table}.national_id {uid}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_opens_in_its_own_row_only_and_is_found_in_every_table() {
        let folder = std::env::temp_dir().join(format!("ioc-national-id-{}", Uuid::now_v7()));
        let secrets = Secrets::open(&folder).unwrap();
        let (mine, yours) = (Uuid::now_v7(), Uuid::now_v7());
        let sealed = seal(&secrets, "resident", mine, "001085990001");
        assert_eq!(open(&secrets, "resident", mine, &sealed.encrypted).unwrap(), "001085990001");
        assert!(open(&secrets, "resident", yours, &sealed.encrypted).is_err());
        assert!(open(&secrets, "tenancy", mine, &sealed.encrypted).is_err());
        assert_eq!(sealed.hash, seal(&secrets, "tenancy", yours, "001085990001").hash);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
