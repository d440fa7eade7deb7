"""Real servers for tests: each on a free loopback port, in its own directory, ended with its test."""

import asyncio
import contextlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

START_S = 30.0


def need(program: str, package: str) -> str:
    """The program's path. A missing server is a failure, never a skip."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise AssertionError(
            f"{program} is not there: install Debian's package {package}, or run `make test`"
        )
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A process that can be started, killed and started again on the same port and directory."""

    def __init__(self, command: list[str], log: Path, port: int) -> None:
        self.command, self.log, self.port = command, log, port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        until = time.monotonic() + START_S
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                text = self.log.read_text(errors="replace")[-2000:]
                self.stop()
                raise AssertionError(f"{self.command[0]} did not start:\n{text}")
            time.sleep(0.02)

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
            return True
        return False

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def pause(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(how)
        process.send_signal(signal.SIGCONT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


class Mosquitto(Server):
    """Mosquitto; `lines` are added to its configuration."""

    def __init__(self, folder: Path, lines: str = "") -> None:
        port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.config = folder / "mosquitto.conf"
        base = f"listener {port} 127.0.0.1\nmax_queued_messages 100000\npersistence false\nlog_type all\n"
        access = "" if "allow_anonymous" in lines else "allow_anonymous true\n"
        # Started by root it would change to a user that cannot read the test's directory.
        self.config.write_text(f"user root\n{base}{access}{lines}\n")
        program = need("mosquitto", "mosquitto")
        super().__init__([program, "-c", str(self.config)], folder / "mosquitto.log", port)

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"


class HttpServer(Server):
    """A server that is up when it answers a GET of its `ping` path."""

    ping = "/ping"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + self.ping, timeout=1) as reply:
                return bool(reply.status < 300)
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        return False


class Influxd(HttpServer):
    """InfluxDB 1.x; `http` lines are added to its [http] section."""

    def __init__(self, folder: Path, http: str = "") -> None:
        port = free_port()
        self.rpc = f"127.0.0.1:{free_port()}"
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "influxdb.conf"
        config.write_text(
            f"""reporting-disabled = true
bind-address = "{self.rpc}"
[meta]
dir = "{folder}/meta"
logging-enabled = false
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
log-enabled = false
{http}
"""
        )
        program = need("influxd", "influxdb")
        super().__init__([program, "run", "-config", str(config)], folder / "influxd.log", port)

    def query(self, text: str, **more: str) -> str:
        """The answer to an InfluxQL query, as CSV."""
        asked = urllib.parse.urlencode({"epoch": "ns", **more})
        body = urllib.parse.urlencode({"q": text}).encode()
        request = urllib.request.Request(f"{self.url}/query?{asked}", body, {"Accept": "application/csv"})
        with urllib.request.urlopen(request, timeout=30) as reply:
            return str(reply.read().decode())

    def count(self, measurement: str, field: str, **more: str) -> int:
        answer = self.query(f'SELECT count("{field}") FROM "{measurement}"', db="town", **more)
        return int(answer.strip().splitlines()[-1].split(",")[-1]) if answer.strip() else 0


class VictoriaMetrics(HttpServer):
    """VictoriaMetrics: takes line protocol on both write paths, and never complains."""

    ping = "/health"

    def __init__(self, folder: Path) -> None:
        port = free_port()
        program = need("victoria-metrics", "victoria-metrics")
        command = [
            program,
            f"-httpListenAddr=127.0.0.1:{port}",
            f"-storageDataPath={folder}/data",
            "-memory.allowedBytes=100000000",
            "-retentionPeriod=100y",
        ]
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(command, folder / "victoria.log", port)


@contextlib.contextmanager
def running(server: Server) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        server.stop()


class Subscriber:
    """mosquitto_sub: an independent client; gives `topic payload` lines as they come."""

    def __init__(self, port: int, topic: str, *options: str) -> None:
        program = need("mosquitto_sub", "mosquitto-clients")
        # Into a pipe its lines would come only when many are together.
        stdbuf = need("stdbuf", "coreutils")
        self._command = [
            stdbuf,
            "-oL",
            program,
            "-V",
            "mqttv5",
            "-p",
            str(port),
            "-t",
            topic,
            "-q",
            "1",
            *options,
        ]
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> "Subscriber":
        # `-d` tells when the subscription holds, so that no message is missed and no sleep is needed.
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            "-d",
            "-F",
            "MESSAGE %r %t %p",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=2**24,
        )
        await self._line("Subscribed")
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._process is not None
        # Its handler of SIGTERM takes a lock that the interrupted code may hold: now and then it never ends.
        self._process.kill()
        await self._process.communicate()

    async def next(self, timeout_s: float = 20) -> tuple[bool, str, str]:
        """Retained, topic and payload of the next message."""
        async with asyncio.timeout(timeout_s):
            line = await self._line("MESSAGE ")
        retained, topic, payload = f"{line} ".split(" ", 3)[1:]
        return retained == "1", topic, payload.rstrip()

    async def _line(self, start: str) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        while line := (await self._process.stdout.readline()).decode():
            if line.startswith(start):
                return line.rstrip("\n")
        raise AssertionError(f"mosquitto_sub ended before it said {start!r}")


def certificate(folder: Path, name: str = "server") -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that is its own authority, and its key."""
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    subject = ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command = [need("openssl", "openssl"), "req", "-x509", *made, "-keyout", str(key), "-out", str(cert)]
    subprocess.run([*command, *subject], check=True, capture_output=True)
    return cert, key
