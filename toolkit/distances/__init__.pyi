from .matrices import consecutive, luma, pairwise

__all__ = ["consecutive", "luma", "pairwise"]
