"""Many cut-outs by one request as files, and in the background: each is the single cut-out, byte for byte."""
import csv
import io
import pathlib
import sys
import tarfile
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from cutoutd_server import Cutoutd, make_fixtures  # noqa: E402

BANDS = ["3.92e-7 3.98e-7", "6.5e-7 6.63e-7"]
STATUSES = ["ok", "empty", "unknown", "damaged"]


def query(ids, bands, **more):
    return urllib.parse.urlencode([("ID", i) for i in ids] + [("BAND", b) for b in bands] + list(more.items()))


def post(server, ids, bands, **more):
    return server.get("/lamost5/sync", "POST", query(ids, bands, **more),
                      {"Content-Type": "application/x-www-form-urlencoded"})


def single(server, ident, band, **more):
    return server.get("/lamost5/sync?" + query([ident], [band] if band else [], **more))


def offered_name(answer):
    return answer.headers["Content-Disposition"].split('filename="')[1].rstrip('"')


def read_tar(body):
    """Members in their order as (TarInfo, bytes); the last one, the ledger, as rows and its sums."""
    with tarfile.open(fileobj=io.BytesIO(body), errorlevel=2) as tar:
        members = [(member, tar.extractfile(member).read()) for member in tar]
    assert len(body) % 512 == 0 and body.endswith(bytes(1024))
    ledger, text = members.pop()
    assert ledger.name == "ledger.csv"
    lines = text.decode().splitlines()
    sums = dict(pair.split("=") for pair in lines.pop().removeprefix("# ").split())
    return members, list(csv.DictReader(lines)), {name: int(n) for name, n in sums.items()}


def check_tar(server, body, asked, bands, **more):
    members, rows, sums = read_tar(body)
    files = iter(members)
    names = [member.name for member, _ in members] + ["ledger.csv"]
    assert len(set(names)) == len(names), names
    assert len(rows) == len(asked) * len(bands or [""])
    for row, (ident, band) in zip(rows, [(i, b) for i in asked for b in bands or [""]]):
        alone = single(server, ident, band, **more)
        if alone.code != 200:
            assert row["status"] == ("empty" if alone.code == 204 else "unknown"), (row, alone.code)
            assert not row["file"] and row["reason"] and row["n"] == "0", row
            continue
        member, content = next(files)
        assert (row["status"], row["file"], row["reason"]) == ("ok", member.name, ""), row
        assert content == alone.body, (ident, band)
        stem, dot, suffix = member.name.rpartition(".")
        assert stem.split("~")[0] + dot + suffix == offered_name(alone), member.name
        assert member.isreg() and (member.uid, member.gid, member.mode) == (0, 0, 0o644)
        assert member.mtime == int(dict(server.rows("select path, file_mtime / 1000000000 from spectra"))[
            urllib.parse.unquote(row["ssa_pubDID"].split("?", 1)[1].split("/", 1)[1])])
    assert next(files, None) is None
    assert sums == {"requested": len(rows),
                    **{name: sum(r["status"] == name for r in rows) for name in STATUSES}}
    return sums


def a_tar_has_the_single_documents(server, dids):
    path = urllib.parse.unquote(dids[5].split("?", 1)[1].split("/", 1)[1])
    asked = [*dids[:8], "no such, thing", dids[3], path, dids[3], "ivo://other/~?x/y"]
    answer = post(server, asked, BANDS, RESPONSEFORMAT="tar")
    assert answer.code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/x-tar"
    assert offered_name(answer) == "lamost5.tar"
    sums = check_tar(server, answer.body, asked, BANDS)
    assert sums["unknown"] == 4 and sums["ok"] > 10, sums
    url = "/lamost5/sync?" + query(asked, BANDS, RESPONSEFORMAT="application/x-tar")
    again = server.get(url)
    assert again.body == answer.body
    assert server.get(url, headers={"If-None-Match": again.headers["ETag"]}).code == 304

    for ids, bands in [(dids[:1], []), (dids[:1], BANDS[:1]), (["nothing"], []), (dids[:2], ["1e-7 2e-7"])]:
        answer = post(server, ids, bands, RESPONSEFORMAT="tar")
        assert answer.code == 200, answer.text
        check_tar(server, answer.body, ids, bands)

    answer = post(server, dids, BANDS[1:], RESPONSEFORMAT="tar", FRAME="rest")
    check_tar(server, answer.body, dids, BANDS[1:], FRAME="rest")

    answer = post(server, ["nothing"] * 400, BANDS, RESPONSEFORMAT="tar")
    members, rows, sums = read_tar(answer.body)
    assert not members and len(rows) == 800 == sums["unknown"]

    # The reasons are those that a single cut-out is refused with.
    several = next(d for d in dids if d.endswith("/B")).removesuffix("/B")
    refusal = single(server, several, BANDS[0]).text
    rows = read_tar(post(server, [several, dids[0]], [], RESPONSEFORMAT="tar").body)[1]
    assert rows[0]["status"] == "unknown" and rows[0]["reason"] in refusal, (rows[0], refusal)

    answer = post(server, dids[:2], [], RESPONSEFORMAT="tar", COLUMNS="flux")
    assert answer.code == 400 and "COLUMNS" in answer.text


def a_damaged_record_is_no_file(server, dids):
    """The last one: it writes into a shard beneath the server."""
    rows = dict(server.rows("select path, shard || ' ' || record_offset from spectra"))
    path = urllib.parse.unquote(dids[1].split("?", 1)[1].split("/", 1)[1])
    shard, offset = map(int, rows[path].split())
    server.stop()
    with open(server.cache / f"{shard:06}.shard", "r+b") as file:
        file.seek(offset + 200)
        file.write(b"\xff\xff\xff\xff")
    server.start()
    members, rows, sums = read_tar(post(server, dids[:3], BANDS[:1], RESPONSEFORMAT="tar").body)
    assert rows[1]["status"] == "damaged" and rows[1]["reason"] and not rows[1]["file"], rows
    assert len(members) == 2 and sums["damaged"] == 1


def main():
    with tempfile.TemporaryDirectory() as folder:
        archive = pathlib.Path(folder) / "archive"
        make_fixtures(archive, 24)
        server = Cutoutd(folder, archive, server="max_bulk_ids = 500\n")
        server.ingest()
        paths = [path for path, in server.rows("select path from spectra order by path")]
        dids = ["ivo://test.example/~?lamost5/" + urllib.parse.quote(p, safe="-._~/+") for p in paths]
        lrs = [d for d in dids if "/spec-" in d]
        some = lrs[:8] + [d for d in dids if d not in lrs][:8]
        with server:
            for test in [a_tar_has_the_single_documents]:
                test(server, some)
                print("ok", test.__name__)
            a_damaged_record_is_no_file(server, lrs)
            print("ok")


main()
