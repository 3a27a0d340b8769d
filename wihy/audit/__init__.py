"""Who did what, on what, when: written with the change itself, never changed, sealed each minute."""
