"""The step `tune`: short trainings that look for better settings."""
