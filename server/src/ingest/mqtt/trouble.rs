//! Why a batch is not in, and whether waiting would help.
//! It deliberately says nothing of what stood in it.

/// Why a batch is not in.
pub enum Trouble {
    /// The database is away, or slow.
    Database(sqlx::Error),
    /// The database refuses what is in it.
    Data(sqlx::Error),
    /// No device in force has the token.
    Revoked,
}

impl From<sqlx::Error> for Trouble {
    fn from(cause: sqlx::Error) -> Self {
        // Class 22: data that is none; class 23: a constraint; class 54: more than fits. None passes by waiting.
        let code = cause.as_database_error().and_then(|cause| cause.code()).unwrap_or_default();
        let is_data = ["22", "23", "54"].iter().any(|class| code.starts_with(class));
        if is_data { Trouble::Data(cause) } else { Trouble::Database(cause) }
    }
}

impl From<anyhow::Error> for Trouble {
    /// A picture that cannot be stored waits as a database that is away does: there may be room again.
    fn from(cause: anyhow::Error) -> Self {
        cause.downcast::<sqlx::Error>().map_or_else(|cause| Trouble::Database(sqlx::Error::Io(std::io::Error::other(cause))), Trouble::from)
    }
}

/// What the database says may repeat a value; its code does not.
pub fn cause_code(cause: &sqlx::Error) -> String {
    cause.as_database_error().and_then(|cause| cause.code()).unwrap_or_default().into_owned()
}
