//! The lane's door: displays, tools and tablets as their clients see it.

mod display;
mod examples;
mod firehoses;
mod packets;
mod presell;
mod resume;
mod session;
mod slow;
mod stand;
