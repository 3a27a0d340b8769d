"""Why was this not credited: what became of one click, in words."""
