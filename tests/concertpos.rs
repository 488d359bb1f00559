//! The ConcertPOS door, as tills see it.

mod answers;
mod broadcasts;
mod budget;
mod checks;
mod devices;
mod large;
mod listing;
mod model;
mod outage;
mod repeats;
mod seed;
mod selling;
mod shutdown;
mod urls;
mod wire;
