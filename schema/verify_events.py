#!/usr/bin/env python3
"""Verifies a log (`events.ndjson`) with nothing but Python's standard library.

    verify_events.py [--head SIZE:LEAF] [FILE|-]

Written against README.md, not against the service's code: strict canonical form, the JSON Schema of
every type (the folder `events/` beside this file), seq, prev, log and time of every line, every
transaction hash, every sum of every sale. `--head` names a head known from elsewhere; the log must
contain it. Memory grows with transactions only: a reversal is compared with what it takes back. Exit code 0: whole; 1: prints the first bad seq, what was expected and
what was found.
"""
import argparse, datetime, hashlib, json, pathlib, re, sys
from decimal import Decimal

MAX_BYTES, MAX_INTEGER, MAX_UNITS = 65_535, 2**53 - 1, 10**15 - 1
THREE = "BHD IQD JOD KWD LYD OMR TND".split()
ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()


class Refused(Exception):
    """What was expected, and what was found."""


def require(good, expected, found):
    if not good:
        raise Refused(f"expected {expected}, found {str(found)[:200]}")


# --- the line ------------------------------------------------------------------------------------

def integer(text):
    plain = re.fullmatch("0|-?[1-9][0-9]{0,15}", text) and abs(int(text)) <= MAX_INTEGER
    require(plain, "a plain integer up to 2^53 - 1", text)
    return int(text)


def decimal(text):
    require(re.fullmatch(r"-?(0|[1-9][0-9]*)\.[0-9]{0,3}[1-9]", text), "the shortest decimal", text)
    require(abs(int(text.replace(".", ""))) <= MAX_UNITS, "at most 15 digits", text)
    return Decimal(text)


def members(pairs):
    names = [name for name, _ in pairs]
    require(names == sorted(set(names)), "sorted members, each once", names)
    return dict(pairs)


def refuse_constant(text):
    raise Refused(f"expected a number, found {text}")


def canonical(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{canonical(k)}:{canonical(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def read(line):
    """The event of a line (without its line feed), or Refused."""
    require(len(line) <= MAX_BYTES, f"at most {MAX_BYTES} bytes", f"{len(line)} bytes")
    try:
        event = json.loads(line.decode("utf-8"), object_pairs_hook=members, parse_int=integer,
                           parse_float=decimal, parse_constant=refuse_constant)
        again = canonical(event).encode("utf-8")  # fails on lone surrogates
    except (ValueError, RecursionError) as error:
        raise Refused(f"expected canonical JSON, found {error}") from None
    require(again == line, "the canonical form", "other bytes for the same values")
    require(isinstance(event, dict), "an object", line)
    require(event.get("$") == "event/1", "version event/1", event.get("$"))
    schema = SCHEMAS.get(event["type"]) if isinstance(event.get("type"), str) else None
    require(schema, "a known type", event.get("type"))
    check(event, schema, schema, "line")
    return event


# --- the schemas: the few words of JSON Schema that events/ uses ---------------------------------

SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in (pathlib.Path(__file__).parent / "events").glob("*.schema.json")
}
WORDS = set("$defs $ref $schema additionalProperties anyOf const description enum format items maximum "
            "minItems minimum not oneOf pattern properties required title type".split())
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
         "integer": int, "number": (int, Decimal)}


def fits(value, schema, root):
    try:
        check(value, schema, root, "")
        return True
    except Refused:
        return False


def check(value, schema, root, place):
    require(set(schema) <= WORDS, "a schema in known words", set(schema) - WORDS)
    if "$ref" in schema:
        check(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, place)
    for word in {"oneOf", "anyOf"} & set(schema):
        count = sum(fits(value, choice, root) for choice in schema[word])
        require(count == 1 or word == "anyOf" and count, f"one of the choices for {place}", value)
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        found = any(isinstance(value, TYPES[kind]) and isinstance(value, bool) == (kind == "boolean") for kind in kinds)
        require(found, f"{place} of type {' or '.join(kinds)}", value)
    require("const" not in schema or value == schema["const"], f"{place} = {schema.get('const')}", value)
    require("enum" not in schema or value in schema["enum"], f"a listed value for {place}", value)
    require("not" not in schema or not fits(value, schema["not"], root), f"a free name for {place}", value)
    if isinstance(value, str) and "pattern" in schema:
        require(re.search(schema["pattern"].replace("$", r"\Z"), value), f"{place} like {schema['pattern']}", value)
    if isinstance(value, str) and schema.get("format") == "date-time":
        try:
            datetime.date.fromisoformat(value[:10])
        except ValueError:
            raise Refused(f"expected a day of the calendar for {place}, found {value}") from None
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        require(schema.get("minimum", value) <= value <= schema.get("maximum", value), f"{place} in its range", value)
    least = schema.get("minItems", 0) if isinstance(value, list) else 0
    require(not least or len(value) >= least, f"at least {least} in {place}", value)
    for number, item in enumerate(value if isinstance(value, list) else []):
        check(item, schema.get("items", {}), root, f"{place}[{number}]")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        missing = set(schema.get("required", [])) - set(value)
        require(not missing, f"{place} with {sorted(missing)}", "none")
        unknown = set(value) - set(properties)
        require(schema.get("additionalProperties", True) or not unknown, f"no other member of {place}", sorted(unknown))
        for name in set(value) & set(properties):
            check(value[name], properties[name], root, f"{place}.{name}")


# --- the chains ----------------------------------------------------------------------------------

def same(name, expected, found):
    if expected != found:
        raise Refused(f"expected {name} {canonical(expected)}, found {canonical(found)[:200]}")


def following(opened):
    part, parts = opened[0]["data"]["part"], opened[0]["data"]["parts"]
    return f"part {part + 1} of {parts} of a sale"


def next_part(event, opened):
    """The sums by rate that this part continues: those of the open sale, or none."""
    sale = event["data"]
    part = f"part {sale['part']} of {sale['parts']}"
    if not opened:
        require(sale["part"] == 1 <= sale["parts"], f"part 1 of {max(sale['parts'], 1)} of a sale", part)
        return {}
    first, rates = opened
    require(f"{part} of a sale" == following(opened), following(opened), part)
    for name in ("type", "cmd", "at"):
        same(name, first[name], event[name])
    for name in ("point_of_sale", "payment", "request", "door", "session", "cash_given", "currency"):
        same(name, first["data"].get(name), sale.get(name))
    return rates


def tax_contained(gross, rate):
    tax = (2 * abs(gross) * rate + 10_000 + rate) // (2 * (10_000 + rate))
    return tax if gross >= 0 else -tax


def check_totals(sale, rates):
    """The totals stand in the last part, and are those of the lines of all parts."""
    totals = sale.get("totals")
    if sale["part"] < sale["parts"]:
        require(totals is None, "no totals before the last part", "totals")
        return
    require(totals is not None, "totals in the last part", "none")
    same("totals.gross", sum(rates.values()), totals["gross"])
    same("number of tax rates", len(rates), len(totals["taxes"]))
    for rate, found in zip(sorted(rates), totals["taxes"]):
        gross, tax = rates[rate], tax_contained(rates[rate], rate)
        same("taxes", {"gross": gross, "net": gross - tax, "rate": rate, "tax": tax}, found)


def freed(line):
    """What a reversal of this line makes free again."""
    return line.get("ticket", {}).get("position"), line.get("list_entry")


def check_reversal(event, line, number, product, kept):
    """A reversal takes back earlier records, each of them once and as it was; a sale takes back none."""
    found = line.get("reverses")
    if event["type"] == "sale.recorded":
        require(not found, f"no reverses in transaction {number}", found)
        return
    require(found, f"reverses in transaction {number}", "none")
    of = f"in transaction {number}"
    require(0 < found["id"] < number, f"an earlier transaction {of}", found["id"])
    record = kept[found["id"] - 1]
    require(record, f"a transaction that was not taken back before {of}", found["id"])
    require(record == (found["hash"], product, -line["total"], line["tax_rate"], *freed(line)),
            f"hash, product, total, tax rate, ticket and list entry of what it takes back {of}", f"others than those of {found['id']}")
    kept[found["id"] - 1] = None


def check_sale(event, opened, heads, last, kept):
    """Checks a part of a sale and its records; returns the sale while parts are missing, and the last transaction ID."""
    rates, sale = next_part(event, opened), event["data"]
    lines, records = sale["lines"], sale["tx"]
    same("number of transactions", len(lines), len(records))
    exponent = 0 if sale["currency"] in ZERO else 3 if sale["currency"] in THREE else \
        4 if sale["currency"] in ("CLF", "UYW") else 2
    for line, record in zip(lines, records):
        last += 1
        require(record["ID"] == last, f"transaction {last}", f"transaction {record['ID']}")
        product, of = line["price"] * line["quantity"], f"of transaction {last}"
        same(f"total {of}", (abs(product) + 500) // 1000 * (1 if product >= 0 else -1), line["total"])
        require(record["AmountMoney"] * 10**exponent == line["total"],
                f"AmountMoney {of} for {line['total']} minor units", record["AmountMoney"])
        require(record["AmountProduct"] * 1000 == line["quantity"],
                f"AmountProduct {of} for quantity {line['quantity']}", record["AmountProduct"])
        pos = record["PointOfSaleID"]
        same(f"Payment_ID {of}", sale["payment"]["id"], record["Payment_ID"])
        same(f"PointOfSaleID {of}", sale["point_of_sale"]["id"], pos)
        check_reversal(event, line, last, record["Product_ID"], kept)
        time = event["at"][:19] + ".000Z"
        require(record["timestamp"] == time, f"timestamp {of} {time}", record["timestamp"])
        require(rates or not line["deposit"], "a line before its deposit", "a deposit first")
        rates[line["tax_rate"]] = rates.get(line["tax_rate"], 0) + line["total"]
        preimage = {name: value for name, value in record.items() if name != "hash"}
        preimage |= {"$": "tx/1", "instance": event["log"], "prev": heads.get(pos, "0" * 128)}
        heads[pos] = hashlib.sha512(canonical(dict(sorted(preimage.items()))).encode()).hexdigest()
        require(record["hash"] == heads[pos], f"hash {heads[pos]} of transaction {last}", record["hash"])
        kept.append((heads[pos], record["Product_ID"], line["total"], line["tax_rate"], *freed(line)))
    check_totals(sale, rates)
    return (event, rates) if sale["part"] < sale["parts"] else None, last


def verify(file, known):
    """The number of events and the last leaf; Refused with the seq in front otherwise."""
    seq, leaf, at, log, heads, opened, last, kept = 0, "0" * 64, "", None, {}, None, 0, []
    while line := file.readline(MAX_BYTES + 2):
        try:
            require(line.endswith(b"\n"), f"a line feed within {MAX_BYTES + 1} bytes", f"{len(line)} bytes without one")
            event = read(line[:-1])
            log = log or event["log"]
            require(event["log"] == log, f"log {log}", event["log"])
            require(event["seq"] == seq, f"seq {seq}", event["seq"])
            require(event["prev"] == leaf, f"prev {leaf}", event["prev"])
            require(event["at"] >= at, f"a time not before {at}", event["at"])
            if event["type"] in ("sale.recorded", "sale.reversed"):
                opened, last = check_sale(event, opened, heads, last, kept)
            else:
                require(not opened, opened and following(opened), event["type"])
            leaf, at = hashlib.sha256(b"\0" + line[:-1]).hexdigest(), event["at"]
            require(not known or known[0] != seq + 1 or known[1] == leaf, f"leaf {known and known[1]} (known head)", leaf)
        except Refused as refused:
            raise Refused(f"seq {seq}: {refused}") from None
        seq += 1
    if opened:
        raise Refused(f"seq {seq - 1}: expected {following(opened)}, found the end of the log")
    require(not known or known[0] <= seq, f"at least {known and known[0]} events (known head)", seq)
    return seq, leaf


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", default="-", metavar="FILE")
    parser.add_argument("--head", metavar="SIZE:LEAF")
    arguments = parser.parse_args()
    size, _, leaf = (arguments.head or "").partition(":")
    try:
        with sys.stdin.buffer if arguments.file == "-" else open(arguments.file, "rb") as file:
            seq, last = verify(file, (int(size), leaf) if size else None)
    except Refused as refused:
        sys.exit(f"BROKEN at {refused}")
    print(f"OK {seq} events, head {seq}:{last}")


if __name__ == "__main__":
    main()
