"""Frames from anything: webcam, video file, folder, stream, drawn scenes."""
