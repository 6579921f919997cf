"""LabelImg, made to run on today's Python and to lose nothing: the window of the step `label`.

`python -m tfod.steps.label.window` runs it in a process of its own, as PyQt5 is under the GPL and
OpenCV brings another Qt; nothing else in tfod imports this folder. What is changed in LabelImg is
changed in that process alone: neither the installed package nor the user's settings are touched.
"""
