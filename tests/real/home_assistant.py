"""Home Assistant itself, in a process of its own, spoken to as its own pages speak to it."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import sottovoce

PROGRAM = Path(sottovoce.__file__).parents[2] / ".venv-homeassistant" / "bin" / "hass"
START_SECONDS = 120
PATIENCE_SECONDS = 20
NOT_FOUND = 404
_LOOK = threading.Event()  # never set: what is waited on between two looks
_LOOK_SECONDS = 0.1


class HomeAssistant:
    """One installation in a folder: a user made and MQTT set up as a person would. A context."""

    def __init__(self, folder, mqtt_port):
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        self._mqtt_port = mqtt_port
        self._token = None
        self._process = None
        folder.mkdir()
        port = self._url.rpartition(":")[2]
        (folder / "configuration.yaml").write_text(
            f"http:\n  server_host: 127.0.0.1\n  server_port: {port}\n"
        )

    def __enter__(self):
        self.start()
        try:
            self._settle_in()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def log(self):
        """What it complains of."""
        return (self._folder / "home-assistant.log").read_text(errors="replace")

    def start(self):
        """Start it, and wait until it answers, and has everything set up once there is a user."""
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [PROGRAM, "--config", self._folder, "--skip-pip"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "HOME": str(self._folder)},
                start_new_session=True,
            )
        if self._token is None:
            self.wait("it to start", lambda: self._call("/api/onboarding"), START_SECONDS)
        else:
            self.wait("it to start", lambda: self._call("/api/config")["state"] == "RUNNING", START_SECONDS)

    def stop(self):
        """End it, and wait until it has."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def state(self, entity):
        """Say how an entity is: its state and attributes; None when there is none."""
        try:
            return self._call(f"/api/states/{entity}")
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != NOT_FOUND:
                raise
            return None

    def entities(self, of):
        """Give the states of the entities whose id has `of` in it."""
        return {state["entity_id"]: state for state in self._call("/api/states") if of in state["entity_id"]}

    def render(self, template):
        """Have it work a template out."""
        return self._call("/api/template", {"template": template})

    def do(self, service, **data):
        """Call a service, such as "switch.turn_on"."""
        self._call(f"/api/services/{service.replace('.', '/')}", data)

    def expect(self, entity, state, **attributes):
        """Wait until an entity is so; how it is then."""

        def is_so():
            now = self.state(entity)
            fits = now is not None and now["state"] == state
            return now if fits and attributes.items() <= now["attributes"].items() else None

        return self.wait(f"{entity} to be {state}; it is {self.state(entity)}", is_so)

    def wait(self, what, look, seconds=PATIENCE_SECONDS):
        """Look until something is so; what was seen then."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self._process.poll() is None, "Home Assistant has ended"
            try:
                if seen := look():
                    return seen
            except (urllib.error.URLError, ConnectionError) as error:
                if isinstance(error, urllib.error.HTTPError):
                    error.close()
            _LOOK.wait(_LOOK_SECONDS)
        raise AssertionError(f"waited {seconds} s for {what}")

    def _settle_in(self):
        """Make a user, and set MQTT up, by the steps its pages take."""
        client = f"{self._url}/"
        person = {"name": "Owner", "username": "owner", "password": "not a secret", "language": "en"}
        code = self._call("/api/onboarding/users", {"client_id": client, **person})["auth_code"]
        grant = {"grant_type": "authorization_code", "code": code, "client_id": client}
        self._token = self._call("/auth/token", grant, form=True)["access_token"]
        flow = "/api/config/config_entries/flow"
        step = self._call(flow, {"handler": "mqtt"})
        done = self._call(f"{flow}/{step['flow_id']}", {"broker": "127.0.0.1", "port": self._mqtt_port})
        assert done["type"] == "create_entry", done

    def _call(self, path, data=None, *, form=False):
        request = urllib.request.Request(self._url + path)
        if data is not None:
            request.data = (urllib.parse.urlencode(data) if form else json.dumps(data)).encode()
            request.add_header("Content-Type", f"application/{'x-www-form-urlencoded' if form else 'json'}")
        if self._token is not None:
            request.add_header("Authorization", f"Bearer {self._token}")
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            text = answer.read().decode()
            return json.loads(text) if answer.headers.get_content_type() == "application/json" else text
