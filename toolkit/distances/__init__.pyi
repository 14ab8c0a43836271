from .matrices import consecutive as consecutive
from .matrices import luma as luma
from .matrices import pairwise as pairwise
