"""What hears has no network: the running ear makes no socket but a Unix one."""

import re
import subprocess
import sys

import soundfile

from sottovoce.bench.speech import speak
from sottovoce.vocabulary import SAMPLE_RATE


def test_the_running_ear_asks_the_kernel_for_no_network(tmp_path):
    """From start to answer, in all threads and children, the ear asks for no internet socket."""
    soundfile.write(tmp_path / "said.wav", speak("computer, what time is it?", "slt"), SAMPLE_RATE)
    calls = tmp_path / "calls"
    ear = [sys.executable, "-m", "sottovoce", "ear", "--simulate", "--state", str(tmp_path / "state")]
    sound = ["--input", str(tmp_path / "said.wav"), "--output", str(tmp_path / "answer.wav")]
    run = subprocess.run(
        ["strace", "-f", "-qq", "-e", "trace=%network,io_uring_setup", "-o", str(calls), *ear, *sound],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "understood intent=ClockTime" in run.stderr
    assert soundfile.info(tmp_path / "answer.wav").frames > SAMPLE_RATE // 2
    traced = calls.read_text(errors="replace").splitlines()
    made = [line for line in traced if re.search(r"\b(socket|socketpair|io_uring_setup)\(", line)]
    assert [line for line in made if "AF_UNIX" not in line and "AF_LOCAL" not in line] == []
    assert [line for line in traced if re.search(r"\b(connect|bind|sendto)\(.*sin", line)] == []
