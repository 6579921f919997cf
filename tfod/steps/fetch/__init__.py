"""Published checkpoints: downloaded, unpacked safely, and checked before they are in place."""
