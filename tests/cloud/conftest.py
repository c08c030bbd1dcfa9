"""Servers for bad days: each does to a connection what a test tells it to, over real sockets."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest
import trustme


class Connection:
    """One client, as a server's script sees it."""

    def __init__(self, sock: socket.socket, ended: threading.Event) -> None:
        self._sock = sock
        self._ended = ended

    def say(self, data: bytes) -> None:
        self._sock.sendall(data)

    def answer(self, status: str, body: bytes = b"", **fields: str) -> None:
        """A whole answer; in a field's name, `_` stands for `-`."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        self.say("\r\n".join([*lines, "", ""]).encode() + body)

    def drip(self, data: bytes) -> None:
        """A byte, and then another, as long as anybody listens: data without end."""
        while not self._ended.wait(0.02):
            for byte in data:
                self._sock.sendall(bytes([byte]))
                if self._ended.wait(0.02):
                    return

    def hang(self) -> None:
        """Say nothing until the client has enough."""
        while self._sock.recv(65536):
            pass

    def reset(self) -> None:
        """Break the connection off as a dying router does."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._sock.close()


Script = Callable[[Connection], None]


class Server:
    """Listens on this machine, hears requests, and follows its script with each."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.heard: list[bytes] = []
        self._script = script
        self._tls = tls
        self._ended = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        for each in self._threads:
            each.join(10)
        self._socket.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._serve, args=(sock,)))
            self._threads[-1].start()

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(10)
        try:
            sock = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
        except OSError:  # the client does not trust us
            plain.close()
            return
        with sock, contextlib.suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request and not request.startswith(b"\x16"):  # a greeting in TLS
                chunk = sock.recv(65536)
                if not chunk:
                    return
                request += chunk
            self.heard.append(request)
            self._script(Connection(sock, self._ended))


Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers, and ends them with the test."""
    with contextlib.ExitStack() as servers:

        def start(script: Script, tls: ssl.SSLContext | None = None) -> Server:
            server = Server(script, tls)
            servers.callback(server.close)
            return server

        yield start


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_PROXY".upper(), raising=False)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority for the tests."""
    return trustme.CA()


@pytest.fixture(scope="session")
def trust(authority: trustme.CA) -> ssl.SSLContext:
    """A client's trust in that authority, and in no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    return context
