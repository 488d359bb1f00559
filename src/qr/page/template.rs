//! Pages from templates: `{{name}}` is replaced by a text, escaped; `{{{name}}}` by JSON for scripts.

use serde_json::{Map, Value};

/// What stands for what in a page.
pub(super) type Words = Map<String, Value>;

/// Puts the words into a template of ours. A name that nobody knows becomes nothing; a test holds
/// that there is none.
pub(super) fn fill(template: &str, words: &Words) -> String {
    let mut page = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let (raw, after) = after
            .strip_prefix('{')
            .map_or((false, after), |after| (true, after));
        let end = if raw { "}}}" } else { "}}" };
        let (name, after) = after.split_once(end).unwrap_or((after, ""));
        match words.get(name) {
            Some(value) if raw => page.push_str(&script_json(value)),
            Some(Value::String(text)) => escape(text, &mut page),
            _ => {}
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

/// JSON that cannot end the element it stands in.
fn script_json(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}

fn escape(text: &str, page: &mut String) {
    for character in text.chars() {
        match character {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            other => page.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_that_is_filled_in_becomes_markup() {
        let words =
            json!({ "name": "<b>\"Rock'n'Roll\" & {{more}}</b>", "data": { "a": "</script>" } });
        let filled = fill(
            "<p title=\"{{name}}\">{{nobody}}</p>{{{data}}}{",
            words.as_object().unwrap(),
        );
        let expected = "<p title=\"&lt;b&gt;&quot;Rock&#39;n&#39;Roll&quot; &amp; {{more}}&lt;/b&gt;\"></p>\
            {\"a\":\"\\u003c/script>\"}{";
        assert_eq!(filled, expected);
    }
}
