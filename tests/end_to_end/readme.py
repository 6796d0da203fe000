"""The queries and the Python lines of README.md give what it shows, on the spectra that ./demo makes."""
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402

ROOT = pathlib.Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def run_query(base):
    """The first line of the block is a command, continued; what follows is its answer."""
    block = next(part for part in re.findall(r"```\n\$ (.*?)```", README, re.S))
    command, answer = re.match(r"((?:.*\\\n)*.*\n)([\s\S]*)", block).groups()
    done = subprocess.run(["sh", "-c", command.replace("http://127.0.0.1:8080", base)],
                          capture_output=True, text=True)
    assert done.stdout == answer, f"{command}gave\n{done.stdout}{done.stderr}"


def run_python(base):
    """It prints the cut-out: all of its samples."""
    lines = re.search(r"```python\n(.*?)```", README, re.S)[1]
    done = subprocess.run([sys.executable, "-W", "ignore", "-c",
                           lines.replace("http://127.0.0.1:8080", base)],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Length = 66 rows" in done.stdout, done.stdout


def run_pipe(base, folder):
    """The stack of the H and K lines: stars that SSA finds, cut by one request."""
    lines = re.search(r"\n    url=http://127.0.0.1:8080(/.*\n(?:    .*\n)+)", README)[1]
    done = subprocess.run(["sh", "-c", f"url={base}{lines}"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    picture = (folder / "h_and_k.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n"), picture[:200]


def main():
    made = re.search(r"make_fixtures\" (.*) \"\$data\"", (ROOT / "demo").read_text())[1].split()
    with tempfile.TemporaryDirectory(prefix="cutoutd-readme-") as folder:
        folder = pathlib.Path(folder)
        subprocess.run([support.MAKE_FIXTURES, *made, folder / "spectra"], check=True)
        cutoutd = support.Cutoutd(folder, folder / "spectra")
        cutoutd.ingest()
        with cutoutd:
            run_query(cutoutd.base)
            run_python(cutoutd.base)
            run_pipe(cutoutd.base, folder)


main()
