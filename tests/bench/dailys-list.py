"""Measures the Dailys list; called by dailys-list.sh.

usage: dailys-list.py INVITE HELPER NUMBER

A time is that of one request over a connection that stays open, from sending it until its body has been read: median of
20 after two that do not count. Another organisation has a fifth as many invites in the same tables. Needs Python 3.9 or
newer.
"""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

REQUESTS = 20
AIM = 100.0
PATIENCE = 30.0
# What is asked over HTTP, and whose SELECT it is beside.
LISTS = [
    ("page 1", "page=1", "number"),
    ("page 500", "page=500", "number"),
    ("search by role name", "query=guest", "search"),
] + [
    (f"{key} {way}, {where}", f"sortKey={key}&sortAsc={ascending}&page={page}", f"{key} {way}")
    for key in ("email", "expires_at", "default_rate")
    for way, ascending in (("up", 1), ("down", 0))
    for where, page in (("page 1", 1), ("page 500", 500))
]


def main(arguments):
    if len(arguments) != 3:
        sys.exit(__doc__)
    invite, helper = (os.path.abspath(program) for program in arguments[:2])
    count = int(arguments[2])
    with tempfile.TemporaryDirectory(prefix="invite-bench-") as folder:
        installation = Installation(invite, helper, pathlib.Path(folder))
        with installation.running() as connection:
            other = installation.other_organization(connection)
        began = time.perf_counter()
        installation.help("seed", other, str(count // 5))
        installation.help("seed", installation.key, str(count))
        print(f"{count} invites, {count // 5} of another organisation, made in {time.perf_counter() - began:.0f} s")
        with installation.running() as connection:
            measured = [(name, measure(connection, installation.key, query, count)) for name, query, _ in LISTS]
        costs = json.loads(installation.help("cost", installation.key))
        report(dict(measured), costs)


def report(measured, costs):
    print(f"{'':32}{'list':>12}{'SELECT without paging':>26}   aim: {AIM:.0f} ms, search exempt")
    for name, _, select in LISTS:
        cost = costs[select]
        print(f"{name:32}{measured[name]:9.1f} ms{cost['unpaged_ms']:14.1f} ms for {cost['rows']:6} rows")
    for select in dict.fromkeys(select for _, _, select in LISTS):
        print(f"\n== {select}")
        for plan in costs[select]["plans"]:
            print(f"page {plan['page']}: {plan['sql']}")
            for step in plan["steps"]:
                print(f"    {step}")


def measure(connection, key, query, count):
    times = []
    for _ in range(REQUESTS + 2):
        began = time.perf_counter()
        status, body = ask(connection, "GET", f"/api/v1/invites?limit=100&{query}", key)
        times.append((time.perf_counter() - began) * 1000)
        page = json.loads(body)
        if status != 200 or ("query=" not in query and page["total"] != count):
            sys.exit(f"{query}: {status} with a total of {page.get('total')}")
    return statistics.median(times[2:])


def ask(connection, method, path, key, body=None, headers=None):
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"} | (headers or {})
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    return response.status, response.read()


class Installation:
    """A service with a database of its own."""

    def __init__(self, invite, helper, folder):
        self.invite, self.helper, self.folder = invite, helper, folder
        self.run("keys", "new")
        self.run("migrate")
        printed = self.run("setup", "--organization", "Bench", "--owner-email", "owner@example.org", "--json")
        setup = json.loads(printed)
        self.key, self.operator = setup["api_key"], setup["operator_key"]

    def environment(self):
        own = {name: value for name, value in os.environ.items() if not name.startswith("INVITE_")}
        return own | {
            "INVITE_DATABASE_URL": f"sqlite://{self.folder}/invite.db",
            "INVITE_KEYRING_FILE": f"{self.folder}/keyring",
            "INVITE_LISTEN": "127.0.0.1:0",
            # The base of links only: nothing here follows one.
            "INVITE_PUBLIC_URL": "http://127.0.0.1:8080",
        }

    def run(self, *arguments):
        return self.finished([self.invite, *arguments], arguments[0], None)

    def help(self, what, key, *arguments):
        command = [self.helper, what, f"sqlite://{self.folder}/invite.db", f"{self.folder}/keyring", *arguments]
        return self.finished(command, what, key + "\n")

    def finished(self, command, what, text):
        done = subprocess.run(
            command, env=self.environment(), cwd=self.folder, input=text or "", capture_output=True, text=True
        )
        if done.returncode != 0:
            # Only the command: what `setup` printed holds keys.
            sys.exit(f"{what} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def other_organization(self, connection):
        body = {"name": "Other", "owner_email": "other@example.org"}
        status, answer = ask(connection, "POST", "/v1/organizations", self.operator, body)
        if status != 201:
            sys.exit(f"no other organisation: {status}")
        return json.loads(answer)["api_key"]

    @contextlib.contextmanager
    def running(self):
        """Starts the service; gives a connection to it; ends it."""
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        with open(self.folder / "output", "w+b") as output:
            process = subprocess.Popen(
                [self.invite, "serve", "--port-file", str(port_file)],
                env=self.environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port(process, port_file), timeout=PATIENCE)
                yield connection
                connection.close()
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(timeout=PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def port(self, process, port_file):
        until = time.perf_counter() + PATIENCE
        while time.perf_counter() < until and process.poll() is None:
            # A file without its line end may be half written; a wrong port would merely not answer.
            with contextlib.suppress(FileNotFoundError, ValueError, OSError):
                port = int(port_file.read_text().strip().rsplit(":", 1)[-1])
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    connection.close()
                    return port
            time.sleep(0.01)
        sys.exit(f"the service did not become ready:\n{(self.folder / 'output').read_text(errors='replace')}")


if __name__ == "__main__":
    main(sys.argv[1:])
