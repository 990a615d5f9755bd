"""From a sentence spoken to one the owner has approved, through the real pair and a real broker."""

import json
import subprocess
import sys

from sottovoce.demo.scene import Scene

WORDS = "turn on the kitchen light"


def test_what_was_kept_leaves_as_the_owner_approved_it_and_not_before(tmp_path, monkeypatch):
    """Kept and counted, nothing else; approved, that one arrives, as corrected, and is gone here."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with Scene(tmp_path, lambda _: None, "[review]\nkeep = true\n") as scene:

        def pending(count):
            scene.arrivals.wait(
                f"{count} pending",
                lambda got: (got.topic, got.payload) == ("sottovoce/demo/snippets/pending", count),
            )

        mark = scene.trace.count
        scene.speak(f"computer, {WORDS}", "slt")
        scene.expect("answered", mark)
        pending("1")
        assert not any("transcript" in got.topic or WORDS in got.payload for got in scene.arrivals.since(0))
        answers = ["w", "light the kitchen", "a", "transcript", "verbatim", "", "", "", "y", ""]
        command = ["review", "--config", str(scene.config), "--state", str(scene.state)]
        done = subprocess.run(
            [sys.executable, "-m", "sottovoce", *command],
            input="\n".join(answers),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        got = scene.arrivals.wait("it", lambda got: got.topic == "sottovoce/demo/transcript")
        assert json.loads(got.payload)["text"] == "light the kitchen"
        pending("0")
        told = " ".join(scene.owner("ledger", "show"))
        assert "you approved snippet" in told
        assert "sent 1 transcript" in told
        assert not list(scene.state.glob("quarantine/*.sealed"))
