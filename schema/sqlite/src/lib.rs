//! The log in an embedded SQLite file.
