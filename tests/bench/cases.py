"""What is asked over HTTP: documents, and how they are asked for."""
import dataclasses
import itertools
import urllib.parse

H_AND_K = "3.92e-7 3.98e-7"     # 66 samples
H_ALPHA = "6.5e-7 6.63e-7"
HALF_A_THOUSAND = "3.92e-7 4.398e-7"
CONNECTIONS = [1, 8, 32, 256]
USUAL = 32


class Spectra:
    """Where the spectra of an archive of fixtures are, from its manifest."""

    def __init__(self, archive):
        head, *rows = [line.split("\t") for line in (archive / "manifest.tsv").read_text().splitlines()]
        facts = [dict(zip(head, row)) for row in rows]
        self.paths = [fact["path"].removesuffix(".gz").removesuffix(".fits") for fact in facts]
        self.dids = ["ivo://bench.example/~?lamost5/" + path for path in self.paths]
        self.position = f"{facts[0]['ra']},{facts[0]['dec']}"


def address(service, *query):
    return f"/lamost5/{service}" + ("?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote) if query else "")


def cut_out(band=None, form=None):
    """The same of each of the spectra, in turn."""
    more = [*([("BAND", band)] if band else []), *([("RESPONSEFORMAT", form)] if form else [])]
    return lambda spectra: [address("sync", ("ID", did), *more) for did in spectra.dids]


def one(make):
    return lambda spectra: make(spectra)[:1]


# name -> group, and the paths of an archive's spectra that are asked for in turn
DOCUMENTS = {
    "cut-out, 66 samples": ("cut-outs", one(cut_out(H_AND_K))),
    "cut-out, 66 samples, 100 spectra in turn": ("cut-outs", cut_out(H_AND_K)),
    "cut-out, TABLEDATA": ("cut-outs", one(cut_out(H_AND_K, "tabledata"))),
    "cut-out, CSV": ("cut-outs", one(cut_out(H_AND_K, "csv"))),
    "cut-out, FITS": ("cut-outs", one(cut_out(H_AND_K, "fits"))),
    "cut-out, 500 samples": ("cut-outs", one(cut_out(HALF_A_THOUSAND))),
    "whole spectrum": ("cut-outs", one(cut_out())),
    "whole spectrum, TABLEDATA": ("forms", one(cut_out(None, "tabledata"))),
    "whole spectrum, CSV": ("forms", one(cut_out(None, "csv"))),
    "whole spectrum, FITS": ("forms", one(cut_out(None, "fits"))),
    "links, one ID": ("links", lambda spectra: [address("links", ("ID", spectra.dids[0]))]),
    "links, 100 IDs": ("links", lambda spectra: [address("links", *(("ID", path) for path in spectra.paths[:100]))]),
    "SSA, one ID": ("searches", lambda spectra: [address("ssa", ("PUBDID", spectra.dids[0]))]),
    "SSA, a cone": ("searches", lambda spectra: [address("ssa", ("POS", spectra.position), ("SIZE", "2"))]),
    "plot, PNG": ("plots", lambda spectra: [address(f"spectra/{spectra.paths[0]}.png")]),
    "plot, SVG": ("plots", lambda spectra: [address(f"spectra/{spectra.paths[0]}.svg")]),
}


@dataclasses.dataclass(frozen=True)
class Case:
    document: str
    group: str = ""
    connections: int = USUAL
    keep_alive: bool = True
    gzip: bool = False

    @property
    def name(self):
        words = [self.document, *(["gzip"] if self.gzip else [])]
        if self.connections != USUAL:
            words.append(f"{self.connections} connection" + ("s" if self.connections > 1 else ""))
        return ", ".join([*words, *([] if self.keep_alive else ["closed each time"])])

    @property
    def headers(self):
        return {"Accept-Encoding": "gzip"} if self.gzip else {}

    def paths(self, spectra):
        return DOCUMENTS[self.document][1](spectra)


def usual():
    """A choice of the matrix that takes some minutes."""
    cases = [Case(document, group) for document, (group, _) in DOCUMENTS.items()]
    cases += [Case(document, "gzip", gzip=True)
              for document in ("cut-out, 66 samples", "cut-out, TABLEDATA", "whole spectrum", "links, 100 IDs")]
    cases += [Case("cut-out, 66 samples", "connections", connections=count) for count in CONNECTIONS if count != USUAL]
    cases += [Case(document, "closed", keep_alive=False) for document in ("cut-out, 66 samples", "links, one ID")]
    return cases


def matrix():
    """Everything in every way: hours."""
    chosen = {case.name: case for case in usual()}
    for document, count, keep_alive, gzip in itertools.product(DOCUMENTS, CONNECTIONS, (True, False), (False, True)):
        case = Case(document, "matrix", count, keep_alive, gzip)
        chosen.setdefault(case.name, case)
    return list(chosen.values())
