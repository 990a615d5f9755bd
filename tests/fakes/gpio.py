"""RPi.GPIO as it behaves, without a Pi."""


class Gpio:
    """Pins must be set up before use, an unconnected one follows its pull, edges call back."""

    BCM, IN, OUT, LOW, BOTH, PUD_OFF, PUD_DOWN, PUD_UP = "BCM", "IN", "OUT", 0, "BOTH", 20, 21, 22

    def __init__(self, *, edges=True):
        self.edges = edges
        self.mode = None
        self.ways = {}
        self.pulls = {}
        self.driven = {}
        """What the world outside holds a pin at; a pin that is not here has nothing on it."""
        self.levels = {}
        """What outputs are at."""
        self.faint = {}
        """Outputs that pulse: percent of the time they are high."""
        self.pulsing = set()
        self.dead = set()
        self.callbacks = {}

    def setmode(self, mode):
        self.mode = mode

    def setup(self, pin, way, initial=None, pull_up_down=PUD_OFF):
        if self.mode is None:
            raise RuntimeError("Please set pin numbering mode using GPIO.setmode(GPIO.BCM)")
        if way == self.OUT and pull_up_down != self.PUD_OFF:
            raise ValueError("pull_up_down parameter is not valid for outputs")
        self.ways[pin], self.pulls[pin] = way, pull_up_down
        if way == self.OUT:
            self.levels[pin] = initial or 0

    def input(self, pin):
        if pin in self.dead:
            raise RuntimeError("cannot read")
        if self.ways[pin] != self.IN:
            raise RuntimeError("You must setup() the GPIO channel as an input first")
        return self.driven.get(pin, int(self.pulls[pin] == self.PUD_UP))

    def output(self, pin, level):
        if self.ways[pin] != self.OUT:
            raise RuntimeError("The GPIO channel has not been set up as an OUTPUT")
        assert pin not in self.faint, "set while it pulses"
        self.levels[pin] = int(level)

    def add_event_detect(self, pin, edge, callback):
        if not self.edges:
            raise RuntimeError("Failed to add edge detection")
        if pin in self.callbacks:
            raise RuntimeError("Conflicting edge detection already enabled for this GPIO channel")
        self.callbacks[pin] = callback

    def PWM(self, pin, hertz):  # noqa: N802  the package's name
        return _Pwm(self, pin, hertz)

    def drive(self, pin, level):
        """The world outside sets a level; an edge calls back."""
        changed = self.input(pin) != level if pin not in self.dead else True
        self.driven[pin] = level
        if changed:
            self.edge(pin)

    def edge(self, pin):
        """An edge calls back; whatever the level is by now."""
        if pin in self.callbacks:
            self.callbacks[pin](pin)


class _Pwm:
    """Pulses on one output. There is one at a time for a pin, until it is forgotten."""

    def __init__(self, gpio, pin, hertz):
        if pin in gpio.pulsing:
            raise RuntimeError("A PWM object already exists for this GPIO channel")
        assert hertz >= 100, "it flickers"
        self._gpio, self._pin = gpio, pin
        gpio.pulsing.add(pin)

    def start(self, percent):
        self._gpio.faint[self._pin] = percent

    def stop(self):
        self._gpio.faint.pop(self._pin, None)
        self._gpio.levels[self._pin] = 0

    def __del__(self):
        if hasattr(self, "_pin"):
            self._gpio.pulsing.discard(self._pin)
