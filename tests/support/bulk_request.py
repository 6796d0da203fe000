"""A request for many cut-outs as tests send it, and its FITS answer taken apart."""
import io
import urllib.parse

import numpy
from astropy.io import fits

STATUSES = ["ok", "empty", "unknown", "damaged"]
BOUNDARY = "----a-boundary"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def multipart(fields, files):
    """`fields`: pairs; `files`: field -> bytes; in the order given."""
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
             for name, value in fields]
    parts += [f'Content-Disposition: form-data; name="{name}"; filename="f"\r\n'
              f'Content-Type: application/octet-stream\r\n\r\n'.encode() + content
              for name, content in files.items()]
    head = b"--" + BOUNDARY.encode() + b"\r\n"
    return b"".join(head + part + b"\r\n" for part in parts) + head[:-2] + b"--\r\n"


def upload(server, fields, files, path="/lamost5/sync"):
    return server.get(path, "POST", multipart(fields, files), MULTIPART)


def fits_columns(body):
    """Columns by name, and the ledger."""
    with fits.open(io.BytesIO(body)) as hdus:
        hdus.verify("exception")
        ledger = hdus["LEDGER"].data[0]
        data = hdus["CUTOUTS"].data
        columns = {name: (data[name].copy() if data[name].dtype.kind != "O"
                          else [numpy.array(x) for x in data[name]]) for name in data.names}
        return columns, {name: int(ledger[name]) for name in ["requested", *STATUSES]}


def counted(status):
    """The ledger that a column of statuses adds up to."""
    names, counts = numpy.unique(numpy.asarray(status).astype(str), return_counts=True)
    return {"requested": int(counts.sum()), **dict.fromkeys(STATUSES, 0),
            **{str(name): int(count) for name, count in zip(names, counts)}}


def damage(server, did):
    """Write into the record of a spectrum, while the server is stopped."""
    rows = dict(server.rows("select path, shard || ' ' || record_offset from spectra"))
    path = urllib.parse.unquote(did.split("?", 1)[1].split("/", 1)[1])
    shard, offset = map(int, rows[path].split())
    server.stop()
    with open(server.cache / f"{shard:06}.shard", "r+b") as file:
        file.seek(offset + 200)
        file.write(b"\xff\xff\xff\xff")
    server.start()
