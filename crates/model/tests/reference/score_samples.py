"""A second reader of the model file, written from docs/format.md. Python 3 standard library only.

    python3 score_samples.py            writes ../samples/expected.json
    python3 score_samples.py --check    compares with it, and runs the example of docs/format.md
"""

import decimal
import hashlib
import json
import math
import pathlib
import re
import sys

from formulas import evaluate

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = HERE.parent / "samples"
SPEC = HERE.parent.parent / "docs" / "format.md"

WHITE_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
NOT_FINITE = re.compile(r"[+-]?(inf|infinity|nan)", re.ASCII | re.IGNORECASE)
MISSING, UNSEEN = ("missing",), ("unseen",)
LARGEST = 1e9


class Refused(Exception):
    """A value that must not be used; the argument says why."""


def load(path):
    data = path.read_bytes()
    body, tail = data[:-83], data[-83:]
    digest = hashlib.sha256(body).hexdigest()
    if tail != b',\n  "sha256": "' + digest.encode() + b'"\n}\n':
        raise ValueError(f"{path}: cut, or changed after it was written")
    document = json.loads(data)
    if document["format"] != "arrears-model" or document["format_version"] not in (1, 2, 3, 4):
        raise ValueError(f"{path}: another format or version")
    model = document["model"]
    needs = [(4, needs_version_4), (3, needs_version_3), (2, needs_version_2)]
    needed = next((version for version, needed in needs if needed(model)), 1)
    if document["format_version"] < needed:
        raise ValueError(f"{path}: it holds what only version {needed} can say")
    return model


def needs_version_2(model):
    special = [code for field in model["schema"]["fields"] for code in field["kind"].get("special", [])]
    shapes = [term["shape"]["type"] for term in model["predictor"].get("terms", [])]
    ranges = any(isinstance(code, list) for code in special)
    whole = (model["scale"] or {}).get("whole_points", False)
    return model["kind"] == "scorecard_plus" or "pair" in shapes or ranges or whole


def needs_version_3(model):
    logs = any(transform["type"] == "log_standardise" for transform in model["transforms"])
    predictor = model["predictor"]
    novelty = any(s.get("novelty") is not None for s in predictor.get("segments", []))
    newer = predictor["type"] in ("segmented", "amount_tree")
    return logs or novelty or newer or bool(predictor.get("typical"))


def needs_version_4(model):
    newer = any(field.get("required") or field.get("formula") for field in model["schema"]["fields"])
    return newer or model["kind"] == "expert" or model.get("decisions") is not None


# Section 4: raw value -> (cell, flag)


def ingest(field, missing, value):
    cell, flag = cell_of(field, missing, value)
    if cell == MISSING and field.get("required", False):
        raise Refused("missing")
    return cell, flag


def cell_of(field, missing, value):
    kind = field["kind"]
    is_text = isinstance(value, str)
    if value is None:
        return MISSING, None
    if is_text:
        value = value.strip(WHITE_SPACE)
        if not value or value in missing:
            return MISSING, None
    else:
        value = float(value)
        if math.isnan(value) or value in missing_numbers(missing):
            return MISSING, None
    if kind["type"] == "category":
        return ingest_category(kind, value if is_text else number_name(value))
    if is_text:
        if NOT_FINITE.fullmatch(value):
            raise Refused("not_finite")
        if not NUMBER.fullmatch(value):
            raise Refused("not_a_number")
        value = float(value)
        if value in missing_numbers(missing):
            return MISSING, None
    return ingest_number(kind, value)


def missing_numbers(missing):
    numbers = (float(text) for text in missing if NUMBER.fullmatch(text))
    return [x for x in numbers if math.isfinite(x)]


def number_name(x):
    if math.isinf(x):
        raise Refused("not_finite")
    if x == 0:
        return "0"
    name = format(decimal.Decimal(repr(x)), "f")
    return name[:-2] if name.endswith(".0") else name


def ingest_number(kind, x):
    for position, code in enumerate(kind["special"]):
        low, high = code if isinstance(code, list) else (code, code)
        if low <= x <= high:
            return ("special", position), None
    if math.isinf(x):
        raise Refused("not_finite")
    for bound, outside in [(kind["min"], lambda b: x < b), (kind["max"], lambda b: x > b)]:
        if bound is not None and outside(bound):
            if kind["out_of_range"] == "missing":
                return MISSING, "out_of_range_as_missing"
            if kind["out_of_range"] == "clip":
                return ("number", bound), "out_of_range_clipped"
            raise Refused("out_of_range")
    return ("number", x), None


def ingest_category(kind, text):
    if text in kind["categories"]:
        return ("category", kind["categories"].index(text)), None
    if kind["unseen"] == "reject":
        raise Refused("unseen_category")
    return (UNSEEN if kind["unseen"] == "other" else MISSING), "unseen_category"


# Section 5: cell -> bin or number


def bin_of(transform, special, cell):
    if transform["type"] == "intervals":
        regular = len(transform["splits"]) + 1
        if cell[0] == "number":
            return sum(1 for split in transform["splits"] if split <= cell[1])
        return regular + (cell[1] if cell[0] == "special" else len(special))
    if cell[0] == "category":
        return transform["group_of"][cell[1]]
    return transform["groups"] + (0 if cell == UNSEEN else 1)


def bins_of(transform, special):
    if transform["type"] == "intervals":
        return len(transform["splits"]) + 1 + len(special) + 1
    return transform["groups"] + 2


def special_of(model, field):
    return model["schema"]["fields"][field]["kind"].get("special", [])


def number_of(transform, cell):
    if transform["type"] == "log_standardise" and cell[0] == "number":
        logarithm = math.copysign(math.log1p(abs(cell[1])), cell[1])
        return max(-LARGEST, min(LARGEST, (logarithm - transform["center"]) / transform["scale"]))
    if transform["type"] == "standardise" and cell[0] == "number":
        return max(-LARGEST, min(LARGEST, (cell[1] - transform["center"]) / transform["scale"]))
    if transform["type"] == "indicator" and cell == ("category", transform["category"]):
        return 1 / transform["scale"]
    return 0.0


# Sections 6 to 9


def log_odds_of(pd):
    return math.log(pd / (1 - pd))


def probability(log_odds):
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1 + odds)


def additive(model, predictor, cells, losses):
    total = predictor["intercept"]
    for term in predictor["terms"]:
        transform, shape = model["transforms"][term["transform"]], term["shape"]
        field = transform["field"]
        cell = cells[field]
        if shape["type"] == "lookup":
            value = shape["values"][bin_of(transform, special_of(model, field), cell)]
        elif shape["type"] == "pair":
            second = model["transforms"][shape["with"]]
            other = second["field"]
            width = bins_of(second, special_of(model, other))
            row = bin_of(transform, special_of(model, field), cell)
            value = shape["values"][row * width + bin_of(second, special_of(model, other), cells[other])]
            total += value
            for side in (field, other):
                losses[side] += (value - term["baseline"]) / 2
            continue
        elif cell[0] == "number":
            value = shape["slope"] * number_of(transform, cell)
        elif cell[0] == "special":
            value = shape["special"][cell[1]]
        else:
            value = shape["missing"]
        total += value
        losses[field] += value - term["baseline"]
    return probability(total), total


def side_of(split, cell):
    test = split["test"]
    if test["type"] == "below" and cell[0] == "number":
        return "left" if cell[1] < test["threshold"] else "right"
    if test["type"] == "below" and cell[0] == "special":
        return test["special"][cell[1]]
    if test["type"] == "in" and cell[0] == "category":
        return test["categories"][cell[1]]
    if test["type"] == "in" and cell == UNSEEN:
        return test["other"]
    return split["missing"]


def tree(model, predictor, cells, losses):
    nodes = predictor["nodes"]
    node = nodes[0]
    while node["split"] is not None:
        split = node["split"]
        child = nodes[split[side_of(split, cells[split["field"]])]]
        losses[split["field"]] += log_odds_of(child["pd"]) - log_odds_of(node["pd"])
        node = child
    return node["pd"], log_odds_of(node["pd"])


def amount_tree(model, predictor, cells, losses):
    """The amount of the leaf; what each field's answers raised it by goes to `losses`."""
    nodes = predictor["nodes"]
    node = nodes[0]
    while node["split"] is not None:
        split = node["split"]
        child = nodes[split[side_of(split, cells[split["field"]])]]
        losses[split["field"]] += child["value"] - node["value"]
        node = child
    return node["value"]


def leaf_of(nodes, cells):
    position = 0
    while nodes[position]["split"] is not None:
        split = nodes[position]["split"]
        position = split[side_of(split, cells[split["field"]])]
    return position


def segment_of(model, router, cells):
    """Position of the segment of a `segmented` predictor."""
    if router["type"] == "tree":
        nodes = router["nodes"]
        leaves = [i for i, node in enumerate(nodes) if node["split"] is None]
        return leaves.index(leaf_of(nodes, cells))
    return nearest(model, router, cells)[0]


def nearest(model, predictor, cells):
    transforms = model["transforms"]
    point = [number_of(transforms[t], cells[transforms[t]["field"]]) for t in predictor["coordinates"]]
    distances = [math.dist(s["center"], point) for s in predictor["segments"]]
    position = distances.index(min(distances))
    return position, distances


def segment(model, cells):
    segments = model["predictor"]["segments"]
    position, distances = nearest(model, model["predictor"], cells)
    found = {"segment": segments[position]["name"], "distance": distances[position]}
    if len(distances) > 1:
        found["margin"] = sorted(distances)[1] - distances[position]
    novelty = segments[position].get("novelty")
    if novelty is not None:
        found["novel"] = distances[position] > novelty
    return found


def score(model, row):
    fields, cells, flags = model["schema"]["fields"], [], []
    for i, field in enumerate(fields):
        missing, value = model["schema"]["missing"], row[i] if i < len(row) else None
        if "formula" in field:
            missing, value = [], evaluate(field["formula"], seen(fields, cells))
        try:
            cell, flag = ingest(field, missing, value)
        except Refused as why:
            return {"refused": field["name"], "why": str(why)}
        cells.append(cell)
        if flag:
            flags.append({"field": field["name"], "kind": flag})
    if model["predictor"]["type"] == "centroids":
        return {**segment(model, cells), "flags": flags}
    losses = [0.0] * len(fields)
    if model["predictor"]["type"] == "amount_tree":
        amount = amount_tree(model, model["predictor"], cells, losses)
        return {"amount": amount, "reasons": reasons_of(fields, losses, 1), "flags": flags}
    predictor, named = model["predictor"], {}
    if predictor["type"] == "segmented":
        own = predictor["segments"][segment_of(model, predictor["router"], cells)]
        predictor, named = {"type": "additive", **own["additive"]}, {"segment": own["name"]}
    pd, log_odds = (additive if predictor["type"] == "additive" else tree)(model, predictor, cells, losses)
    scale = model["scale"]
    factor = scale["pdo"] / math.log(2)
    offset = scale["base_score"] - factor * math.log(scale["base_odds"])
    grades = [g["name"] for g in model["grades"] if g["max_pd"] is None or pd <= g["max_pd"]]
    score = points(scale, offset - factor * log_odds)
    decided = {}
    if model.get("decisions") is not None:
        names = {**seen(fields, cells), "pd": pd, "score": score}
        grade = [g["name"] for g in model["grades"]].index(grades[0])
        decided = decide(model, names, [c[0] in ("number", "category") for c in cells], grade, flags)
    return {
        "pd": pd,
        "score": score,
        "grade": grades[0] if grades else None,
        **named,
        **decided,
        "reasons": reasons_of(fields, losses, factor),
        "flags": flags,
    }


def seen(fields, cells):
    """What a formula sees of the cells that are known."""
    values = {}
    for field, cell in zip(fields, cells):
        plain = {"number": lambda: cell[1], "category": lambda: field["kind"]["categories"][cell[1]]}
        values[field["name"]] = plain.get(cell[0], lambda: None)()
    return values


# Section 8: decisions


def decide(model, names, there, grade, flags):
    decisions, found = model["decisions"], {}
    if "limit" in decisions:
        limit = decisions["limit"]
        own = limit_of(limit, grade, names)
        if own is None:
            flags.append(policy_flag(model, limit["grades"][grade]["formula"], there, "limit_by_policy"))
            own = limit.get("missing")
        if own is not None and limit["monotone"]:
            better = [limit_of(limit, other, names) for other in range(grade)]
            better = [limit.get("missing") if amount is None else amount for amount in better]
            own = min([own] + [amount for amount in better if amount is not None])
        found["limit"] = own
    if "tiers" in decisions:
        tiers = decisions["tiers"]
        value = evaluate(tiers["value"], names)
        segment = tiers["missing"] if value is None else sum(1 for cut in tiers["cuts"] if cut <= value)
        if value is None:
            flags.append(policy_flag(model, tiers["value"], there, "tier_by_policy"))
        found["tier"] = tiers["tiers"][tiers["cells"][grade][segment]]["name"]
    return found


def limit_of(limit, grade, names):
    of, step = limit["grades"][grade], limit["step"]
    x = evaluate(of["formula"], names)
    if x is None:
        return None
    n = min(max(x, of["floor"]), of["cap"]) / step
    k = math.floor(n + 1e-9 * max(n, 1)) if limit["rounding"] == "down" else math.floor(n + 0.5)
    return min(max(k * step, of["floor"]), of["cap"])


def policy_flag(model, formula, there, kind):
    named = set(re.findall(r"[A-Za-z_][A-Za-z_0-9]*", re.sub(r"'[^']*'|\"[^\"]*\"", "", formula)))
    used = [i for i, field in enumerate(model["schema"]["fields"]) if field["name"] in named]
    first = next((i for i in used if not there[i]), used[0])
    return {"field": model["schema"]["fields"][first]["name"], "kind": kind}


def reasons_of(fields, losses, factor):
    """Section 9: the fields that cost most, at most four."""
    reasons = [{"field": f["name"], "loss": loss * factor} for f, loss in zip(fields, losses) if loss * factor > 0]
    return sorted(reasons, key=lambda r: -r["loss"])[:4]


def points(scale, exact):
    """Section 7: halves away from 0, and never -0."""
    if not scale.get("whole_points", False):
        return exact
    return math.copysign(math.floor(abs(exact) + 0.5), exact) + 0.0


def run_example_of_the_spec(rows, expected):
    """The Python block of docs/format.md, on the rows whose values it can take."""
    block = SPEC.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    example = {"__name__": "example"}
    exec(block, example)
    path = SAMPLES / "v1-scorecard.json"
    model = example["load"](path.read_bytes())
    for i in (0, 1, 11):
        pd, points = example["score"](model, rows["v1-scorecard"][i])
        want = expected["v1-scorecard"][i]
        assert abs(pd - want["pd"]) < 1e-12 and abs(points - want["score"]) < 1e-9, (i, pd, points, want)


def main():
    rows = json.loads((SAMPLES / "rows.json").read_text(encoding="utf-8"))
    expected = {name: [score(load(SAMPLES / f"{name}.json"), row) for row in of] for name, of in rows.items()}
    text = json.dumps(expected, indent=1, ensure_ascii=False) + "\n"
    target = SAMPLES / "expected.json"
    if sys.argv[1:] == ["--check"]:
        run_example_of_the_spec(rows, expected)
        if target.read_text(encoding="utf-8") != text:
            sys.exit("expected.json differs from what this script computes")
    else:
        target.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
