//! The link in the code at a table: `slug.table.proof`. It opens this table and nothing else.

use crate::ledger::{Book, Ledger};
use daybook_catalogue::secrets;
use daybook_projections::Views;
use daybook_schema::id::TableId;
use daybook_schema::{LogName, hash};

/// The setting that belongs to all links of an instance: a new value withdraws them.
const GENERATION: &str = "table_link_generation";

/// The instance and the table that a link opens. Nothing when it opens none: whether it was made up,
/// altered or withdrawn is not told.
pub(super) fn opened(
    ledger: &Ledger,
    installation: &[u8; 32],
    link: &str,
) -> Option<(Book, TableId)> {
    let (slug, rest) = link.split_once('.')?;
    let (table, _) = rest.split_once('.')?;
    let table = super::route::table(table)?;
    let book = ledger.book(slug)?;
    let views = book.views();
    let right = table_link(installation, &book.log, &views, table);
    same(link, &right).then_some((book, table))
}

/// The link of a table, as it is in force now.
#[must_use]
pub fn table_link(installation: &[u8; 32], log: &LogName, views: &Views, table: TableId) -> String {
    let generation = views.instance.setting(GENERATION).unwrap_or_default();
    secrets::table_link(installation, log.as_str(), table, generation)
}

/// Whether two texts are equal, in a time that does not tell how far they agree.
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (
        hash::fingerprint(a.as_bytes()),
        hash::fingerprint(b.as_bytes()),
    );
    hash::same_secret(&a, &b)
}
