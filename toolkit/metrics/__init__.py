"""How well scene boundaries and cuts were found.

- `boundaries`: `evaluate`, `choose_threshold`, `precision_recall_curve`, `SCORES`: AP, mAP, Miou, precision, recall, F1
- `chance`: `baselines`, `bootstrap`, `score_table`: intervals, and the scores of chance
- `spans`: `evaluate_cuts`, `match_cuts`, `boundary_scores`, `miou_of_spans`
- `judgments`: movies with truth and predictions, checked

What is undefined is decided in `boundaries`, and is the same in every function.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
