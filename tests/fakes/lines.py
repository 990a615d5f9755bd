"""RPi.GPIO as rpi-lgpio gives it, on lines that the test drives: same rules, same errors, no hardware."""

from weakref import WeakValueDictionary


class error(Exception):  # noqa: N801, N818  its name in lgpio, which derives it from nothing narrower
    """lgpio's own."""


class Lines:
    """The part of the module that a board uses: a line is claimed, floats to its pull, tells of edges."""

    BCM, IN, OUT, LOW, HIGH, BOTH, PUD_UP, PUD_DOWN = 11, 1, 0, 0, 1, 33, 22, 21

    def __init__(self):
        self.pulls, self.levels, self.ways, self.duty = {}, {}, {}, {}
        self.held, self.present, self.deaf = set(), True, False
        self._mode, self._callbacks, self._pwms = None, {}, WeakValueDictionary()

    def setmode(self, mode):
        self._mode = mode

    def setup(self, pin, way, pull_up_down=None, initial=None):
        if self._mode is None:
            raise RuntimeError("Please set pin numbering mode using GPIO.setmode(GPIO.BCM)")
        if pin in self.held:
            raise error("GPIO busy")
        self.ways[pin], self.pulls[pin] = way, pull_up_down
        self.levels[pin] = int(pull_up_down == self.PUD_UP) if initial is None else int(initial)

    def input(self, pin):
        self._check(pin, self.IN)
        return self.levels[pin]

    def output(self, pin, level):
        self._check(pin, self.OUT)
        self.levels[pin] = int(level)

    def add_event_detect(self, pin, edge, callback):
        self._check(pin, self.IN)
        assert edge == self.BOTH
        self._callbacks[pin] = callback

    def PWM(self, pin, hertz):  # noqa: N802  its name there
        self._check(pin, self.OUT)
        if pin in self._pwms:
            raise RuntimeError("A PWM object already exists for this GPIO channel")
        self._pwms[pin] = made = _Pwm(self, pin, hertz)
        return made

    def drive(self, pin, *levels):
        """The world sets a line to each level in turn; a busy Pi tells of the edges after the last."""
        edges = 0
        for level in levels:
            edges += self.levels[pin] != level
            self.levels[pin] = level
        for _ in range(0 if self.deaf else edges):
            self._callbacks.get(pin, lambda _: None)(pin)

    def _check(self, pin, way):
        if not self.present:
            raise error("unknown handle")
        if self.ways.get(pin) != way:
            raise RuntimeError("The GPIO channel has not been set up so")


class _Pwm:
    """Pulses on a line until it is stopped or dropped: either leaves the line low."""

    def __init__(self, lines, pin, hertz):
        assert hertz > 0
        self._lines, self._pin = lines, pin

    def __del__(self):
        self.stop()

    def start(self, percent):
        self._lines.duty[self._pin] = percent / 100

    def stop(self):
        self._lines.duty.pop(self._pin, None)
        self._lines.levels[self._pin] = 0
