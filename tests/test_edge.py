"""At the edge: headers that strangers write, lengths that disagree, clients that leave, and the word to stop."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlparse

import pytest
from werkzeug.test import Client

from icsgraph.graph.rdf import Quad, iri, text
from icsgraph.web.edge import Edge
from tests.service import serving

X = "http://example.org/"
QUADS = [Quad(iri(f"{X}s{n}"), iri(X + "p"), text("x" * 100), iri(X + "g")) for n in range(60)]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("edge") / "a.nt"
    made.write_text("".join(f'<{X}s{n}> <{X}p> "{n}" .\n' for n in range(60)), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def address(file: Path) -> Iterator[tuple[str, int]]:
    with serving("--dataset", file, "--timeout", "3", "--proxies", "1") as at:
        host, _, port = urlparse(at).netloc.partition(":")
        yield host, int(port)


def said(address: tuple[str, int], *parts: bytes, pause: float = 0.0) -> bytes:
    """All that comes back on one connection until it is closed, or until it is quiet for two seconds."""
    with socket.create_connection(address, timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        connection.settimeout(2)
        content = b""
        try:
            while part := connection.recv(65_536):
                content += part
        except TimeoutError:
            content += b"<KEPT>"
        except ConnectionResetError:
            pass
    return content


HEAD = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
CHUNKED = b"6\r\nASK {}\r\n0\r\n\r\n"
NEXT = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


def test_a_body_of_one_length_keeps_its_connection(address: tuple[str, int]) -> None:
    kept = said(address, HEAD + b"Content-Length: 6\r\n\r\nASK {}")
    assert kept.startswith(b"HTTP/1.1 200")
    assert kept.endswith(b"<KEPT>")
    assert said(address, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKED).endswith(b"<KEPT>")


@pytest.mark.parametrize(
    "request_",
    [
        HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED,
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n" + CHUNKED,
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n" + CHUNKED,
        HEAD.replace(b"1.1", b"1.0")
        + b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\nASK {}",
        HEAD + b"Content-Length: 6\r\nContent-Length: 7\r\n\r\nASK {}",
        HEAD + b"Content-Length: 6, 6\r\n\r\nASK {}",
        HEAD + b"Content-Length: +6\r\n\r\nASK {}",
        HEAD + b"Content-Length: 6_0\r\n\r\nASK {}",
        HEAD + b"Content-Length : 6\r\n\r\nASK {}",
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKED,
        HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKED,
        HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + CHUNKED,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nASK {}\r\n0\r\n\r\n",
    ],
)
def test_lengths_that_disagree_close_the_connection(address: tuple[str, int], request_: bytes) -> None:
    """What stands behind such a request may be half of its body, and is not answered as another one."""
    content = said(address, request_ + NEXT)
    assert content.startswith((b"HTTP/1.1 ", b"HTTP/1.0 "))
    assert not content.endswith(b"<KEPT>"), content
    assert content.count(b"HTTP/1.") == 1
    assert b'"status":"ok"' not in content.replace(b" ", b"")


def fetched(address: tuple[str, int], **headers: str) -> tuple[int, str]:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    host = "" if "Host" in headers else "Host: example.org\r\n"
    content = said(
        address,
        f"GET /sparql HTTP/1.1\r\n{host}Accept: text/turtle\r\nConnection: close\r\n{lines}\r\n".encode("latin-1"),
    )
    return int(content.split()[1]), content.decode("utf-8", "replace")


def test_a_sound_proxy_is_believed(address: tuple[str, int]) -> None:
    status, body = fetched(
        address,
        X_Forwarded_Host="a.example",
        X_Forwarded_Proto="https",
        X_Forwarded_Prefix="/pre",
        X_Forwarded_For="192.0.2.1",
    )
    assert (status, "<https://a.example/pre/sparql>" in body) == (200, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X_Forwarded_Prefix", "pre<b>"),
        ("X_Forwarded_Prefix", "/pre<b>"),
        ("X_Forwarded_Prefix", "//evil.example"),
        ("X_Forwarded_Prefix", '/"onload='),
        ("X_Forwarded_Prefix", "/a b"),
        ("X_Forwarded_Prefix", "/a\\b"),
        ("X_Forwarded_Prefix", "javascript:alert(1)"),
        ("X_Forwarded_Host", "a<b>"),
        ("X_Forwarded_Host", "a b"),
        ("X_Forwarded_Host", "user@a.example"),
        ("X_Forwarded_Host", "a.example/evil"),
        ("X_Forwarded_Host", "a.example:x"),
        ("X_Forwarded_Proto", "javascript"),
        ("X_Forwarded_Proto", "http<"),
        ("X_Forwarded_Port", "80<"),
        ("X_Forwarded_Port", "99999"),
        ("X_Forwarded_Port", "-1"),
        ("X_Forwarded_For", "<b>"),
        ("X_Forwarded_For", "1.2.3.4.5"),
        ("X_Forwarded_Host", "good.example, bad<b>"),
        ("X_Forwarded_Host", ""),
    ],
)
def test_an_unsound_proxy_is_not(address: tuple[str, int], name: str, value: str) -> None:
    status, body = fetched(address, **{name: value})
    assert (status, "<http://example.org/sparql>" in body) == (200, True), body[:500]
    assert "<b>" not in body


@pytest.mark.parametrize("host", ["a<b>", "a b", "a/b", "x@y", "", "[::1", "a:port", "a" * 300, "ä.example"])
def test_a_host_that_is_none_is_refused(address: tuple[str, int], host: str) -> None:
    status, body = fetched(address, Host=host)
    assert status in ((400, 200) if not host else (400,))
    assert "<b>" not in body


class Beyond:
    """An application that tells what it was given."""

    def __init__(self) -> None:
        self.seen: dict[str, object] = {}

    def __call__(self, environ: dict[str, object], start_response: object) -> list[bytes]:
        """Answer nothing."""
        self.seen = environ
        start_response("200 OK", [("Content-Length", "0")])  # type: ignore[operator]
        return [b""]


def test_who_is_no_proxy_is_not_believed_at_all() -> None:
    beyond = Beyond()
    Client(Edge(beyond, 0, threading.Event())).get(
        "/", headers={"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Host": "evil.example"}
    )
    assert beyond.seen.get("REMOTE_ADDR") != "192.0.2.9"
    assert beyond.seen["HTTP_HOST"] == "localhost"


def test_a_service_that_stops_answers_what_it_began_and_refuses_the_rest(file: Path) -> None:
    endless = " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(6))
    command = [sys.executable, "-m", "icsgraph", "serve", "--port", "0", "--dataset", str(file), "--timeout", "3"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        at = re.search(r"http://([\d.]+):(\d+)", process.stderr.readline())
        assert at
        address = (at[1], int(at[2]))
        told: list[bytes] = []
        path = quote(f"SELECT (COUNT(*) AS ?n) {{ {endless} }}")
        request = f"GET /sparql?query={path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()

        def ask() -> None:
            with socket.create_connection(address, timeout=30) as connection:
                connection.sendall(request)
                content = b""
                while part := connection.recv(65_536):
                    content += part
            told.append(content)

        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(0.7)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        late = said(address, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        thread.join()
        rest = process.stderr.read()
    assert process.returncode == 0
    assert late.startswith(b"HTTP/1.1 503")
    assert b"Retry-After: 5" in late
    assert b"longer than 3 seconds" in told[0]
    assert "Traceback" not in rest


def test_clients_that_leave_leave_no_trace(file: Path) -> None:
    command = [sys.executable, "-m", "icsgraph", "serve", "--port", "0", "--dataset", str(file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        at = re.search(r"http://([\d.]+):(\d+)", process.stderr.readline())
        assert at
        address = (at[1], int(at[2]))
        query = quote("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } LIMIT 60000")
        for request in (
            f"GET /sparql?query={query} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
            b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nhalf",
            b"GET / HTTP/1.1\r\nHo",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        ):
            for wait in (0.0, 0.3):
                with socket.create_connection(address, timeout=10) as connection:
                    # Closed with a reset, as by a client that was killed.
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    connection.sendall(request)
                    time.sleep(wait)
        assert said(address, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(
            b"HTTP/1.1 200"
        )
        process.terminate()
        rest = process.stderr.read()
    assert (process.returncode, rest) == (0, "")
