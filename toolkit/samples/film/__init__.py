"""The sample film: written as a script, drawn frame by frame, with sound, and encoded.

- `rendering`: `sample_film`
- `script`: who, where, in which order, with which words (`lines`): shots, dialogues and scenes, known to the frame
- `casting`: the people and the places of a film, drawn by lot
- `places` and their `furniture`, `people`, `props`: what is drawn
- `camera`: frames of the script: movement, light, grain, gradual changes
- `soundtrack`: voices and room tone
"""
