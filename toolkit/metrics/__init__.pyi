from .boundaries import SCORES, choose_threshold, evaluate, precision_recall_curve
from .chance import baselines, bootstrap, score_table
from .spans import boundary_scores, evaluate_cuts, match_cuts, miou_of_spans

__all__ = [
    "SCORES",
    "baselines",
    "bootstrap",
    "boundary_scores",
    "choose_threshold",
    "evaluate",
    "evaluate_cuts",
    "match_cuts",
    "miou_of_spans",
    "precision_recall_curve",
    "score_table",
]
