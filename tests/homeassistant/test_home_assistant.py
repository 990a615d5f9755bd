"""The device in Home Assistant itself: real ear, courier, broker and Home Assistant, a simulated switch.

One installation serves all tests, in their order; each leaves the device unmuted and connected.
"""

import pytest
import soundfile

from real.home_assistant import HomeAssistant
from real.owner import sottovoce
from real.subscriber import Subscriber
from sottovoce.demo.scene import Scene, processes_of

pytestmark = pytest.mark.homeassistant

SENTENCE = "computer, turn on the kitchen light"
SETTINGS = """
[home_assistant]
suggested_area = "Bedroom"
[wake]
words = ["computer", "jarvis"]
"""
D = "sottovoce_demo"
CONFIG = f"homeassistant/device/{D}/config"
EXPECTED = {
    f"sensor.{D}_state": ("State", "enum", "idle"),
    f"binary_sensor.{D}_muted_by_switch": ("Muted by switch", None, "off"),
    f"binary_sensor.{D}_microphone_open": ("Microphone open", None, None),
    f"switch.{D}_soft_mute": ("Soft mute", None, "off"),
    f"event.{D}_activity": ("Activity", None, None),
    f"event.{D}_command": ("Command", None, "unknown"),
    f"notify.{D}_say": ("Say", None, "unknown"),
    f"sensor.{D}_snippets_waiting": ("Snippets waiting", None, "0"),
    f"sensor.{D}_last_sent": ("Last sent", "timestamp", "unknown"),
    f"sensor.{D}_sent_today": ("Sent today", None, "0"),
    f"number.{D}_sensitivity": ("Sensitivity", None, "0.8"),
    f"select.{D}_wake_word": ("Wake word", None, "any"),
    f"button.{D}_delete_kept_snippets": ("Delete kept snippets", None, "unknown"),
    f"button.{D}_chime": ("Chime", "identify", "unknown"),
    f"update.{D}_firmware": ("Firmware", "firmware", "off"),
}
"""Entity to name, class, and its state on an idle device; None for a state that another test looks at."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """The pair, a broker, a microphone to speak into."""
    folder = tmp_path_factory.mktemp("scene")
    with Scene(folder, lambda _: None, SETTINGS) as made:
        yield made
    assert processes_of(folder) == []


@pytest.fixture(scope="module")
def home(scene, tmp_path_factory):
    """Home Assistant, connected to the same broker; at the end its log tells of nothing wrong with us."""
    with HomeAssistant(tmp_path_factory.mktemp("home") / "config", scene.broker.port) as made:
        made.expect(f"sensor.{D}_state", "idle")
        yield made
    complaints = [line for line in made.log.splitlines() if "mqtt" in line.lower() or "sottovoce" in line]
    allowed = ("Failed to connect", "Disconnected", "Connection refused", "connection was lost")
    assert [line for line in complaints if not any(word in line for word in allowed)] == []


def test_it_shows_up_by_itself(scene, home):
    """Every entity, with its name, class and state, on one device in the room it was configured for."""
    found = home.entities(D)
    assert found.keys() == EXPECTED.keys()
    for entity, (name, device_class, state) in EXPECTED.items():
        attributes = found[entity]["attributes"]
        assert attributes["friendly_name"] == f"Sottovoce demo {name}"
        assert attributes.get("device_class") == device_class, entity
        assert state in {None, found[entity]["state"]}, entity
    device = f"device_id('sensor.{D}_state')"
    assert home.render(f"{{{{ device_entities({device}) | length }}}}") == str(len(EXPECTED))
    for fact, value in (("manufacturer", "Sottovoce"), ("name", "Sottovoce demo"), ("sw_version", "0.1.0")):
        assert home.render(f"{{{{ device_attr({device}, '{fact}') }}}}") == value
    assert home.render(f"{{{{ area_name({device}) }}}}") == "Bedroom"
    assert found[f"update.{D}_firmware"]["attributes"]["installed_version"] == "0.1.0"


def test_a_flip_of_the_switch_shows_and_cannot_be_undone_there(scene, home):
    """Muted by the switch, the microphone is closed, and nothing in Home Assistant opens it."""
    home.expect(f"binary_sensor.{D}_microphone_open", "on")
    scene.flip(muted=True)
    home.expect(f"binary_sensor.{D}_muted_by_switch", "on")
    home.expect(f"binary_sensor.{D}_microphone_open", "off")
    home.expect(f"sensor.{D}_state", "muted")
    mark = scene.trace.count
    home.do("mqtt.publish", topic="sottovoce/demo/mute/hardware/set", payload="OFF")
    home.do("switch.turn_off", entity_id=f"switch.{D}_soft_mute")
    scene.expect("asked", mark, soft_mute=False, obeyed=False)
    home.do("switch.turn_on", entity_id=f"switch.{D}_soft_mute")
    home.expect(f"switch.{D}_soft_mute", "on")
    home.expect(f"binary_sensor.{D}_muted_by_switch", "on")
    home.expect(f"sensor.{D}_state", "muted")
    scene.owner("unmute")
    home.expect(f"switch.{D}_soft_mute", "off")
    home.expect(f"sensor.{D}_state", "muted")
    scene.flip(muted=False)
    home.expect(f"binary_sensor.{D}_muted_by_switch", "off")
    home.expect(f"sensor.{D}_state", "idle")


def test_its_soft_mute_mutes_and_its_end_is_the_owners(scene, home):
    """Turned on there, it is deaf; turned off there, it stays so and shows it, until its owner says."""
    home.do("switch.turn_on", entity_id=f"switch.{D}_soft_mute")
    home.expect(f"switch.{D}_soft_mute", "on")
    home.expect(f"sensor.{D}_state", "muted")
    mark = scene.trace.count
    home.do("switch.turn_off", entity_id=f"switch.{D}_soft_mute")
    scene.expect("asked", mark, soft_mute=False, obeyed=False)
    assert home.state(f"switch.{D}_soft_mute")["state"] == "on"
    scene.owner("unmute")
    home.expect(f"switch.{D}_soft_mute", "off")
    home.expect(f"sensor.{D}_state", "idle")


def test_a_command_fires_its_event_under_a_grant_alone(scene, home):
    """Without a grant Home Assistant learns that there was one, with it which, and what was sent."""
    mark = scene.trace.count
    scene.speak(SENTENCE, "slt")
    scene.expect("answered", mark)
    activity = home.wait("activity", lambda: home.state(f"event.{D}_activity")["attributes"]["event_type"])
    assert activity in {"wake", "command"}
    assert home.state(f"event.{D}_command")["state"] == "unknown"
    scene.grant()
    mark = scene.trace.count
    scene.speak(SENTENCE, "slt")
    scene.expect("sent", mark)
    home.wait("a command", lambda: home.state(f"event.{D}_command")["state"] != "unknown")
    attributes = home.state(f"event.{D}_command")["attributes"]
    assert attributes["event_type"] == "HomeTurnOn"
    assert attributes["slots"] == {"name": "light", "area": "kitchen"}
    home.expect(f"sensor.{D}_sent_today", "1")
    home.wait("the time", lambda: home.state(f"sensor.{D}_last_sent")["state"].startswith("20"))
    scene.expect("answered", mark)
    grant = scene.owner("consent", "list")[0].split()[0]
    scene.owner("consent", "revoke", grant)


def test_it_says_what_it_is_told_to(scene, home):
    """A notification is said aloud, after the chime; the chime alone can be had too."""
    before = soundfile.info(scene.answers).frames if scene.answers.exists() else 0
    mark, words = scene.trace.count, scene.terminal.count
    home.do("notify.send_message", entity_id=f"notify.{D}_say", message="Lunch is ready.")
    scene.terminal.wait("the words", lambda line: line == 'answered "Lunch is ready."', words)
    scene.expect("answered", mark)
    assert soundfile.info(scene.answers).frames > before + 16_000
    words = scene.terminal.count
    home.do("button.press", entity_id=f"button.{D}_chime")
    scene.terminal.wait("the chime", lambda line: line == "answered (chime)", words)


def test_what_it_listens_for_is_changed_while_it_runs(scene, home):
    """With another word chosen the first one does not wake it; chosen again, it does. So for how easily."""
    home.do("number.set_value", entity_id=f"number.{D}_sensitivity", value=0.75)
    home.expect(f"number.{D}_sensitivity", "0.75")
    home.do("select.select_option", entity_id=f"select.{D}_wake_word", option="jarvis")
    home.expect(f"select.{D}_wake_word", "jarvis")
    mark = scene.trace.count
    assert scene.speak("computer, what time is it", "slt").wait(20)
    home.do("select.select_option", entity_id=f"select.{D}_wake_word", option="any")
    home.expect(f"select.{D}_wake_word", "any")
    scene.speak("computer, what time is it", "slt")
    scene.expect("woken", mark)
    scene.expect("answered", mark)
    assert [event["event"] for event in scene.trace.since(mark)].count("woken") == 1


def test_what_is_kept_can_be_deleted_there(scene, home):
    """The button deletes what waits for review."""
    mark = scene.trace.count
    home.do("button.press", entity_id=f"button.{D}_delete_kept_snippets")
    scene.expect("purged", mark)
    home.expect(f"sensor.{D}_snippets_waiting", "0")


def test_a_broker_that_forgot_everything_is_told_again(scene, home):
    """Stopped and started, with nothing retained: the device is there again, as it is now."""
    mark = scene.trace.count
    scene.broker.stop()
    home.expect(f"sensor.{D}_state", "unavailable")
    scene.broker.start()
    scene.expect("broker", mark, connected=True)
    home.expect(f"sensor.{D}_state", "idle")
    scene.flip(muted=True)
    home.expect(f"binary_sensor.{D}_muted_by_switch", "on")
    scene.flip(muted=False)
    home.expect(f"binary_sensor.{D}_muted_by_switch", "off")


def test_home_assistant_comes_back_to_a_broker_that_knows_nothing_of_us(scene, home):
    """Its birth alone is enough: it is told of the device, and how it is."""
    home.stop()
    with Subscriber(scene.broker.port) as somebody:
        somebody.flush()
        known = {arrival.topic for arrival in somebody.arrivals if arrival.retained}
        assert CONFIG in known
        for topic in known:
            somebody.publish(topic, "", retain=True)
    home.start()
    home.expect(f"sensor.{D}_state", "idle")
    home.expect(f"switch.{D}_soft_mute", "off")
    assert home.entities(D).keys() == EXPECTED.keys()


def test_the_device_goes_and_comes_back_and_the_owner_may_let_it_be_unmuted(scene, home):
    """Stopped it is unavailable, started it is there; with [mute] remote_unmute its soft mute ends there."""
    home.do("switch.turn_on", entity_id=f"switch.{D}_soft_mute")
    home.expect(f"switch.{D}_soft_mute", "on")
    scene.pair.stop()
    home.expect(f"sensor.{D}_state", "unavailable")
    scene.config.write_text(f"{scene.config.read_text()}\n[mute]\nremote_unmute = true\n")
    scene.start_pair()
    home.expect(f"sensor.{D}_state", "muted")  # a soft mute outlives it
    home.do("switch.turn_off", entity_id=f"switch.{D}_soft_mute")
    home.expect(f"switch.{D}_soft_mute", "off")
    home.expect(f"sensor.{D}_state", "idle")


def test_it_can_be_taken_away(scene, home):
    """`sottovoce homeassistant remove` ends all its entities there."""
    scene.pair.stop()
    done = sottovoce("homeassistant", "remove", "--config", scene.config)
    assert done.returncode == 0, done.stderr
    home.wait("its end", lambda: home.entities(D) == {})
