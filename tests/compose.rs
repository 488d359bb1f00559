//! `docker-compose.yml`: the official schema judges its form, and rules of ours what it opens to whom.
//! That both can say no is tried on copies with mistakes.

use serde_json::{Map, Value};
use std::path::Path;
use std::process::{Command, Output};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const NODES: [&str; 3] = ["exon", "cyton", "zeus"];

/// Prints YAML as JSON.
const TO_JSON: &str =
    "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(name)).unwrap()
}

/// Runs a program of `target/python` on a file with this text.
fn python(program: &str, args: &[&str], text: &str) -> Output {
    let prepared = Command::new(Path::new(ROOT).join("tests/prepare"))
        .output()
        .unwrap();
    assert!(prepared.status.success(), "{prepared:?}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("docker-compose.yml");
    std::fs::write(&file, text).unwrap();
    Command::new(Path::new(ROOT).join("target/python/bin").join(program))
        .args(args)
        .arg(&file)
        .output()
        .unwrap()
}

/// The official schema's judgement, which comes with check-jsonschema.
fn judge(text: &str) -> (bool, String) {
    let args = ["--builtin-schema", "vendor.compose-spec"];
    let output = python("check-jsonschema", &args, text);
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

fn parsed(text: &str) -> Value {
    let output = python("python", &["-c", TO_JSON], text);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A copy with one mistake.
fn with(mistake: (&str, &str)) -> String {
    let (right, wrong) = mistake;
    let text = read("docker-compose.yml");
    assert!(text.contains(right), "{right} is not in the file");
    text.replacen(right, wrong, 1)
}

fn members(value: &Value) -> &Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE)
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn is_secret(name: &str) -> bool {
    ["PASSWORD", "SECRET", "TOKEN", "KEY"]
        .iter()
        .any(|word| name.to_uppercase().contains(word))
}

/// Whether a value is a variable that compose insists on, and nothing else.
fn is_demanded(value: &str) -> bool {
    let inside = value.strip_prefix("${").and_then(|v| v.strip_suffix('}'));
    inside.is_some_and(|inside| inside.contains(":?") && !inside.contains(['$', '{', '}']))
}

/// The password in a URL, if it has one.
fn url_password(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let (user, _) = rest.rsplit_once('@')?;
    Some(user.split_once(':')?.1)
}

/// Secrets that the file itself holds, and variables for them that may stay empty.
fn told_secrets(file: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, service) in members(&file["services"]) {
        if !service["environment"].is_object() {
            faults.push(format!("{name} has no environment that could be read"));
        }
        for (variable, value) in members(&service["environment"]) {
            let value = text(value);
            let secret = if is_secret(variable) {
                Some(value)
            } else {
                url_password(value)
            };
            if secret.is_some_and(|secret| !is_demanded(secret)) {
                faults.push(format!("{name} tells a secret in {variable}"));
            }
        }
    }
    let whole = file.to_string();
    for variable in whole.split("${").skip(1) {
        let inside = variable.split('}').next().unwrap_or_default();
        let name = inside
            .split([':', '-', '?', '+'])
            .next()
            .unwrap_or_default();
        if is_secret(name) && !inside.contains(":?") {
            faults.push(format!("{name} may stay empty"));
        }
    }
    faults
}

/// What is wrong with one service's health check and ports.
fn faults_of(name: &str, service: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let check = &service["healthcheck"];
    let asks = matches!(text(&check["test"][0]), "CMD" | "CMD-SHELL");
    if !asks || items(&check["test"]).len() < 2 || check["disable"] == true {
        faults.push(format!("{name} has no health check"));
    }
    for port in items(&service["ports"]) {
        if !text(port).starts_with("127.0.0.1:") {
            faults.push(format!("{name} publishes {port} to everybody"));
        }
    }
    if service["network_mode"] == "host" {
        faults.push(format!("{name} uses the host's network"));
    }
    faults
}

/// What is wrong with how a service keeps its data: in a named volume, where it looks for it.
fn faults_of_volume(file: &Value, name: &str, place: &str) -> Vec<String> {
    let mounts = items(&file["services"][name]["volumes"]);
    let kept = mounts.iter().any(|mount| {
        let (volume, target) = text(mount).split_once(':').unwrap_or_default();
        members(&file["volumes"]).contains_key(volume) && target == place
    });
    if kept {
        return Vec::new();
    }
    vec![format!("{name} keeps {place} in no named volume")]
}

/// What is wrong with the nodes: each has its own name, one image, one database, one Kafka, and waits
/// for both.
fn faults_of_nodes(file: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let builders = NODES.iter().filter(|name| {
        let node = &file["services"][**name];
        node["build"] == "."
    });
    if builders.count() != 1 {
        faults.push("not one node builds the image of all".to_owned());
    }
    for name in NODES {
        let node = &file["services"][name];
        let environment = &node["environment"];
        if node["image"] != "daybook" || node["pull_policy"] != "never" {
            faults.push(format!("{name} does not run the image that was built here"));
        }
        if environment["DAYBOOK_NODE"] != name {
            faults.push(format!("{name} does not have its name"));
        }
        if !text(&environment["DAYBOOK_DATABASE_URL"]).ends_with("@postgres/daybook") {
            faults.push(format!("{name} does not use Postgres"));
        }
        if environment["DAYBOOK_KAFKA"] != "kafka:9092" {
            faults.push(format!("{name} does not use Kafka"));
        }
        for needed in ["postgres", "kafka"] {
            if node["depends_on"][needed]["condition"] != "service_healthy" {
                faults.push(format!("{name} does not wait for {needed}"));
            }
        }
    }
    faults
}

/// All that is wrong by rules of ours.
fn faults(file: &Value) -> Vec<String> {
    let services = members(&file["services"]);
    let mut faults: Vec<String> = services
        .iter()
        .flat_map(|(name, service)| faults_of(name, service))
        .collect();
    faults.extend(told_secrets(file));
    faults.extend(faults_of_nodes(file));
    let kafka = &file["services"]["kafka"];
    let logs = text(&kafka["environment"]["KAFKA_LOG_DIRS"]);
    faults.extend(faults_of_volume(file, "kafka", logs));
    let data = "/var/lib/postgresql/data";
    faults.extend(faults_of_volume(file, "postgres", data));
    if !kafka["ports"].is_null() {
        faults.push("kafka, which asks for no password, has a port outside".to_owned());
    }
    faults
}

#[test]
fn the_compose_file_is_as_the_official_schema_says() {
    let (valid, said) = judge(&read("docker-compose.yml"));
    assert!(valid, "{said}");
}

#[test]
fn the_official_schema_refuses_mistakes() {
    for (mistake, named) in [
        (("    test: [", "    tets: ["), "tets"),
        (
            ("condition: service_healthy", "condition: healthy"),
            "healthy",
        ),
        (("    image: postgres:17", "    image: 17"), "17"),
        (("interval: 5s", "interval: [5]"), "interval"),
        (("services:\n", "servizes:\n"), "servizes"),
    ] {
        let (valid, said) = judge(&with(mistake));
        assert!(!valid, "{mistake:?} is let pass");
        assert!(said.contains(named), "{mistake:?}: {said}");
    }
}

#[test]
fn the_compose_file_brings_up_three_nodes_and_tells_no_secret() {
    let file = parsed(&read("docker-compose.yml"));
    assert_eq!(faults(&file), Vec::<String>::new());
    let services: Vec<_> = members(&file["services"]).keys().collect();
    assert_eq!(services, ["cyton", "exon", "kafka", "postgres", "zeus"]);
}

#[test]
fn the_rules_for_the_compose_file_refuse_mistakes() {
    const DEMANDED: &str = "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}";
    let literal = format!("POSTGRES_PASSWORD: {DEMANDED}");
    let url = format!("daybook:{DEMANDED}@");
    for (mistake, expected) in [
        (
            (literal.as_str(), "POSTGRES_PASSWORD: daybook"),
            vec!["postgres tells a secret in POSTGRES_PASSWORD"],
        ),
        (
            (&literal, "POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:-daybook}"),
            vec![
                "postgres tells a secret in POSTGRES_PASSWORD",
                "POSTGRES_PASSWORD may stay empty",
            ],
        ),
        (
            (&url, "daybook:daybook@"),
            vec![
                "cyton tells a secret in DAYBOOK_DATABASE_URL",
                "exon tells a secret in DAYBOOK_DATABASE_URL",
                "zeus tells a secret in DAYBOOK_DATABASE_URL",
            ],
        ),
        (
            ("\"127.0.0.1:8082:8080\"", "\"8082:8080\""),
            vec!["cyton publishes \"8082:8080\" to everybody"],
        ),
        (
            (
                "    image: apache",
                "    ports: [\"127.0.0.1:9092:9092\"]\n    image: apache",
            ),
            vec!["kafka, which asks for no password, has a port outside"],
        ),
        (
            ("test: [\"CMD\", \"/opt", "test: [\"NONE\", \"/opt"),
            vec!["kafka has no health check"],
        ),
        (
            ("DAYBOOK_NODE: zeus", "DAYBOOK_NODE: exon"),
            vec!["zeus does not have its name"],
        ),
        (
            ("- postgres:/", "- ./postgres:/"),
            vec!["postgres keeps /var/lib/postgresql/data in no named volume"],
        ),
        (
            ("- kafka:/var/lib/kafka/data", "- kafka:/tmp/kafka-logs"),
            vec!["kafka keeps /var/lib/kafka/data in no named volume"],
        ),
        (
            (
                "    kafka:\n      condition: service_healthy",
                "    kafka:\n      condition: service_started",
            ),
            vec![
                "exon does not wait for kafka",
                "cyton does not wait for kafka",
                "zeus does not wait for kafka",
            ],
        ),
    ] {
        assert_eq!(faults(&parsed(&with(mistake))), expected, "{mistake:?}");
    }
}

#[test]
fn the_rules_for_the_image_refuse_mistakes() {
    for (mistake, expected) in [
        (
            ("    build: .\n", ""),
            vec!["not one node builds the image of all"],
        ),
        (
            (
                "    environment:\n      <<: *environment\n      DAYBOOK_NODE: zeus",
                "    build: .\n    pull_policy: always\n    environment:\n      <<: *environment\n      DAYBOOK_NODE: zeus",
            ),
            vec![
                "not one node builds the image of all",
                "zeus does not run the image that was built here",
            ],
        ),
    ] {
        assert_eq!(faults(&parsed(&with(mistake))), expected, "{mistake:?}");
    }
}

/// The tests run beside the Kafka that the file brings up.
#[test]
fn the_compose_file_names_the_kafka_that_is_tested() {
    let script = read("tests/kafka");
    let version = script.split("VERSION=").nth(1).unwrap();
    let version = version.split_whitespace().next().unwrap();
    let image = format!("image: apache/kafka:{version}\n");
    assert!(read("docker-compose.yml").contains(&image), "{image}");
}
