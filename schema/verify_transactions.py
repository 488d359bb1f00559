#!/usr/bin/env python3
"""Recomputes the hash chain of a `listtransactions` answer, from the answer alone.

    verify_transactions.py INSTANCE [ANSWER.json|-] [PREV]

INSTANCE is the slug; the answer is read from the file or from standard input; its rows are newest
first. PREV is the hash of the row before the oldest shown, and not needed when the answer holds the
first row of the point of sale or its oldest row has a member `prev`. README.md, "Transactions",
says what is hashed. Exit code 0: every hash is right; 1: prints the first ID that is not.
"""
import hashlib, json, sys
from decimal import Decimal

if not 2 <= len(sys.argv) <= 4:
    sys.exit(__doc__)
instance, source, prev = sys.argv[1:] + ["-", ""][len(sys.argv) - 2:]
with sys.stdin if source == "-" else open(source, encoding="utf-8") as file:
    answer = json.load(file, parse_float=Decimal)  # a Decimal keeps the digits as they were sent
while "Transactions" not in answer:  # whole reply, its result, or its parameters
    answer = answer.get("result") or answer["parameters"]
rows = answer["Transactions"][::-1]
prev = prev or (rows[0].get("prev") if rows else None) or "0" * 128
for row in rows:
    record = {**row, "$": "tx/1", "instance": instance, "prev": prev}
    members = [(name, record[name]) for name in sorted(record) if name != "hash"]
    text = lambda value: str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
    preimage = "{" + ",".join(f'"{name}":{text(value)}' for name, value in members) + "}"
    prev = hashlib.sha512(preimage.encode()).hexdigest()
    if row["hash"] != prev:
        sys.exit(f"WRONG at ID {row['ID']}: expected hash {prev}, found {row['hash']}")
print(f"OK {len(rows)} rows")
