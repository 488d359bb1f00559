//! Views as pure folds over the log.
