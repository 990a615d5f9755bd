"""A house of every kind of device."""

from sottovoce.house import file

TEXT = """
areas = ["hall"]

[[device]]
name = "light"
area = "kitchen"
aliases = ["big light"]
type = "light"
kind = "zigbee2mqtt"
id = "kitchen_light"

[[device]]
name = "light"
area = "bedroom"
type = "light"
kind = "tasmota"
id = "bed"

[[device]]
name = "heater"
type = "switch"
kind = "shelly"
id = "shelly1-A1"
dangerous = true

[[device]]
name = "fan"
area = "kitchen"
type = "fan"
kind = "shelly-gen2"
id = "shellyplus1-b2"

[[device]]
name = "front door"
type = "lock"
kind = "zigbee2mqtt"
id = "Haustür"

[[device]]
name = "back door"
type = "lock"
kind = "esphome"
id = "porch"
object = "back_door"
allow_by_voice = true

[[device]]
name = "garage door"
type = "garage"
kind = "generic"
topic = "garage/door/set"
payload = { open = "OPEN", close = "CLOSE" }

[[device]]
name = "garage door"
type = "contact"
kind = "zigbee2mqtt"
id = "garage contact"

[[device]]
name = "alarm"
type = "alarm"

[[device]]
type = "temperature"
area = "bedroom"
kind = "zigbee2mqtt"
id = "climate"

[[device]]
name = "power use"
type = "measure"
unit = "watts"
kind = "generic"
state = { topic = "meter/power" }
"""
HOUSE = file.parse(TEXT, "home.toml")
CHANGED = file.parse(TEXT.replace("kitchen_light", "kitchen_lamp"), "home.toml")
"""The same with another topic: what the owner has not agreed to."""
