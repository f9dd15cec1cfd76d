"""BatchGen Pro: a pile of base images and one prompt into a pile of finished pictures."""

__version__ = "0.1.0"
