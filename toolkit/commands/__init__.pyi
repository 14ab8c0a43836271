from .terminal import main as main
