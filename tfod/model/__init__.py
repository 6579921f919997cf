"""The detector: SSD with MobileNetV2 and FPN-Lite, exact to the TensorFlow Object Detection API."""
