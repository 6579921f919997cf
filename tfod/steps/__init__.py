"""One command each: `tfod X` is `steps/X`. A step reads one folder and writes the next."""
