//! Reads a log from anywhere, verifies it and folds it as of any moment.
