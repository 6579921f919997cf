"""What `import tfod` gives: the commands as functions, and detectors for images in any form.

A function here has the name and the settings of its command (docs/commands.md), and returns what
its step returns. It works in the current directory, or in `workspace=`. Progress is printed.
"""
