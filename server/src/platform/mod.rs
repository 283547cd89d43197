//! What belongs to no domain: configuration, database sessions, errors, clock, telemetry.
//! It deliberately knows no table of any domain.
