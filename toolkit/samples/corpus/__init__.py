"""The sample corpus: short clips of six kinds, drawn here, with captions.

- `rendering`: `sample_corpus`
- `places`: what the clips show, painted on `pictures`
- `captions`: what people write of them, misspelt and mistaken here and there
"""
