"""MLXP's own answers to queries. Run by an interpreter that has MLXP 1.0.5: one line of JSON in, one out.

A line is a query and rows. The answer is a list with true or false for each row, and null where MLXP's evaluation
fails; or the name of the error by which its parser refuses the query.
"""

import json
import sys


def answer(parser, query, rows):
    """What MLXP says of a query and rows."""
    try:
        holds = parser.parse(query)
    except Exception as error:
        return type(error).__name__
    return [holding(holds, row) for row in rows]


def holding(holds, row):
    """Whether a query holds for a row; None where MLXP compares what has no order."""
    try:
        return bool(holds(row))
    except TypeError:
        return None


if __name__ == "__main__":
    from mlxp.parser import DefaultParser

    parser, answers = DefaultParser(), sys.stdout
    sys.stdout = sys.stderr  # the parser may print
    for line in sys.stdin:
        print(json.dumps(answer(parser, *json.loads(line))), file=answers, flush=True)
