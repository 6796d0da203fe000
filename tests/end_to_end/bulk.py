"""Many cut-outs by one request: every row is the single cut-out of that ID, and the ledger adds up."""
import csv
import io
import pathlib
import sys
import tempfile
import urllib.parse

import numpy
from astropy.io import fits
from astropy.io.votable import parse_single_table
from astropy.table import Table

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bulk_request import MULTIPART, STATUSES, counted, damage, fits_columns, multipart, upload  # noqa: E402
from cutoutd_server import Cutoutd, make_fixtures  # noqa: E402

BANDS = ["3.92e-7 3.98e-7", "6.5e-7 6.63e-7", "1e-7 1.1e-7"]
ARRAYS = ["spectral", "flux", "flux_error", "and_mask", "or_mask"]


def query(ids, bands, **more):
    pairs = [("ID", i) for i in ids] + [("BAND", b) for b in bands] + list(more.items())
    return urllib.parse.urlencode(pairs)


def post(server, ids, bands, **more):
    return server.get("/lamost5/sync", "POST", query(ids, bands, **more),
                      {"Content-Type": "application/x-www-form-urlencoded"})


def single(server, publisher_did, band):
    """The cut-out as a document of its own; None where it is empty."""
    answer = server.get("/lamost5/sync?" + query([publisher_did], [band] if band else []))
    if answer.code == 204:
        return None
    assert answer.code == 200, answer.text
    return parse_single_table(io.BytesIO(answer.body)).to_table()


def metadata(server, publisher_did):
    answer = server.get("/lamost5/sync?" + query([publisher_did], []))
    return parse_single_table(io.BytesIO(answer.body))


def plain(values):
    """What astropy masks, or gives as objects, is NaN."""
    values = numpy.ma.asarray(values)
    return values.filled(numpy.nan) if values.dtype.kind == "f" else values.filled()


def same(a, b):
    a, b = plain(a), plain(b)
    b = b.astype(a.dtype)  # astropy reads arrays of floats as doubles
    return numpy.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def check_rows(server, table, asked, bands):
    """`table`: columns by name; `asked`: (ID as asked, its DID or None)."""
    assert len(table["n"]) == len(asked) * len(bands)
    cache = {}
    for row in range(len(table["n"])):
        name, did = asked[row // len(bands)]
        band = bands[row % len(bands)]
        status = str(table["status"][row])
        assert str(table["ssa_pubDID"][row]) == (did or name), row
        assert numpy.allclose(table["band"][row], [float(x) for x in band.split()], rtol=1e-15)
        if did is None:
            assert status == "unknown" and table["n"][row] == 0, row
            continue
        if (did, band) not in cache:
            cache[did, band] = single(server, did, band)
        alone = cache[did, band]
        assert status == ("ok" if alone is not None else "empty"), (row, status)
        assert table["n"][row] == (0 if alone is None else len(alone)), row
        for name in ARRAYS:
            got = table[name][row]
            want = [] if alone is None else alone[name]
            assert len(got) == len(want) and same(want, got), (row, name)


def votable_ledger(body):
    from astropy.io.votable import parse
    infos = parse(io.BytesIO(body)).resources[0].infos
    return {info.name: int(info.value) for info in infos if info.name in ["requested", *STATUSES]}


def the_rows_are_the_single_cutouts(server, dids):
    asked = [(d, d) for d in dids[:40]]
    asked += [("no such thing", None), asked[3], asked[3], ("ivo://other/~?x/y", None)]
    path = urllib.parse.unquote(dids[5].split("?", 1)[1].split("/", 1)[1])
    asked.insert(7, (path, dids[5]))
    ids = [name for name, _ in asked]

    answer = post(server, ids, BANDS, RESPONSEFORMAT="fits")
    assert answer.code == 200, answer.text
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    columns, ledger = fits_columns(answer.body)
    check_rows(server, columns, asked, BANDS)
    assert ledger == counted(columns["status"]) and ledger["unknown"] == 6, ledger

    answer = post(server, ids, BANDS)
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    table = parse_single_table(io.BytesIO(answer.body)).array
    check_rows(server, {name: table[name].data for name in table.dtype.names}, asked, BANDS)
    assert votable_ledger(answer.body) == ledger

    answer = post(server, ids, BANDS, RESPONSEFORMAT="tabledata")
    table = parse_single_table(io.BytesIO(answer.body)).array
    check_rows(server, {name: table[name].data for name in table.dtype.names}, asked, BANDS)
    assert votable_ledger(answer.body) == ledger

    answer = post(server, ids, BANDS, RESPONSEFORMAT="csv")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert len(rows) == sum(max(1, n) for n in columns["n"])
    flat = numpy.concatenate([columns["spectral"][i] for i in range(len(columns["n"]))])
    assert numpy.array_equal(flat, [float(r["spectral"]) for r in rows if r["spectral"]])
    assert answer.text.splitlines()[-1] == "# " + " ".join(f"{k}={v}" for k, v in ledger.items())


def arrays_of_one_length_lie_in_the_rows(server, dids):
    alike = [d for d in dids if (t := single(server, d, BANDS[0])) is not None and len(t) == 66][:20]
    assert len(alike) > 5
    answer = post(server, alike, BANDS[:1], RESPONSEFORMAT="fits")
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    with fits.open(io.BytesIO(answer.body)) as hdus:
        assert hdus[1].columns["flux"].format == "66E"
    columns, _ = fits_columns(answer.body)
    check_rows(server, columns, [(d, d) for d in alike], BANDS[:1])
    answer = post(server, alike, BANDS[:1])
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    table = parse_single_table(io.BytesIO(answer.body)).array
    check_rows(server, {n: table[n].data for n in table.dtype.names}, [(d, d) for d in alike], BANDS[:1])


def columns_are_chosen(server, dids):
    answer = post(server, dids[:3], BANDS[:1], RESPONSEFORMAT="fits", COLUMNS="n, flux")
    columns, _ = fits_columns(answer.body)
    assert list(columns) == ["n", "flux"]
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    answer = post(server, dids[:3], BANDS[:1], COLUMNS="n,ssa_redshift,nothing")
    assert answer.code == 400 and "'nothing' is not one of" in answer.text, answer.text
    table = Table.read(io.BytesIO(post(server, dids[:3], [], COLUMNS="ssa_pubdid,raj2000",
                                       RESPONSEFORMAT="tabledata").body), format="votable")
    assert table.colnames == ["ssa_pubDID", "raj2000"] and len(table) == 3


def at_rest(server, dids):
    """Windows follow the redshift; wavelengths are given back at rest."""
    answer = post(server, dids, ["4.85e-7 4.87e-7"], RESPONSEFORMAT="fits", FRAME="rest")
    columns, ledger = fits_columns(answer.body)
    assert ledger["ok"] > 5
    for i, did in enumerate(dids):
        z = columns["ssa_redshift"][i]
        if columns["status"][i] != "ok":
            continue
        shifted = single(server, did, f"{4.85e-7 * (1 + z)!r} {4.87e-7 * (1 + z)!r}")
        assert numpy.array_equal(shifted["flux"], columns["flux"][i])
        assert numpy.allclose(shifted["spectral"] / (1 + z), columns["spectral"][i], rtol=1e-15)
        assert columns["spectral"][i].min() >= 4850 * (1 - 1e-9)
    lost = [i for i in range(len(dids)) if numpy.isnan(columns["ssa_redshift"][i])]
    assert all(columns["status"][i] == "empty" for i in lost)
    text = post(server, dids, ["4.85e-7 4.87e-7"], RESPONSEFORMAT="tabledata", FRAME="rest").text
    assert 'name="FRAME" value="rest"' in text
    assert (f'name="no_redshift" value="{len(lost)}"' in text) == bool(lost)
    for i, did in enumerate(dids):  # the document of one has the same samples
        lone = server.get("/lamost5/sync?" + query([did], ["4.85e-7 4.87e-7"], FRAME="rest"))
        assert lone.code == (200 if columns["status"][i] == "ok" else 204), (did, lone.code)
        if lone.code == 200:
            table = parse_single_table(io.BytesIO(lone.body)).to_table()
            assert all(same(table[name], columns[name][i]) for name in ARRAYS), did
    plot = server.get("/lamost5/sync?" + query(dids[:1], [], RESPONSEFORMAT="svg", FRAME="rest"))
    assert plot.code == 200 and plot.headers["Content-Type"] == "image/svg+xml", plot.text[:200]
    answer = post(server, dids[:2], [BANDS[0]], FRAME="moon")
    assert answer.code == 400 and "FRAME" in answer.text


def wrong_requests_get_a_sentence(server, dids):
    rows = [
        (dids[:2], BANDS[:1], {"RESPONSEFORMAT": "svg"}, 400, "RESPONSEFORMAT"),
        (dids[:2], ["1 2"], {}, 400, "BAND is in metres"),
        (dids[:2], ["2e-7 1e-7"], {}, 400, "BAND"),
        (["", ""], BANDS, {}, 400, "ID:"),
        (dids[:2], BANDS * 30, {}, 413, "64 windows"),
        (dids * 30, BANDS[:1], {}, 413, "takes 500 IDs"),
        (dids[:2], BANDS[:1], {"FLUXCALIB": "RELATIVE"}, 400, "FLUXCALIB"),
    ]
    for ids, bands, more, code, words in rows:
        answer = post(server, ids, bands, **more)
        assert answer.code == code and words in answer.text, (code, answer.code, answer.text)


def answers_are_known_again(server, dids):
    path = "/lamost5/sync?" + query(dids[:2], BANDS[:1], RESPONSEFORMAT="fits")
    first = server.get(path)
    assert first.headers["ETag"].startswith('"')
    again = server.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.code == 304 and not again.body
    head = server.get(path, "HEAD")
    assert head.headers["Content-Length"] == str(len(first.body)) and not head.body
    assert server.get(path + "&BAND=1e-7").code == 400


def a_damaged_record_keeps_its_place(server, dids):
    """The last one: it writes into a shard beneath the server."""
    damage(server, dids[4])
    for form in ["fits", "votable", "tabledata"]:
        answer = post(server, dids[3:6], BANDS[:2], RESPONSEFORMAT=form)
        assert "Content-Length" not in answer.headers or \
            int(answer.headers["Content-Length"]) == len(answer.body)
        if form != "fits":
            assert votable_ledger(answer.body)["damaged"] >= 1
            continue
        columns, ledger = fits_columns(answer.body)
        assert ledger == counted(columns["status"]) and ledger["damaged"] >= 1, ledger
        hit = [i for i in range(6) if columns["status"][i] == "damaged"]
        for i in hit:
            assert columns["n"][i] == 0 and len(columns["flux"][i]) > 0
            assert numpy.isnan(columns["flux"][i]).all() and numpy.isnan(columns["spectral"][i]).all()


def lists_are_uploaded(server, dids):
    asked = [(d, d) for d in dids[:20]] + [("nothing", None), (dids[1], dids[1])]
    fields = [("BAND", BANDS[0]), ("RESPONSEFORMAT", "fits")]
    rows = ["\n".join(i for i, _ in asked), "\r\n\r\n".join(i for i, _ in asked) + "\r\n",
            "\n  " + " \n".join(i for i, _ in asked) + "\n\n"]
    for text in rows:
        answer = upload(server, fields, {"IDS": text.encode()})
        assert answer.code == 200, answer.text
        columns, ledger = fits_columns(answer.body)
        check_rows(server, columns, asked, BANDS[:1])
    one = upload(server, fields, {"IDS": dids[0].encode()})
    columns, _ = fits_columns(one.body)
    check_rows(server, columns, asked[:1], BANDS[:1])
    for step in [1, 7]:  # bytes at a time, from a slow client
        columns, _ = fits_columns(slowly(server, multipart(fields, {"IDS": rows[0].encode()}), step))
        check_rows(server, columns, asked, BANDS[:1])


def slowly(server, body, step):
    import contextlib
    with contextlib.closing(server.connection()) as connection:
        connection.putrequest("POST", "/lamost5/sync")
        connection.putheader("Content-Type", MULTIPART["Content-Type"])
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        for at in range(0, len(body), step):
            connection.sock.sendall(body[at:at + step])
        response = connection.getresponse()
        assert response.status == 200, response.read()
        return response.read()


def tables_are_uploaded(server, dids):
    """As pyVO or TOPCAT would save the answer of a query."""
    from astropy.io.votable import from_table
    asked = [(d, d) for d in dids[:20]] + [("nothing", None)]
    ids = [i for i, _ in asked]
    fields = [("UPLOAD", "ids,param:mine"), ("BAND", BANDS[0]), ("RESPONSEFORMAT", "fits")]
    for form in ["tabledata", "binary", "binary2"]:
        for name, ucd in [("ID", None), ("ssa_pubDID", None), ("obs_publisher_did", None),
                          ("x", "meta.ref.url;meta.curation"), ("y", "meta.id;meta.main")]:
            table = Table({"ra": numpy.linspace(0, 1, len(ids)),
                           "flags": [[True, False]] * len(ids), name: ids,
                           "words": ["some & <words>" * (i % 3) for i in range(len(ids))],
                           "n": numpy.arange(len(ids), dtype="int16")})
            document = from_table(table)
            fields_of = document.get_first_table().fields
            next(f for f in fields_of if f.name == name).ucd = ucd
            if name == "ID":
                next(f for f in fields_of if f.name == "words").arraysize = "*"
            text = io.BytesIO()
            document.to_xml(text, tabledata_format=form)
            answer = upload(server, fields, {"mine": text.getvalue()})
            assert answer.code == 200, (form, name, answer.text)
            columns, _ = fits_columns(answer.body)
            check_rows(server, columns, asked, BANDS[:1])
    ours = post(server, ids, BANDS[:1], COLUMNS="ssa_pubDID n flux").body
    answer = upload(server, fields, {"mine": ours})
    check_rows(server, fits_columns(answer.body)[0], asked, BANDS[:1])


def wrong_uploads_get_a_sentence(server, dids):
    name = [("UPLOAD", "t,param:t")]
    table = ('<VOTABLE><RESOURCE><TABLE><FIELD name="{}" datatype="char" arraysize="*"/><DATA>{}</DATA>'
             '</TABLE></RESOURCE></VOTABLE>')
    bomb = ('<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
            + table.format("ID", "<TABLEDATA><TR><TD>&b;</TD></TR></TABLEDATA>"))
    good = "<TABLEDATA><TR><TD>x</TD></TR></TABLEDATA>"
    rows = [
        (name, {"t": bomb}, 400, "entities are not taken"),
        (name, {"t": table.format("colour", good)}, 400, "no column of IDs"),
        (name, {"t": "<VOTABLE><TABLE><BINARY2><STREAM>AAAA</STREAM></BINARY2></TABLE></VOTABLE>"},
         400, "a stream where none belongs"),
        (name, {"t": "<VOTABLE/>"}, 400, "no table with data"),
        (name, {"t": table.format("ID", good)[:-30]}, 400, "the VOTable: line"),
        (name, {"t": table.format("ID", '<BINARY><STREAM encoding="base64">AAAA!</STREAM></BINARY>')},
         400, "no base64"),
        (name, {"t": table.format("ID", '<BINARY><STREAM encoding="base64">AAAABWFi</STREAM></BINARY>')},
         400, "last row is not whole"),
        (name, {"t": table.format("ID", '<BINARY><STREAM href="file:///etc/passwd"/></BINARY>')},
         400, "must be in it"),
        ([], {"t": dids[0]}, 400, "UPLOAD: missing"),
        ([("UPLOAD", "t,http://x/y")], {"t": dids[0]}, 400, "UPLOAD: expected"),
        ([("UPLOAD", "t,param:u")], {"t": dids[0]}, 400, "no file in the field 'u'"),
        ([], {"IDS": ""}, 400, "ID:"),
        ([], {"IDS": "\n".join(dids * 40)}, 413, "takes 500 IDs"),
        ([("x", "y" * 70000)], {"IDS": dids[0]}, 413, "more than"),
    ]
    for fields, files, code, words in rows:
        answer = upload(server, fields, {k: v.encode() for k, v in files.items()})
        assert answer.code == code and words in answer.text, (words, answer.code, answer.text)
    whole = multipart([], {"IDS": "\n".join(dids).encode()})
    for cut in [whole[:len(whole) // 2], whole[:20], b"", b"nothing of this kind"]:
        answer = server.get("/lamost5/sync", "POST", cut, MULTIPART)
        assert answer.code == 400, (answer.code, answer.text)
    assert server.get("/lamost5/sync", "POST", b"a\nb", {"Content-Type": "text/plain"}).code == 415
    assert server.get("/lamost5/links", "POST", whole, MULTIPART).code == 415


def clients_that_go_away_cost_nothing(server, dids):
    import socket
    whole = multipart([], {"IDS": ("\n".join(dids[:400])).encode()})
    head = (f"POST /lamost5/sync HTTP/1.1\r\nHost: x\r\nContent-Length: {len(whole)}\r\n"
            f"Content-Type: {MULTIPART['Content-Type']}\r\n\r\n").encode()
    for sent in [len(head) + 100, len(head) + len(whole) // 2, len(head) + len(whole)]:
        for read in [0, 1000]:
            with socket.create_connection(("127.0.0.1", server.port)) as client:
                client.sendall((head + whole)[:sent])
                if read and sent == len(head) + len(whole):
                    client.recv(read)
    assert server.is_up()


def main():
    with tempfile.TemporaryDirectory() as folder:
        archive = pathlib.Path(folder) / "archive"
        make_fixtures(archive, 60)
        server = Cutoutd(folder, archive, server="max_bulk_ids = 500\n")
        server.ingest()
        paths = [path for path, in server.rows("select path from spectra order by path")]
        dids = ["ivo://test.example/~?lamost5/" + urllib.parse.quote(p, safe="-._~/+") for p in paths]
        with server:
            lrs = [d for d in dids if "/spec-" in d]
            some = lrs[:30] + [d for d in dids if d not in lrs][:15]
            for test in [the_rows_are_the_single_cutouts, columns_are_chosen, at_rest,
                         wrong_requests_get_a_sentence, answers_are_known_again,
                         lists_are_uploaded, tables_are_uploaded, wrong_uploads_get_a_sentence,
                         clients_that_go_away_cost_nothing]:
                test(server, some)
                print("ok", test.__name__)
            arrays_of_one_length_lie_in_the_rows(server, lrs)
            a_damaged_record_keeps_its_place(server, lrs)
            print("ok")


main()
