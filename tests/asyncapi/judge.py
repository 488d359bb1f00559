"""Judges /asyncapi.json by code that shares nothing with ours.

    judge.py document FILE   The official JSON Schema of AsyncAPI accepts the document; its schemas say
                             the same in draft-07 and 2020-12; its examples fit.
    judge.py messages FILE   What stands in standard input fits what the document says of it: one JSON
                             object a line, with "message" (a name), "payload" and perhaps "headers".

Says what is wrong, a line each, and ends with 1.
"""

import json
import sys
from pathlib import Path

from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7, DRAFT202012

OFFICIAL = Path(__file__).parents[2] / "target/asyncapi/3.0.0.json"

DRAFTS = [(Draft7Validator, DRAFT7), (Draft202012Validator, DRAFT202012)]

# The keywords that mean the same in both drafts.
SAME = {
    "additionalProperties", "allOf", "anyOf", "const", "description", "enum", "format", "items", "maxItems",
    "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minimum", "not", "oneOf", "pattern",
    "properties", "required", "title", "type",
}


def told(error):
    place = "/".join(str(part) for part in error.absolute_path)
    return f"{place}: {error.message[:300]}"


def innermost(error):
    """The errors behind one, since "is not valid under any of the given schemas" helps nobody."""
    return [leaf for inner in error.context for leaf in innermost(inner)] or [error]


def by_the_official_schema(document):
    validator = Draft7Validator(json.loads(OFFICIAL.read_text()))
    return [told(leaf) for error in validator.iter_errors(document) for leaf in innermost(error)]


def schemas(document):
    components = document["components"]
    for name, schema in components["schemas"].items():
        yield name, schema
    for name, message in components["messages"].items():
        for part in ("headers", "payload"):
            if part in message:
                yield f"{name} ({part})", message[part]
    for name, binding in components["messageBindings"].items():
        yield name, binding["kafka"]["key"]
    for name, channel in document["channels"].items():
        query = channel["bindings"].get("ws", {}).get("query")
        if query:
            yield f"{name} (query)", query


def unlike(name, schema):
    """Where a schema says what the drafts understand in different ways, or not at all."""
    if isinstance(schema, bool):
        return
    if "$ref" in schema:
        # What stands beside a reference is ignored in draft-07, so it may explain and nothing else.
        for keyword in schema.keys() - {"$ref", "description"}:
            yield f"{name}: {keyword} stands beside a reference"
        return
    for keyword, value in schema.items():
        if keyword not in SAME:
            yield f"{name}: {keyword} is no keyword of both drafts"
        elif keyword == "properties":
            for inner in value.values():
                yield from unlike(name, inner)
        elif keyword in ("additionalProperties", "items", "not"):
            if isinstance(value, list):
                yield f"{name}: items is a list"
            else:
                yield from unlike(name, value)
        elif keyword in ("allOf", "anyOf", "oneOf"):
            for inner in value:
                yield from unlike(name, inner)


class Judge:
    def __init__(self, document):
        self.messages = document["components"]["messages"]
        self.validators = []
        for validator, draft in DRAFTS:
            registry = Registry().with_resource("urn:document", draft.create_resource(document))
            self.validators.append((validator, registry))

    def wrong(self, name, sent):
        """What is wrong with a message, in the eyes of either draft."""
        if name not in self.messages:
            yield f"there is no message {name}"
            return
        for part in ("headers", "payload"):
            if part not in sent:
                continue
            schema = {"$ref": f"urn:document#/components/messages/{name}/{part}"}
            for validator, registry in self.validators:
                for error in validator(schema, registry=registry).iter_errors(sent[part]):
                    yield f"{name}: {part}: {told(error)}"


def judge_document(document):
    wrong = by_the_official_schema(document)
    for name, schema in schemas(document):
        wrong += unlike(name, schema)
        for validator, _ in DRAFTS:
            meta = validator(validator.META_SCHEMA)
            wrong += [f"{name}: {told(error)}" for error in meta.iter_errors(schema)]
    if wrong:
        return wrong
    judge = Judge(document)
    for name, message in judge.messages.items():
        for example in message.get("examples", []):
            wrong += [f"example of {error}" for error in judge.wrong(name, example)]
    return wrong


def judge_messages(document):
    judge = Judge(document)
    for line in sys.stdin:
        sent = json.loads(line)
        yield from judge.wrong(sent["message"], sent)


document = json.loads(Path(sys.argv[2]).read_text())
wrong = list((judge_document if sys.argv[1] == "document" else judge_messages)(document))
print("\n".join(wrong[:50]))
sys.exit(bool(wrong))
