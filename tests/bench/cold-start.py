"""Measures cold starts and memory; called by cold-start.sh.

usage: cold-start.py BARE [INVITE]

A start is timed from just before the process is made until the first 200 of /readyz has been read. Both binaries
choose a free port and write it to a file, so both pay for that alike. Needs Python 3.9 or newer and /proc.
"""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

STARTS = 20
ISSUES = 1000
PATIENCE = 30.0
# Shorter than anything measured here; without it the asking would take a core from the one asked.
PAUSE = 0.0002


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="invite-bench-") as folder:
        folder = pathlib.Path(folder)
        bare = Bare(arguments[0], folder)
        bare_start, bare_memory = bare.median_start(), bare.memory()
        report("bare actix-web", bare_start, bare_memory, f"{ISSUES} requests")
        if len(arguments) == 2:
            invite = Invite(arguments[1], folder)
            invite_start, invite_memory = invite.median_start(), invite.memory()
            report("invite serve", invite_start, invite_memory, f"{ISSUES} issues")
            print(f"difference of the medians: {(invite_start - bare_start) * 1000:.1f} ms (aim: within 60)")
            print(f"memory of invite: {invite_memory:.1f} MiB (aim: under 40)")


def report(name, start, memory, after):
    print(f"{name}: median of {STARTS} cold starts {start * 1000:.1f} ms; {memory:.1f} MiB resident after {after}")


class Binary:
    """A program that writes the address it listens on to `self.port_file`."""

    def __init__(self, program, folder):
        self.program = os.path.abspath(program)
        self.folder = folder
        self.port_file = folder / (type(self).__name__ + ".port")

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {name: value for name, value in os.environ.items() if not name.startswith("INVITE_")}

    @contextlib.contextmanager
    def running(self):
        """Starts it; gives process, port and the seconds it took to be ready; ends it."""
        self.port_file.unlink(missing_ok=True)
        with open(self.folder / "output", "w+b") as output:
            began = time.perf_counter()
            process = subprocess.Popen(
                self.command(),
                env=self.environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            try:
                port = self.wait_until_ready(process, began, output)
                yield process, port, time.perf_counter() - began
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(timeout=PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def wait_until_ready(self, process, began, output):
        while True:
            port = self.read_port()
            if port is not None and answers_200(port):
                return port
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                output.seek(0)
                sys.exit(f"{self.program} did not become ready:\n{output.read().decode(errors='replace')}")
            time.sleep(PAUSE)

    def read_port(self):
        # A file without its line end may be half written; a wrong port would merely not answer.
        try:
            return int(self.port_file.read_text().strip().rsplit(":", 1)[-1])
        except (FileNotFoundError, ValueError):
            return None

    def median_start(self):
        times = []
        # The first one brings the files into memory and does not count.
        for number in range(STARTS + 1):
            with self.running() as (_, _, seconds):
                if number > 0:
                    times.append(seconds)
        return statistics.median(times)

    def memory(self):
        with self.running() as (process, port, _):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            for number in range(ISSUES):
                self.exercise(connection, number)
            connection.close()
            return resident_mebibytes(process.pid)

    def exercise(self, connection, number):
        raise NotImplementedError


class Bare(Binary):
    def command(self):
        return [self.program, str(self.port_file)]

    def exercise(self, connection, number):
        connection.request("GET", "/readyz")
        expect(connection.getresponse(), 200)


class Invite(Binary):
    def __init__(self, program, folder):
        super().__init__(program, folder)
        self.run("keys", "new")
        self.run("migrate")
        printed = self.run("setup", "--organization", "Bench", "--owner-email", "owner@example.org", "--json")
        self.headers = {
            "Authorization": "Bearer " + json.loads(printed)["api_key"],
            "Content-Type": "application/json",
        }

    def command(self):
        return [self.program, "serve", "--port-file", str(self.port_file)]

    def environment(self):
        return super().environment() | {
            "INVITE_DATABASE_URL": f"sqlite://{self.folder}/invite.db",
            "INVITE_KEYRING_FILE": f"{self.folder}/keyring",
            "INVITE_LISTEN": "127.0.0.1:0",
            # The base of links only: nothing here follows one.
            "INVITE_PUBLIC_URL": "http://127.0.0.1:8080",
        }

    def run(self, *arguments):
        done = subprocess.run(
            [self.program, *arguments],
            env=self.environment(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            # Only the command: what `setup` printed holds keys.
            sys.exit(f"invite {arguments[0]} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def exercise(self, connection, number):
        body = json.dumps({"recipient": {"email": f"person-{number}@example.org"}})
        connection.request("POST", "/v1/invitations", body, self.headers)
        expect(connection.getresponse(), 201)


def answers_200(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return connection.makefile("rb").readline().startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


def expect(response, status):
    body = response.read()
    if response.status != status:
        sys.exit(f"expected {status}, got {response.status}: {body.decode(errors='replace')}")


def resident_mebibytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    sys.exit("this system does not tell VmRSS")


if __name__ == "__main__":
    main(sys.argv[1:])
