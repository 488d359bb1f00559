//! Our pages in a real browser: headless Chromium, driven by its own debugging protocol over a
//! WebSocket, which needs neither a driver nor a client library.

mod chromium;
mod display;
mod phone;
mod stories;
