"""What a user sees: boxes drawn on images, one window, films."""
