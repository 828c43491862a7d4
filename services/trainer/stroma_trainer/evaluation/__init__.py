"""What an encoder and a generator are worth: one measure a file, on features that are computed once (recipe F)."""
