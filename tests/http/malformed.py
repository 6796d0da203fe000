"""A table of malformed requests: what we answer, what nginx answers, and why they differ.

malformed.py TOY_SERVER TABLE          compare both columns with what the servers say
malformed.py TOY_SERVER TABLE --write  fill in the column of nginx anew

Each request is sent with a good one behind it: a row's answer is all the statuses that come back, so
"400" says that the connection was closed and nothing behind it was read, "200,200" that both were answered,
"-" that it was closed without a word. nginx is asked only where it is installed.
"""
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

PROBE = b"GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    client_header_buffer_size 1k; large_client_header_buffers 2 2k; client_max_body_size 10000;
    server {{ listen 127.0.0.1:{port}; location / {{ return 200 "here"; }} }}
}}
"""


def unescape(text):
    """\\r \\n \\t \\\\ \\xHH, and \\*N*x* for N times x."""
    text = re.sub(r"\\\*(\d+)\*([^*]*)\*", lambda m: m[2] * int(m[1]), text)
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def ask(port, request):
    # nginx lingers 5 s before it closes on what it has not read: a little patience is not enough.
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        answer = b""
        try:
            client.sendall(request + PROBE)
            client.shutdown(socket.SHUT_WR)
            while piece := client.recv(65536):
                answer += piece
        except ConnectionError:
            pass
    codes = [code.decode() for code in re.findall(rb"HTTP/1\.1 (\d\d\d) ", answer)]
    return ",".join(code for code in codes if code != "100") or ("-" if not answer else "?")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"nothing listens on port {port}")


def start_nginx(folder):
    port = free_port()
    conf = pathlib.Path(folder, "nginx.conf")
    conf.write_text(NGINX.format(folder=folder, port=port))
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    process = subprocess.Popen([program, "-c", conf], stderr=subprocess.DEVNULL)
    wait_for(port)
    return process, port


def read_table(path):
    return [line.split("\t") for line in path.read_text().splitlines() if line]


def ask_all(rows, port):
    return {row[0]: ask(port, unescape(row[1])) for row in rows}


def check(rows, ours, nginx):
    wrong = []
    for name, _, our_code, nginx_code, why in rows:
        if ours[name] != our_code:
            wrong.append(f"{name}: we answer {ours[name]}, the table has {our_code}")
        if nginx and nginx[name] != nginx_code:
            wrong.append(f"{name}: nginx answers {nginx[name]}, the table has {nginx_code}")
        if (our_code != nginx_code) != bool(why):
            wrong.append(f"{name}: a difference needs its reason, an agreement none")
    return wrong


def main():
    toy, table = sys.argv[1], pathlib.Path(sys.argv[2])
    head, *rows = read_table(table)
    server = subprocess.Popen([toy], stdout=subprocess.PIPE, text=True)
    try:
        ours = ask_all(rows, int(server.stdout.readline()))
    finally:
        server.terminate()
        server.wait()
    nginx = None
    if shutil.which("nginx") or pathlib.Path("/usr/sbin/nginx").exists():
        with tempfile.TemporaryDirectory() as folder:
            process, port = start_nginx(folder)
            try:
                nginx = ask_all(rows, port)
            finally:
                process.terminate()
                process.wait()
    if nginx and "--write" in sys.argv:
        for row in rows:
            row[3] = nginx[row[0]]
        table.write_text("".join("\t".join(row) + "\n" for row in [head, *rows]))
    wrong = check(rows, ours, nginx)
    print(f"{len(rows)} requests, {'nginx asked too' if nginx else 'nginx is not installed'}")
    sys.exit("\n".join(wrong) or 0)


main()
