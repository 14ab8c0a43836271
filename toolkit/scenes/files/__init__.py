"""The files of movies: .pkl, .npz and .safetensors, read without executing any code in them.

- `formats`: what a movie's file holds, and writing it back with predictions
- `arrays`: .npz and .safetensors, and the zips of torch
- `pickles`: pickles, by an unpickler that imports and calls nothing
- `tensors`: the few names that a pickle may use, and the views of the file that they give
"""
