//! Tremol: frames, conversations with a simulated device, and wires that break.

mod cuts;
mod dialogues;
mod frames;
mod password;
mod samples;
mod words;
