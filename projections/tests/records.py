"""Judges records of entity topics, one a line (`product {...}`), by the schemas in `schema/views/`.

The strict reader and the few words of JSON Schema are those of `verify_events.py`. Where the package
jsonschema_rs is installed, it judges as well. Prints how many records there were.
"""
import json, pathlib, sys

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "schema"
sys.path.insert(0, str(SCHEMA))
import verify_events as strict

try:
    import jsonschema_rs
except ImportError:
    jsonschema_rs = None

schemas, validators = {}, {}
for path in (SCHEMA / "views").glob("*.json"):
    schema = json.loads(path.read_text(encoding="utf-8"))
    schemas[path.stem] = schema
    if jsonschema_rs:
        jsonschema_rs.meta.validate(schema)
        validators[path.stem] = jsonschema_rs.validator_for(schema, validate_formats=True)


def judge(kind, text):
    """What is wrong with a record, or nothing."""
    value = json.loads(text, object_pairs_hook=strict.members, parse_int=strict.integer,
                       parse_float=strict.decimal, parse_constant=strict.refuse_constant)
    strict.require(strict.canonical(value) == text, "the canonical form", text)
    verdicts = [strict.fits(value, schemas[kind], schemas[kind])]
    if jsonschema_rs:
        verdicts.append(validators[kind].is_valid(json.loads(text)))
    return verdicts


count = 0
for line in sys.stdin.buffer:
    kind, text = line.decode("utf-8").rstrip("\n").split(" ", 1)
    if not all(judge(kind, text)):
        sys.exit(f"{kind} does not fit its schema: {text}")
    for other in (text[:-1] + ',"unknown":0}', text.replace('{"data":{', '{"data":{"$":0,', 1)):
        if any(judge(kind, other)):
            sys.exit(f"{kind} fits with a member that nobody knows: {other}")
    count += 1
print(count)
