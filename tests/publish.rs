//! Publishing into Kafka: the real binary beside a real broker.
//!
//! `tests/kafka run` names a broker in `DAYBOOK_TEST_KAFKA`, which tests share, each with topics of its
//! own. Tests that kill brokers start some of their own. Without Kafka these tests are skipped, and
//! say so.

mod analyst;
mod broker;
mod consumers;
mod halted;
mod proxy;
mod records;
mod secure;
mod storm;
mod story;
mod views;
