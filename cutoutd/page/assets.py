"""Files that pages refer to, as C: name with a hash of the content, bytes, gzipped bytes.

assets.py FILE... OUT.c
"""
import gzip
import hashlib
import pathlib
import sys

TYPES = {".css": "text/css; charset=utf-8"}


def array(name, data):
    rows = (", ".join(str(byte) for byte in data[i:i + 24]) for i in range(0, len(data), 24))
    return f"static const uint8_t {name}[] = {{\n    " + ",\n    ".join(rows) + "};\n"


*sources, out = map(pathlib.Path, sys.argv[1:])
text, rows = '#include "page/assets.h"\n\n', ""
for i, source in enumerate(sources):
    data = source.read_bytes()
    packed = gzip.compress(data, 9, mtime=0)
    text += array(f"bytes_{i}", data) + array(f"gzip_{i}", packed)
    hashed = f"{source.stem}.{hashlib.sha256(data).hexdigest()[:16]}{source.suffix}"
    rows += (f'    {{"{source.name}", "{hashed}", "{TYPES[source.suffix]}",\n'
             f"     bytes_{i}, sizeof(bytes_{i}), gzip_{i}, sizeof(gzip_{i})}},\n")
out.write_text(f"{text}\nconst struct asset assets[] = {{\n{rows}    {{.name = NULL}},\n}};\n")
