"""What the assistant can do: one family a file, its sentences as data beside it."""
