"""`tfod check --fix`: repairs what has one answer, and keeps a backup."""
