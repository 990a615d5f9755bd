"""PortAudio's devices by name, and the sound that its thread brings."""

import numpy as np
import pyaudio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.ear.devices import portaudio
from sottovoce.ear.devices.portaudio import Device, find
from sottovoce.ear.devices.pyaudio import PyAudioMicrophone, PyAudioSpeaker, _forms
from sottovoce.errors import MicrophoneError, SpeakerError
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE

ARRAY = Device(0, "seeed-4mic-voicecard: - (hw:1,0)", 4, 0, 48_000)
STICK = Device(1, "USB PnP Sound: Audio (hw:10,0)", 1, 2, 44_100)
PULSE = Device(2, "pulse", 32, 32, 44_100, default_input=True)
THERE = [ARRAY, STICK, PULSE]


@pytest.mark.parametrize(
    ("wanted", "device"),
    [
        ("default", PULSE),
        ("pulse", PULSE),
        ("usb pnp", STICK),
        ("4mic", ARRAY),
        ("hw:1", ARRAY),
        ("hw:1,0", ARRAY),
        ("hw:10", STICK),
    ],
)
def test_a_device_is_found(wanted, device):
    """By the system's choice, by name or part of it, by ALSA's number: the one that is meant."""
    assert find(wanted, THERE) is device


@pytest.mark.parametrize("wanted", ["hw:0", "hw:1,1", "bluetooth", "default"])
def test_no_other_device_is_taken_instead(wanted):
    """What is not there is an error, and no other device is listened to."""
    with pytest.raises(LookupError):
        find(wanted, [ARRAY, STICK])


def test_a_whole_name_wins_over_a_part():
    """Of "mic" and "mic two", "mic" means the first, wherever it stands."""
    two, one = Device(0, "mic two", 1, 0, 16_000), Device(1, "mic", 1, 0, 16_000)
    assert find("mic", [two, one]) is one


@given(st.integers(1, 32), st.sampled_from([8000, 16_000, 44_100, 48_000, 96_000]), st.integers(1, 8))
def test_each_form_can_be_had_and_holds_the_channel(inputs, rate, channel):
    """No stream is asked for that the device has not, or that lacks the channel that is heard."""
    forms = list(_forms(Device(0, "any", inputs, 0, rate), channel))
    assert all(channel <= channels <= inputs for _, channels in forms)
    assert len(set(forms)) == len(forms)
    assert bool(forms) == (channel <= min(inputs, 8))
    if forms:
        assert forms[0][0] == SAMPLE_RATE
        assert (rate, min(inputs, 8)) in forms


class Stream:
    """A stream of PortAudio's that brings what a test gives it."""

    def close(self):
        pass


class Library:
    """PortAudio with one device, which knows one form only."""

    def __init__(self, rate, channels):
        self._form = (rate, channels)

    def get_device_count(self):
        return 1

    def get_device_info_by_index(self, index):
        rate, channels = self._form
        return {
            "index": index,
            "name": "array",
            "maxInputChannels": channels,
            "maxOutputChannels": channels,
            "defaultSampleRate": float(rate),
        }

    def get_default_input_device_info(self):
        raise OSError("none")

    get_default_output_device_info = get_default_input_device_info

    def open(self, rate, channels, form, *, stream_callback, **_):
        if (rate, channels) != self._form:
            raise OSError(-9997, "Invalid sample rate")
        self.bring = stream_callback
        return Stream()

    def terminate(self):
        pass


@pytest.fixture
def opened(monkeypatch):
    """Open a microphone on a device of one rate and so many channels; and the way to have it hear."""

    def make(rate, channels, channel=1, lost=lambda: None):
        library = Library(rate, channels)
        monkeypatch.setattr(portaudio, "start", lambda: library)
        microphone = PyAudioMicrophone("array", channel, lost)
        microphone.open()

        def hear(samples, piece=None, status=0):
            piece = piece or FRAME_SAMPLES * rate // SAMPLE_RATE
            for at in range(0, len(samples), piece):
                part = samples[at : at + piece]
                answer = library.bring(part.tobytes(), len(part), None, status)
                assert answer == (None, pyaudio.paContinue)

        return microphone, hear

    return make


def heard(opened, rate, hz, level, channels=1, channel=1):
    """What comes through of a sine on one channel, all others being loud noise: its middle."""
    microphone, hear = opened(rate, channels, channel)
    time = np.arange(rate) / rate
    sound = np.random.default_rng(1).integers(-20_000, 20_000, (rate, channels)).astype(np.int16)
    sound[:, channel - 1] = np.rint(level * np.sin(2 * np.pi * hz * time))
    frames = []
    for part in np.array_split(sound, 50):
        hear(part)
        if microphone._heard.qsize() > 8:
            frames += [microphone.read() for _ in range(3)]
    while not microphone._heard.empty():
        frames.append(microphone.read())
    microphone.close()
    return np.concatenate([frame for frame in frames if frame is not None])[2000:-3000].astype(float)


RATES = [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("channels", "channel"), [(1, 1), (2, 2), (4, 3), (6, 1)])
def test_a_tone_comes_through_as_loud_and_as_high(opened, rate, channels, channel):
    """1 kHz, from any rate and channel of an array: within 0.1 dB, at 1 kHz, nothing of its neighbours."""
    sound = heard(opened, rate, 1000.0, 8000, channels, channel)
    assert len(sound) > 8000
    assert 20 * np.log10(np.sqrt((sound**2).mean()) * np.sqrt(2) / 8000) == pytest.approx(0.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), n=16 * SAMPLE_RATE))
    assert np.argmax(spectrum) / 16 == pytest.approx(1000.0, abs=1.0)


@pytest.mark.parametrize("rate", [rate for rate in RATES if rate > 2 * 9000])
@pytest.mark.parametrize("hz", [9000.0, 10_000.0])
def test_what_is_too_high_does_not_fold_back(opened, rate, hz):
    """A tone above half our rate is suppressed by more than 60 dB, and is no tone at 7 or 6 kHz."""
    sound = heard(opened, rate, hz, 20_000)
    assert 20 * np.log10(max(np.sqrt((sound**2).mean()), 1e-3) * np.sqrt(2) / 20_000) < -60


def test_sound_that_nobody_reads_is_lost_and_told(opened):
    """The queue between PortAudio's thread and the reader is bounded; each piece lost is told once."""
    lost = []
    microphone, hear = opened(16_000, 1, lost=lambda: lost.append(1))
    hear(np.repeat(np.arange(1, 31, dtype=np.int16), FRAME_SAMPLES))
    assert len(lost) == 14
    assert [int(microphone.read()[0]) for _ in range(16)] == list(range(1, 17))


def test_sound_that_the_card_lost_is_told(opened):
    """PortAudio's own word of an overflow is passed on, and what it did bring is heard."""
    lost = []
    microphone, hear = opened(16_000, 1, lost=lambda: lost.append(1))
    hear(np.ones(FRAME_SAMPLES, dtype=np.int16), status=pyaudio.paInputOverflow)
    assert lost == [1]
    assert set(microphone.read()) == {1}


def test_nothing_from_before_an_opening_is_read(opened):
    """What waited while it was closed is gone, the half frame in its hands is overwritten."""
    microphone, hear = opened(16_000, 1)
    hear(np.full(FRAME_SAMPLES + 100, 7, dtype=np.int16), piece=FRAME_SAMPLES + 100)
    microphone.read()
    left = microphone._left
    hear(np.full(FRAME_SAMPLES, 8, dtype=np.int16))
    microphone.close()
    assert not left.any()
    assert microphone._heard.empty()


def test_a_microphone_that_gives_nothing_is_late_and_then_gone(opened, monkeypatch):
    """It never blocks for long, so that a switch flipped meanwhile is seen; after a while it is a fault.

    Nothing is put in the place of what is late: all that comes in later would be a frame off.
    """
    from sottovoce.ear.devices import pyaudio as module  # noqa: PLC0415

    now = [100.0]
    microphone, hear = opened(16_000, 1)
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    hear(np.ones(FRAME_SAMPLES, dtype=np.int16))
    assert microphone.read().any()
    assert microphone.read() is None
    hear(np.full(FRAME_SAMPLES, 2, dtype=np.int16))
    assert set(microphone.read()) == {2}
    now[0] += 2.0
    with pytest.raises(MicrophoneError, match="went away: no sound for 2 s"):
        microphone.read()


def test_a_channel_that_is_not_there_is_an_error(opened):
    """No other channel is heard instead."""
    with pytest.raises(MicrophoneError, match="it has 2 channels"):
        opened(16_000, 2, channel=3)


def test_a_loudspeaker_begins_with_silence(monkeypatch):
    """0.1 s of it, which an amplifier may swallow; then every sample in its order, and no other sound."""
    library = Library(SAMPLE_RATE, 1)
    monkeypatch.setattr(portaudio, "start", lambda: library)
    sound = np.arange(1, 5001, dtype=np.int16)
    PyAudioSpeaker("array").play(sound)
    pieces, answer = [], pyaudio.paContinue
    while answer == pyaudio.paContinue:
        piece, answer = library.bring(None, 2048, None, 0)
        pieces.append(np.frombuffer(piece, dtype=np.int16))
    played = np.concatenate(pieces)
    assert answer == pyaudio.paComplete
    assert not played[:1600].any()
    assert np.array_equal(played[1600:6600], sound)
    assert not played[6600:].any()


def test_a_loudspeaker_that_plays_nothing_is_silent():
    """Before anything was played it does not sound, and can be hushed."""
    speaker = PyAudioSpeaker("no such speaker")
    speaker.hush()
    assert not speaker.sounding()
    with pytest.raises(SpeakerError):
        speaker.play(np.zeros(160, dtype=np.int16))
    assert not speaker.sounding()
