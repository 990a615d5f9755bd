"""What stands in the house and how it is reached: home.toml. Shared by ear, courier and commands."""
