"""What is to be reached, and the figures that tell whether it is."""
import dataclasses
import operator
import re

from figures import Paired, table


@dataclasses.dataclass(frozen=True)
class Goal:
    what: str
    reach: str       # for people
    is_reached: object
    limit: float
    result: str      # the figure: of which result,
    quantity: str    # and which quantity of it; of a pair the ratio


def at_least(what, limit, result, quantity, unit=""):
    return Goal(what, f"{limit:,}{unit} or more", operator.ge, limit, result, quantity)


def at_most(what, limit, result, quantity, unit=""):
    return Goal(what, f"{limit:,}{unit} or less", operator.le, limit, result, quantity)


GOALS = [
    at_least("cut-out of 66 samples, 32 kept connections, beside nginx", 0.9, "cut-out, 66 samples", "rate"),
    at_most("its p99 beside nginx's", 1.5, "cut-out, 66 samples", "p99"),
    at_least("TABLEDATA of the same window", 0.7, "cut-out, TABLEDATA", "rate"),
    at_least("CSV of the same window", 0.7, "cut-out, CSV", "rate"),
    at_least("links, one ID", 0.8, "links, one ID", "rate"),
    at_least("whole spectrum, BINARY2", 0.7, "whole spectrum", "rate"),
    at_most("ingest beside gunzip of the same files", 1.3, "ingest", "seconds"),
    at_least("bulk FITS, cut-outs a second and core", 300000, "bulk", "cut-outs a second and core"),
    at_most("nine million rows: ready", 1, "catalogue", "ready, s", " s"),
    at_most("nine million rows: lookup by ID", 10, "catalogue", "lookup, us", " us"),
    at_most("nine million rows: cone of 0.1 degree", 5, "catalogue", "cone, ms", " ms"),
    at_most("nine million rows: memory besides the mapping", 150, "catalogue", "memory, MB", " MB"),
    at_most("p99 of warm requests while a hundred cold ones wait", 2, "cold", "p99, ratio"),
]

# What the programs of large figures print: program -> quantity -> where it stands, and its factor
PRINTED = {
    "bulk": {"cut-outs a second and core": (r"([\d.]+) cut-outs a second and core", 1),
             "seconds beside nginx": (r"ratio ([\d.]+) \(", 1)},
    "catalogue": {"ready, s": (r"server ready +([\d.]+) ms", 1e-3),
                  "lookup, us": (r"lookup by publisher DID.*?median ([\d.]+) us", 1),
                  "cone, ms": (r"in the catalogue, second time.*?median ([\d.]+) ms", 1),
                  "memory, MB": (r"resident .* ([\d.]+) MB", 1)},
    "cold": {"p99, ratio": (r"^ratio ([\d.]+)", 1)},
}


def printed(program, text):
    """The quantities that its output tells; what it does not tell is left out."""
    found = {quantity: (re.search(pattern, text, re.M), factor) for quantity, (pattern, factor) in PRINTED[program].items()}
    return {quantity: float(match.group(1)) * factor for quantity, (match, factor) in found.items() if match}


def line(goal, results):
    result = results.get(goal.result, {})
    figure = result.get(goal.quantity)
    if figure is None:
        return [goal.what, goal.reach, "not measured", "", ""]
    value = figure.ratio if isinstance(figure, Paired) else figure
    measured = figure.spread() if isinstance(figure, Paired) else f"{figure:,.4g}" if figure < 1e4 else f"{figure:,.0f}"
    reached = "yes" if goal.is_reached(value, goal.limit) else "NO"
    return [goal.what, goal.reach, measured, reached, by_processor(goal, result)]


def by_processor(goal, result):
    """The ratio as processor time has it, which is steadier where other work goes on."""
    if "cpu" not in result or goal.quantity not in ("rate", "seconds"):
        return ""
    ratio = result["cpu"].ratio
    return f"{1 / ratio if goal.quantity == 'rate' else ratio:.2f}"


def goals_table(results, all_of_them):
    goals = [goal for goal in GOALS if all_of_them or goal.result in results]
    return table(["what", "reach", "measured", "reached", "by processor time"], [line(goal, results) for goal in goals])
