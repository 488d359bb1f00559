//! Ids that the ledger gives: each is one more than the highest so far, so that none is given
//! twice. Catalogue files choose their own, up to the highest there is.

use super::Rejection;

/// The ids after the highest one.
pub(super) struct Ids {
    kind: &'static str,
    /// None when all are used up.
    next: Option<u32>,
}

impl Ids {
    pub(super) const fn after(kind: &'static str, last: Option<u32>) -> Self {
        let next = match last {
            None => Some(1),
            Some(last) => last.checked_add(1),
        };
        Self { kind, next }
    }

    pub(super) fn take(&mut self) -> Result<u32, Rejection> {
        let id = self.next.ok_or(Rejection::NoFreeId(self.kind))?;
        self.next = id.checked_add(1);
        Ok(id)
    }
}
