"""Formulas of model files, read and evaluated from docs/expressions.md. Python 3 standard library only.

`evaluate(text, values)` gives a number, a text, True, False or None (missing). Moments are left out: no field of a model is one.
"""

import math
import re

TOKEN = re.compile(
    r"""\s*(?:(?P<number>0[xX][0-9a-fA-F]+|[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
    |(?P<text>'[^'\\]*'|"[^"\\]*")|(?P<name>[A-Za-z_][A-Za-z_0-9]*)
    |(?P<sign>\|\||&&|==|!=|<=|>=|[-+*/%<>!?:()\[\],.]))""",
    re.VERBOSE,
)
BINARY = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["+", "-"], ["*", "/", "%"]]
CONSTANTS = {"true": True, "false": False, "null": None}


def tokens(text):
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise ValueError(f"{text!r}: nothing that is known stands at {at}")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return found + [("end", "")]


class Reader:
    """Evaluates while it reads. Both sides of everything are read; what decides is taken."""

    def __init__(self, text, values):
        self.rest, self.values = tokens(text), values

    def take(self, *signs):
        kind, token = self.rest[0]
        if kind in ("sign", "name") and token in signs:
            self.rest.pop(0)
            return token
        return None

    def expect(self, sign):
        if not self.take(sign):
            raise ValueError(f"expected {sign}, found {self.rest[0]}")

    def choice(self):
        condition = self.binary(0)
        if not self.take("?"):
            return condition
        yes = self.choice()
        self.expect(":")
        no = self.choice()
        return None if condition is None else yes if condition else no

    def binary(self, level):
        if level == len(BINARY):
            return self.unary()
        left = self.binary(level + 1)
        while sign := self.take(*BINARY[level]):
            # A comparison with the word null asks whether there is a value.
            null = self.rest[0] == ("name", "null")
            right = self.binary(level + 1)
            if null and sign in ("==", "!="):
                left = (left is None) == (sign == "==")
            else:
                left = joined(sign, left, right)
        return left

    def unary(self):
        if self.take("-"):
            value = self.unary()
            return None if value is None else -value
        if self.take("!"):
            value = self.unary()
            return None if value is None else not value
        return self.member()

    def member(self):
        value = self.primary()
        while self.take("."):
            name = self.rest.pop(0)[1]
            self.expect("(")
            value = called(name, [value, *self.list(")")])
        return value

    def primary(self):
        kind, token = self.rest.pop(0)
        if kind == "number":
            return float(int(token, 16)) if token[:2] in ("0x", "0X") else float(token)
        if kind == "text":
            return token[1:-1]
        if (kind, token) == ("sign", "("):
            value = self.choice()
            self.expect(")")
            return value
        if (kind, token) == ("sign", "["):
            return self.list("]")
        if kind == "name" and self.take("("):
            return called(token, self.list(")"))
        if kind == "name":
            return CONSTANTS[token] if token in CONSTANTS else self.values[token]
        raise ValueError(f"{token!r} is nothing to begin with")

    def list(self, end):
        found = []
        while not self.take(end):
            found.append(self.choice())
            if not self.take(","):
                self.expect(end)
                break
        return found


def finite(x):
    return x if math.isfinite(x) else None


def joined(sign, left, right):
    if sign in ("&&", "||"):
        decides = sign == "||"
        if left is decides or right is decides:
            return decides
        return None if left is None or right is None else not decides
    if left is None or right is None:
        return None
    if sign == "in":
        return left in right
    if sign in ("/", "%") and right == 0:
        return None
    try:
        return {
            "==": lambda: left == right,
            "!=": lambda: left != right,
            "<": lambda: left < right,
            "<=": lambda: left <= right,
            ">": lambda: left > right,
            ">=": lambda: left >= right,
            "+": lambda: finite(left + right),
            "-": lambda: finite(left - right),
            "*": lambda: finite(left * right),
            "/": lambda: finite(left / right),
            "%": lambda: math.fmod(left, right),
        }[sign]()
    except OverflowError:
        return None


def called(name, values):
    if name == "has":
        return values[0] is not None
    if any(value is None for value in values):
        return None
    first = values[0]
    return {
        "min": lambda: min(values),
        "max": lambda: max(values),
        "abs": lambda: abs(first),
        "floor": lambda: float(math.floor(first)),
        "ceil": lambda: float(math.ceil(first)),
        "round": lambda: math.copysign(math.floor(abs(first) + 0.5), first),
        "size": lambda: float(len(first)),
        "startsWith": lambda: first.startswith(values[1]),
        "endsWith": lambda: first.endswith(values[1]),
        "contains": lambda: values[1] in first,
    }[name]()


def evaluate(text, values):
    reader = Reader(text, values)
    value = reader.choice()
    if reader.rest[0][0] != "end":
        raise ValueError(f"{text!r}: {reader.rest} is left")
    return value
