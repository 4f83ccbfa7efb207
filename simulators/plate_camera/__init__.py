"""Simulated plate cameras: what a camera is (`camera.py`), and what it says over HTTP and RTSP."""
