"""Figures that come in pairs: ours, and what stands beside it, measured in turn in one run."""
import statistics


class Paired:
    """One quantity in some rounds. The ratio is taken round by round, so that a machine that drifts drifts for both."""

    def __init__(self, rounds):
        self.rounds = [(float(ours), float(beside)) for ours, beside in rounds]
        self.ours = statistics.median(ours for ours, _ in self.rounds)
        self.beside = statistics.median(beside for _, beside in self.rounds)
        ratios = [ours / beside if beside else float("nan") for ours, beside in self.rounds]
        self.ratio, self.low, self.high = statistics.median(ratios), min(ratios), max(ratios)

    def spread(self):
        digits = 2 if self.ratio >= 0.1 else 4
        return f"{self.ratio:.{digits}f} ({self.low:.{digits}f}..{self.high:.{digits}f})"

    def plain(self):
        """For JSON."""
        return {name: getattr(self, name) for name in ("ours", "beside", "ratio", "low", "high", "rounds")}


def plain(results):
    """Results are dictionaries of what was measured: pairs by their quantity, or numbers that stand alone."""
    return {what: {quantity: figure.plain() if isinstance(figure, Paired) else figure
                   for quantity, figure in result.items()} for what, result in results.items()}


def table(head, rows):
    """Markdown; columns as wide as they need."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |"
                     for line in lines)
