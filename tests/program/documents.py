"""The documents are true as far as a program can tell: each file they name exists, each floor is named."""
import pathlib
import re
import sys

ENDINGS = r"\.(?:c|h|py|sh|md|build|conf|in|tsv|[58])"
NAME = re.compile(r"`(?![A-Z]+/)([\w<*.][\w./<>*-]*" + ENDINGS + r")`")  # FOLDER/x is the reader's


def exists(root, document, name):
    """From the root, from the document's folder, and a header without its include/."""
    places = [root, document.parent, root / "include", root / "cutoutd"]
    pattern = re.sub(r"<\w+>", "*", name)
    return any(any(place.glob(pattern)) for place in places)


def main(root, floors):
    documents = [root / "README.md", root / "cutoutd/ARCHITECTURE.md", root / "fixtures/README.md"]
    wrong = []
    for document in documents:
        if not document.exists():
            wrong.append(f"{document.relative_to(root)} is not there")
            continue
        for name in NAME.findall(document.read_text()):
            if not exists(root, document, name):
                wrong.append(f"{document.relative_to(root)} names {name}, which is not there")
    architecture = root / "cutoutd/ARCHITECTURE.md"
    text = architecture.read_text() if architecture.exists() else ""
    wrong += [f"ARCHITECTURE.md has no row for the floor {floor}"
              for floor in floors if not re.search(rf"^\| `{floor}` ", text, re.M)]
    return "\n".join(wrong) or 0


sys.exit(main(pathlib.Path(sys.argv[1]), [rule.split(":")[0] for rule in sys.argv[2:]]))
