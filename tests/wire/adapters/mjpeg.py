from drivers.plate_camera.multipart import BrokenMultipart, MultipartReader
from simulators.plate_camera.camera import Shown
from simulators.plate_camera.mjpeg import part


def driver_reads(data, settings):
    try:
        parts = MultipartReader(settings["boundary"]).feed(data)
    except BrokenMultipart:
        return None
    return {"jpeg": parts[0].data.hex(" ").upper(), "time_s": parts[0].time_s} if parts else None


def simulator_writes(means, settings):
    return part(Shown(1, means["time_s"], bytes.fromhex(means["jpeg"])), settings["boundary"])
