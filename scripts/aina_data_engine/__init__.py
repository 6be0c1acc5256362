"""The engine's Python: files, publishing, the command line. What SQL does well is in `models`."""

from importlib.metadata import version

__version__ = version("aina-data-engine")
