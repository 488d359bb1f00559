//! Which books a node serves, and how they fare.

use super::feed::Feed;
use super::{Book, Found, Ledger, Shelf, Status};
use daybook_schema::LogName;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use tokio::sync::watch;

impl Ledger {
    /// What a slug names on this node.
    #[must_use]
    pub fn find(&self, slug: &str) -> Found {
        let Ok(log) = LogName::new(slug) else {
            return Found::Unknown;
        };
        let books = self.books.read().unwrap_or_else(PoisonError::into_inner);
        match books.get(&log) {
            Some(Shelf::Open { book, .. }) => Found::Open(book.clone()),
            Some(Shelf::Broken(_)) => Found::Broken,
            None => Found::Unknown,
        }
    }

    /// The book of an instance that this node serves.
    #[must_use]
    pub fn book(&self, slug: &str) -> Option<Book> {
        match self.find(slug) {
            Found::Open(book) => Some(book),
            Found::Broken | Found::Unknown => None,
        }
    }

    /// The book of requests that carry no credential: that of the configured instance, or the only
    /// one.
    #[must_use]
    pub fn default_book(&self, configured: Option<&LogName>) -> Option<Book> {
        if let Some(instance) = configured {
            return self.book(instance.as_str());
        }
        let mut books = self.books().into_iter();
        books.next().filter(|_| books.next().is_none())
    }

    /// The books of all instances that are served.
    #[must_use]
    pub fn books(&self) -> Vec<Book> {
        let books = self.books.read().unwrap_or_else(PoisonError::into_inner);
        let open = |shelf: &Shelf| match shelf {
            Shelf::Open { book, .. } => Some(book.clone()),
            Shelf::Broken(_) => None,
        };
        books.values().filter_map(open).collect()
    }

    /// Changes whenever an instance is opened.
    #[must_use]
    pub fn opened(&self) -> watch::Receiver<u64> {
        self.opened.subscribe()
    }

    /// How each instance fares.
    #[must_use]
    pub fn health(&self) -> BTreeMap<LogName, Status> {
        let books = self.books.read().unwrap_or_else(PoisonError::into_inner);
        let status = |shelf: &Shelf| match shelf {
            Shelf::Open { book, .. } => book.status(),
            Shelf::Broken(why) => Status::Broken(why.clone()),
        };
        books
            .iter()
            .map(|(log, shelf)| (log.clone(), status(shelf)))
            .collect()
    }

    /// The book's events in order, read once for all who hold its feed.
    #[must_use]
    pub fn feed(&self, book: &Book) -> Arc<Feed> {
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        let running = feeds.get(&book.log).and_then(std::sync::Weak::upgrade);
        running.unwrap_or_else(|| {
            let ending = (&self.tasks, &self.ending.stop);
            let feed = Feed::start(book.log.clone(), self.store.clone(), book.follow(), ending);
            let feed = Arc::new(feed);
            feeds.insert(book.log.clone(), Arc::downgrade(&feed));
            feed
        })
    }
}
