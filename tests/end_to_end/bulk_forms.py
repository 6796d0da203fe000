"""Many cut-outs by one request as files, and in the background: each is the single cut-out, byte for byte."""
import csv
import io
import pathlib
import struct
import sys
import tarfile
import tempfile
import urllib.parse
import zlib

import numpy
from astropy.io.votable import parse_single_table
from pyvo.io.uws import parse_job

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bulk_request import damage  # noqa: E402
from cutoutd_server import Cutoutd, make_fixtures, wait_until  # noqa: E402

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
    asked = [*dids, "no such, thing", dids[3], path, dids[3], "ivo://other/~?x/y"]
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


def rows_are_sorted(server, dids):
    def rows(ids, **more):
        body = post(server, ids, BANDS, RESPONSEFORMAT="csv", COLUMNS=",".join(columns), **more).text
        return list(csv.DictReader(line for line in body.splitlines() if line[0] != "#"))

    columns = ["ssa_pubDID", "status", "n", "band", "ssa_redshift", "ssa_snr", "raj2000", "dej2000", "ssa_targclass",
               "ssa_targsubclass"]
    asked = ["nothing", *dids, dids[4], dids[2]]
    plain = rows(asked)
    pairs = [plain[i:i + 2] for i in range(0, len(plain), 2)]  # the bands of an ID stay together
    for column in columns[4:]:
        kind = str if column.startswith("ssa_targ") else float
        for sign, is_descending in [("", False), ("-", True)]:
            there = [pair for pair in pairs if pair[0][column]]
            there.sort(key=lambda pair: kind(pair[0][column]), reverse=is_descending)  # stable both ways
            wanted = there + [pair for pair in pairs if not pair[0][column]]
            assert rows(asked, SORT=sign + column.upper()) == [row for pair in wanted for row in pair], (sign, column)
    members, ledger, _ = read_tar(post(server, asked, BANDS, RESPONSEFORMAT="tar", SORT="-dej2000").body)
    assert [row["ssa_pubDID"] for row in ledger] == [row["ssa_pubDID"] for row in rows(asked, SORT="-dej2000")]
    two = [server.get("/lamost5/sync?" + query(dids, [], RESPONSEFORMAT="fits", SORT=sort)) for sort in ("ssa_snr", "")]
    assert len(two[0].body) == len(two[1].body) and two[0].headers["ETag"] != two[1].headers["ETag"]
    for wrong in ["n", "flux", "z", "--ssa_snr"]:
        answer = post(server, dids, [], SORT=wrong)
        assert answer.code == 400 and "SORT: " in answer.text and "raj2000, dej2000, ssa_redshift" in answer.text


def read_png(body):
    """Pixels of a PNG with a palette, and without filters, as rows of (red, green, blue)."""
    assert body[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(body):
        length, kind = struct.unpack(">I4s", body[at:at + 8])
        data = body[at + 8:at + 8 + length]
        assert struct.unpack(">I", body[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + data)
        chunks[kind], at = data, at + 12 + length
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (8, 3)
    rows = numpy.frombuffer(zlib.decompress(chunks[b"IDAT"]), "u1").reshape(height, width + 1)
    assert not rows[:, 0].any()
    return numpy.frombuffer(chunks[b"PLTE"], "u1").reshape(-1, 3).astype(int)[rows[:, 1:]]


LEFT, TOP, RIGHT, BOTTOM = 96, 50, 20, 44  # around the lines of a picture


def levels_of(pixels):
    """Flux of each pixel in the frame, 0 to 1, by the colours of the legend; NaN where there is none."""
    legend = pixels[TOP - 18, pixels.shape[1] - RIGHT - 96:pixels.shape[1] - RIGHT]
    inside = pixels[TOP:-BOTTOM, LEFT:-RIGHT]
    nearest = numpy.abs(inside[:, :, None, :] - legend).sum(axis=3).argmin(axis=2) / 95
    return numpy.where((inside == 255).all(axis=2), numpy.nan, nearest)


def expected_line(document, lower, upper, width):
    """Mean of the samples in each pixel, on the scale of the largest; samples are wider than pixels here, too."""
    table = parse_single_table(io.BytesIO(document)).to_table()
    wavelength, flux, error = (numpy.ma.filled(table[name].astype(float), numpy.nan)
                               for name in ("spectral", "flux", "flux_error"))
    good = numpy.isfinite(error)
    line = numpy.full(width, numpy.nan)
    centres = lower + (numpy.arange(width) + 0.5) * (upper - lower) / width
    for x, centre in enumerate(centres):
        i = numpy.abs(wavelength - centre).argmin()
        if good[i] and abs(wavelength[i] - centre) < 0.52 * numpy.diff(wavelength).mean():
            line[x] = flux[i]
    return numpy.clip(line / flux[good].max(), 0, 1)


def a_picture_has_a_line_for_each_spectrum(server, dids):
    asked = ["nothing", *dids]
    table = post(server, asked, BANDS[:1], RESPONSEFORMAT="csv", COLUMNS="ssa_pubDID,status", SORT="-ssa_snr").text
    shown = [row["ssa_pubDID"] for row in csv.DictReader(table.splitlines()) if row["status"] == "ok"]
    answer = post(server, asked, BANDS[:1], RESPONSEFORMAT="png", SORT="-ssa_snr", WIDTH=600)
    assert answer.code == 200 and answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"] == 'inline; filename="lamost5.png"'
    pixels = read_png(answer.body)
    thick = 16
    assert pixels.shape == (TOP + thick * len(shown) + BOTTOM, 600, 3), pixels.shape
    levels = levels_of(pixels)
    differing = 0
    for i, did in enumerate(shown):
        lines = levels[i * thick:(i + 1) * thick]
        assert all(numpy.array_equal(line, lines[0], equal_nan=True) for line in lines[1:]), did
        wanted = expected_line(single(server, did, BANDS[0]).body, 3920, 3980, levels.shape[1])
        with numpy.errstate(invalid="ignore"):
            differing += (~((numpy.abs(lines[0] - wanted) < 0.08) | (numpy.isnan(lines[0]) & numpy.isnan(wanted)))).sum()
    assert differing < 0.03 * levels[::thick].size, differing / levels[::thick].size  # at the edges of samples

    few = read_png(post(server, dids, BANDS, RESPONSEFORMAT="image/png", HEIGHT=120, WIDTH=500, FRAME="rest").body)
    assert few.shape == (120, 500, 3)
    whole = post(server, [*dids, *dids], [], RESPONSEFORMAT="png", SORT="ssa_targclass")
    assert whole.body == post(server, [*dids, *dids], [], RESPONSEFORMAT="png", SORT="ssa_targclass").body
    assert read_png(post(server, ["nothing", "no"], [], RESPONSEFORMAT="png").body).shape[1] == 960
    _, job = run_job(server, query(asked, BANDS[:1], RESPONSEFORMAT="png", SORT="-ssa_snr", WIDTH=600, PHASE="RUN"))
    assert [result.body for result in results_of(server, job)] == [answer.body]
    for more, words in [({"WIDTH": "130"}, "WIDTH"), ({"HEIGHT": "60"}, "HEIGHT"), ({"WIDTH": "x"}, "WIDTH"),
                        ({"SORT": "flux"}, "SORT"), ({"COLUMNS": "flux"}, "COLUMNS")]:
        refused = post(server, dids, BANDS, RESPONSEFORMAT="png", **more)
        assert refused.code == 400 and words in refused.text, (more, refused.text)
    assert post(server, dids, BANDS * 4, RESPONSEFORMAT="png").code == 413


def run_job(server, body, content_type="application/x-www-form-urlencoded"):
    """A job as pyVO reads it, when it is over."""
    made = server.get("/lamost5/async", "POST", body, {"Content-Type": content_type})
    assert made.code == 303, made.text
    path = made.headers["Location"].removeprefix(server.base)
    wait_until(lambda: server.get(path + "/phase").text in ("COMPLETED", "ERROR", "ABORTED"), "the job is over")
    return path, parse_job(io.BytesIO(server.get(path).body))


def results_of(server, job):
    return [server.get(result.href.removeprefix(server.base)) for result in job.results]


def a_job_with_a_form_of_many_has_one_result(server, dids):
    asked = [*dids, "nothing", dids[2]]
    for form in ["fits", "votable", "tabledata", "csv", "tar"]:
        for ids, bands in [(asked, BANDS), (dids[:1], BANDS), (asked, [])]:
            text = query(ids, bands, RESPONSEFORMAT=form, PHASE="RUN")
            path, job = run_job(server, text)
            results = results_of(server, job)
            assert len(results) == 1, (form, server.get(path + "/error").text)
            sync = post(server, ids, bands, RESPONSEFORMAT=form)
            assert results[0].body == sync.body, form
            assert results[0].headers["Content-Type"] == sync.headers["Content-Type"]
            assert offered_name(results[0]) == offered_name(sync)

    rows = [  # parameters, how many results
        (query(dids[:3], BANDS), 6),  # SODA 1.0, section 6: a result for each combination
        (query(dids[:1], BANDS[:1], RESPONSEFORMAT="fits"), 1),
        (query(dids[:2], BANDS[:1], RESPONSEFORMAT="ecsv"), 2),
        (query(dids[:2], BANDS[:1], RESPONSEFORMAT="csv") + "&TIME=1+2&TIME=0+9e5", 4),
        (query(dids[:1], BANDS[:1], RESPONSEFORMAT="tar"), 1),
    ]
    for text, count in rows:
        _, job = run_job(server, text + "&PHASE=RUN")
        assert job.phase == "COMPLETED" and len(job.results) == count, (text, len(job.results))
    for text, words in [(query(dids, BANDS, RESPONSEFORMAT="csv", COLUMNS="x"), "COLUMNS: 'x'"),
                        (query(dids, ["1 2"], RESPONSEFORMAT="fits"), "BAND"),
                        (query(dids * 50, BANDS, RESPONSEFORMAT="fits"), "takes 500 IDs")]:
        path, job = run_job(server, text + "&PHASE=RUN")
        assert job.phase == "ERROR" and words in server.get(path + "/error").text, text


def multipart(fields, files):
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields]
    parts += [f'Content-Disposition: form-data; name="{name}"; filename="f"\r\n\r\n{text}'.encode()
              for name, text in files.items()]
    return b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"


def a_list_in_a_file_makes_a_job(server, dids):
    kind = "multipart/form-data; boundary=edge"
    asked = [*dids, "nothing"] * 10
    fields = [("BAND", BANDS[0]), ("RESPONSEFORMAT", "fits")]
    body = multipart([*fields, ("PHASE", "RUN")], {"IDS": "\n".join(asked)})
    sync = server.get("/lamost5/sync", "POST", multipart(fields, {"IDS": "\n".join(asked)}), {"Content-Type": kind})
    path, job = run_job(server, body, kind)
    assert job.phase == "COMPLETED", server.get(path + "/error").text
    assert [result.body for result in results_of(server, job)] == [sync.body]
    made = server.get("/lamost5/async", "POST", multipart(fields, {"IDS": "\n".join(asked)}), {"Content-Type": kind})
    later = made.headers["Location"].removeprefix(server.base)
    server.stop()
    server.start()  # a job and its list are there after a restart
    server.get(later + "/phase", "POST", "PHASE=RUN", {"Content-Type": "application/x-www-form-urlencoded"})
    wait_until(lambda: server.get(later + "/phase").text == "COMPLETED", "the job is done")
    assert server.get(later + "/results/result").body == sync.body
    gone = server.get(later, "DELETE")
    assert gone.code == 303 and server.get(later).code == 404
    for text, code in [(multipart(fields, {"IDS": ""}), 303), (body[:-20], 400), (b"x", 400),
                       (multipart(fields, {"IDS": "x\n" * 501}), 413)]:
        answer = server.get("/lamost5/async", "POST", text, {"Content-Type": kind})
        assert answer.code == code, (answer.code, answer.text)
    assert server.get(path, "POST", body, {"Content-Type": kind}).code == 415


def a_job_is_stopped_in_the_middle(server, dids):
    """It would take minutes and gigabytes."""
    text = query(dids * 20, ["-Inf Inf"] * 64, RESPONSEFORMAT="tabledata", PHASE="RUN")
    made = server.get("/lamost5/async", "POST", text, {"Content-Type": "application/x-www-form-urlencoded"})
    path = made.headers["Location"].removeprefix(server.base)
    job_id = path.rpartition("/")[2]
    written = lambda: list(server.folder.rglob(f"{job_id}/output"))  # noqa: E731
    wait_until(written, "the job writes")
    server.get(path + "/phase", "POST", "PHASE=ABORT", {"Content-Type": "application/x-www-form-urlencoded"})
    assert server.get(path + "/phase").text == "ABORTED"
    wait_until(lambda: not written(), "what was written is gone")
    assert not parse_job(io.BytesIO(server.get(path).body)).results


def a_damaged_record_is_no_file(server, dids):
    """The last one: it writes into a shard beneath the server."""
    damage(server, dids[1])
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
            for test in [a_tar_has_the_single_documents, rows_are_sorted,
                         a_picture_has_a_line_for_each_spectrum, a_job_with_a_form_of_many_has_one_result,
                         a_list_in_a_file_makes_a_job, a_job_is_stopped_in_the_middle]:
                test(server, some)
                print("ok", test.__name__)
            a_damaged_record_is_no_file(server, lrs)
            print("ok")


main()
