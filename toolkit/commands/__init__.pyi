from .terminal import main

__all__ = ["main"]
