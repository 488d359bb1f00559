//! Adds the device's own words to the numbers with which it refused.
//!
//! They are asked for when everything is over: between two commands of a receipt a further question
//! could only do harm, and most refusals on the way are expected and told to nobody.

use super::dialect::{Asked, Dialect};
use super::line::Reply;
use crate::dialogue::{Failure, Outcome, Stop, Talk};
use crate::text::cut;

/// The most characters of a device's words.
const WORDS: usize = 100;

/// The same end, told better. A device that does not answer this, or not with words, changes nothing.
pub(crate) fn explain(
    talk: &mut Talk<'_, Reply>,
    dialect: &dyn Dialect,
    ended: Asked<Outcome>,
) -> Asked<Outcome> {
    let mut ended = match ended {
        Ok(outcome) => Ok(outcome),
        Err(Stop::Fail(failure)) => Err(failure),
        Err(Stop::Ask(command)) => return Err(Stop::Ask(command)),
    };
    let messages = match &mut ended {
        Ok(outcome) => &mut outcome.messages,
        Err(Failure::Refused(messages) | Failure::Unknown { messages, .. }) => messages,
    };
    let told = messages.as_slice().iter();
    let mut numbers: Vec<String> = told.filter_map(|one| one.original.clone()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for number in numbers {
        let Some(question) = dialect.reason(&number) else {
            continue;
        };
        let Some(reply) = talk.ask(question)? else {
            break;
        };
        let words = dialect.read_reason(reply, &number).unwrap_or_default();
        let words = cut(&words, WORDS);
        if !words.trim().is_empty() {
            messages.explain(&number, words.trim());
        }
    }
    ended.map_err(Stop::Fail)
}
