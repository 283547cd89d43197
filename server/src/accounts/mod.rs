//! Accounts, appointments, sessions, the access matrix and the audit trail.
//! It deliberately knows nothing of what the other domains keep.
