"""Which of Porcupine 1.9's libraries a processor takes, by what real boards say of themselves."""

from importlib import util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.ear.engines.porcupine_builds import build_for, cpu_part
from sottovoce.errors import EngineError

WHEEL = Path(util.find_spec("pvporcupine").origin).parent

PI_3B_PLUS = """\
processor	: 0
BogoMIPS	: 38.40
Features	: fp asimd evtstrm crc32 cpuid
CPU implementer	: 0x41
CPU architecture: 8
CPU variant	: 0x0
CPU part	: 0xd03
CPU revision	: 4

Hardware	: BCM2835
Revision	: a020d3
Model		: Raspberry Pi 3 Model B Plus Rev 1.3
"""
PI_3B_PLUS_32 = """\
processor	: 0
model name	: ARMv7 Processor rev 4 (v7l)
BogoMIPS	: 38.40
Features	: half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt vfpd32 lpae evtstrm crc32
CPU implementer	: 0x41
CPU architecture: 7
CPU variant	: 0x0
CPU part	: 0xd03
CPU revision	: 4

Hardware	: BCM2835
Revision	: a020d3
Model		: Raspberry Pi 3 Model B Plus Rev 1.3
"""
PI_4 = """\
processor	: 0
BogoMIPS	: 108.00
Features	: fp asimd evtstrm crc32 cpuid
CPU implementer	: 0x41
CPU architecture: 8
CPU variant	: 0x0
CPU part	: 0xd08
CPU revision	: 3

Revision	: c03114
Model		: Raspberry Pi 4 Model B Rev 1.4
"""
PI_5 = """\
processor	: 0
BogoMIPS	: 108.00
Features	: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc
CPU implementer	: 0x41
CPU architecture: 8
CPU variant	: 0x4
CPU part	: 0xd0b
CPU revision	: 1

Revision	: c04170
Model		: Raspberry Pi 5 Model B Rev 1.0
"""
PI_ZERO_2_W = """\
processor	: 0
BogoMIPS	: 38.40
Features	: fp asimd evtstrm crc32 cpuid
CPU implementer	: 0x41
CPU architecture: 8
CPU variant	: 0x0
CPU part	: 0xd03
CPU revision	: 4

Revision	: 902120
Model		: Raspberry Pi Zero 2 W Rev 1.0
"""
PI_ZERO = """\
processor	: 0
model name	: ARMv6-compatible processor rev 7 (v6l)
BogoMIPS	: 697.95
Features	: half thumb fastmult vfp edsp java tls
CPU implementer	: 0x41
CPU architecture: 7
CPU variant	: 0x0
CPU part	: 0xb76
CPU revision	: 7

Hardware	: BCM2835
Revision	: 9000c1
Model		: Raspberry Pi Zero W Rev 1.1
"""
X86 = """\
processor	: 0
vendor_id	: GenuineIntel
cpu family	: 6
model		: 142
model name	: Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz
flags		: fpu vme de pse tsc msr pae mce
"""

BOARDS = {
    "Pi 3B+": ("aarch64", PI_3B_PLUS, "raspberry-pi/cortex-a53-aarch64", True),
    "Pi 3B+, 32-bit": ("armv7l", PI_3B_PLUS_32, "raspberry-pi/cortex-a53", True),
    "Pi 4": ("aarch64", PI_4, "raspberry-pi/cortex-a72-aarch64", True),
    "Pi 4, 32-bit": ("armv7l", PI_4, "raspberry-pi/cortex-a72", True),
    "Pi 5": ("aarch64", PI_5, "raspberry-pi/cortex-a72-aarch64", False),
    "Pi 5, 32-bit": ("armv7l", PI_5, "raspberry-pi/cortex-a72", False),
    "Pi Zero 2 W": ("aarch64", PI_ZERO_2_W, "raspberry-pi/cortex-a53-aarch64", True),
    "Pi Zero W": ("armv6l", PI_ZERO, "raspberry-pi/arm11", True),
    "a PC": ("x86_64", X86, "linux/x86_64", True),
    "a PC's virtual ARM that names no part": ("aarch64", "", "raspberry-pi/cortex-a72-aarch64", False),
    "a small core of today": ("aarch64", "CPU part\t: 0xd05\n", "raspberry-pi/cortex-a53-aarch64", False),
}


@pytest.mark.parametrize(("machine", "cpuinfo", "library", "exact"), BOARDS.values(), ids=BOARDS)
def test_every_board_takes_its_library_or_the_nearest(machine, cpuinfo, library, exact):
    """By /proc/cpuinfo as real boards have it; a library made for another core is known as such."""
    build = build_for(machine, cpu_part(cpuinfo))
    assert (build.library, build.exact) == (library, exact)


@given(st.sampled_from(["x86_64", "aarch64", "armv7l", "armv6l"]), st.integers(0, 0xFFF))
def test_whatever_the_core_the_library_is_in_the_wheel(machine, part):
    """No processor leads to a library, or to a folder of words, that the wheel does not hold."""
    build = build_for(machine, f"0x{part:03x}")
    assert (WHEEL / "lib" / build.library / "libpv_porcupine.so").is_file()
    assert list((WHEEL / "resources" / "keyword_files" / build.keywords).glob("computer_*.ppn"))
    assert ("aarch64" in build.library) == (machine == "aarch64")


def test_a_machine_nothing_was_made_for_is_one_clear_error():
    """On anything but x86-64 and ARM there is no library to try."""
    with pytest.raises(EngineError, match="no library for a riscv64"):
        build_for("riscv64", "")
