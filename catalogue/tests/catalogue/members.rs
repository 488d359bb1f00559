//! Lists of members, as spreadsheets write them.

use daybook_catalogue::limits::MAX_LIST_ENTRIES;
use daybook_catalogue::{CatalogueError, Member, read_members};
use proptest::prelude::*;

fn member(name: &str, identifier: &str) -> Member {
    Member {
        name: name.to_owned(),
        identifier: identifier.to_owned(),
    }
}

fn refused(text: &str) -> Vec<String> {
    match read_members(text) {
        Err(CatalogueError::Refused { problems, .. }) => {
            problems.iter().map(ToString::to_string).collect()
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn each_way_to_write_a_list() {
    let expected = [member("Ada Example", "12345"), member("", "23456")];
    for text in [
        "name,identifier\nAda Example,12345\n,23456\n",
        "name,identifier\nAda Example,12345\n,23456",
        "\u{feff}Name;IDENTIFIER\r\nAda Example;12345\r\n;23456\r\n",
        "identifier\tname\n12345\tAda Example\n23456\t\n",
        "\n\nname,identifier\n\nAda Example,12345\n \n,,\n,23456\n\n",
        "since,identifier,e-mail,name\n2019,12345,a@example.org,Ada Example\n2020, 23456 ,,\n",
        "\"name\";\"identifier\"\n\"Ada Example\";\"12345\"\n\"\";\"23456\"\n",
        "identifier,name\n12345,  Ada Example \n23456\n",
        "name,identifier\nAda Example,12345,\n,23456,,\n",
        "name,identifier\rAda Example,12345\r,23456\r",
    ] {
        assert_eq!(read_members(text), Ok(expected.to_vec()), "{text}");
    }
}

#[test]
fn quotes_hold_delimiters_and_quotes() {
    let text = "name,identifier\n\"Example, Ada \"\"A\"\"\",12345\n";
    let expected = member("Example, Ada \"A\"", "12345");
    assert_eq!(read_members(text), Ok(vec![expected]));
}

#[test]
fn a_header_alone_is_an_empty_list() {
    assert_eq!(read_members("name;identifier\n"), Ok(Vec::new()));
}

#[test]
fn a_header_is_required() {
    for text in [
        "",
        "\n\n",
        "Ada Example,12345\n",
        "name\nAda\n",
        "identifier\n1\n",
        "name|identifier\nAda|1\n",
        "name,identifier,Name\nAda,1,Ada\n",
    ] {
        let expected = "the document: has no header with one column \"name\" and one column \"identifier\": name them \
             in the first line, with a comma, a semicolon or a tab between";
        assert_eq!(refused(text), [expected], "{text}");
    }
}

#[test]
fn each_problem_has_its_line() {
    let long = format!(
        "name,identifier\n{},1\nBob,{}\n",
        "n".repeat(201),
        "i".repeat(201)
    );
    for (text, expected) in [
        (
            "name,identifier\nAda,\n",
            vec!["line 2: the identifier is empty"],
        ),
        (
            "name,identifier\nAda\n",
            vec!["line 2: the identifier is empty"],
        ),
        (
            "name,identifier\r\nAda,1\r\n\r\n\r\nBob,2\r\nEve, 1 \r\nMax,2\r\n",
            vec![
                "line 6: has the same identifier as line 2",
                "line 7: has the same identifier as line 5",
            ],
        ),
        (
            "identifier,name\n1,Example, Ada\n",
            vec![
                "line 2: has 3 fields, the header 2: a field that holds the delimiter must be in quotes",
            ],
        ),
        (
            "name,identifier,city\n\nAda,1,\"Sea\n\nStadt\"\nBob,,\n",
            vec!["line 6: the identifier is empty"],
        ),
        (
            "identifier,name\n1,\"Ada\n2,Bob\n",
            vec!["line 2: the name contains a control character (a line break, say)"],
        ),
        (
            "name,identifier\rAda,1\rBob,\r",
            vec!["line 3: the identifier is empty"],
        ),
        (
            &long,
            vec![
                "line 2: the name has 201 characters; 0 to 200 are allowed",
                "line 3: the identifier has 201 characters; 1 to 200 are allowed",
            ],
        ),
    ] {
        assert_eq!(refused(text), expected, "{text}");
    }
}

#[test]
fn rows_have_a_limit() {
    let mut text = "identifier,name\n".to_owned();
    (1..=MAX_LIST_ENTRIES).for_each(|i| text.push_str(&format!("{i},\n")));
    assert_eq!(read_members(&text).unwrap().len(), MAX_LIST_ENTRIES);
    text.push_str("x,\ny,\n");
    assert_eq!(
        refused(&text),
        ["line 200002: one row too many: at most 200000 are read"]
    );
}

proptest! {
    /// Whatever is written by the rules of CSV comes back, and every row is told by its line.
    #[test]
    fn what_is_written_is_read(names in prop::collection::vec("[a-z,;\" ]{0,9}", 1..20), crlf: bool) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = format!("name,identifier{end}");
        for (i, name) in names.iter().enumerate() {
            text.push_str(&format!("\"{}\",{i}{end}", name.replace('"', "\"\"")));
        }
        let read = read_members(&text).unwrap();
        let expected: Vec<Member> = (0..).zip(&names)
            .map(|(i, name): (usize, _)| member(name.trim(), &i.to_string()))
            .collect();
        prop_assert_eq!(read, expected);
        let line = names.len() + 2;
        prop_assert_eq!(refused(&format!("{text}x,")), [format!("line {line}: the identifier is empty")]);
    }
}
