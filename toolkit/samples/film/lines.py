"""What is said in the sample film: dialogues and remarks, each about something of its own."""

NAMES = ("Ada", "Bruno", "Clara", "Dario", "Edith", "Felix", "Greta", "Hugo", "Irma", "Jonas", "Klara", "Leo")

CAPTIONS = ("THE NEXT MORNING", "THREE DAYS LATER", "THAT SAME EVENING", "ONE WEEK BEFORE", "TOWARDS NOON")

TALKS = (
    (
        "The train to the coast leaves at nine.",
        "I never bought a ticket for that train.",
        "The station clerk kept two seats for us.",
        "And what about my heavy suitcase?",
        "The porter carries luggage to the platform.",
        "Then we travel to the coast tonight.",
    ),
    (
        "Did the doctor read your letter?",
        "He says the fever will be gone by Sunday.",
        "What medicine did the doctor give you?",
        "A bitter syrup, and plenty of sleep.",
        "The hospital sent a nurse this morning.",
        "I trust the nurse more than the syrup.",
    ),
    (
        "The orchestra needs a new violin.",
        "My old violin has lost a string.",
        "Play the melody from the second concert.",
        "The conductor hates that melody.",
        "The audience sang it all the way home.",
        "Then let the orchestra decide.",
    ),
    (
        "Someone stole the painting from the gallery.",
        "The guard was asleep beside the door.",
        "The thief left a muddy footprint.",
        "Did the detective measure the footprint?",
        "The detective thinks the guard is the thief.",
        "Then the painting never left the gallery.",
    ),
    (
        "The bread needs more flour and salt.",
        "My grandmother baked it with honey.",
        "Honey burns when the oven is too hot.",
        "Then we bake the bread more slowly.",
        "The whole bakery smells of butter.",
        "Cut a slice before the bread is cold.",
    ),
    (
        "A storm is coming over the harbour.",
        "The fishermen tied up every boat.",
        "One boat is still out by the lighthouse.",
        "The captain knows these waves.",
        "No captain can see the rocks at night.",
        "Then light the lamp in the lighthouse.",
    ),
    (
        "The teacher found mistakes in my essay.",
        "Every pupil makes mistakes in grammar.",
        "She wants me to read the whole novel again.",
        "The library has two copies of that novel.",
        "School ends before I reach chapter ten.",
        "I will help you with the essay.",
    ),
    (
        "The bank wants the money by Friday.",
        "We paid the loan in January.",
        "Look, the banker signed this contract.",
        "That signature is not real.",
        "A lawyer should read the contract.",
        "My cousin is the best lawyer in town.",
    ),
    (
        "The telescope shows a new comet.",
        "I only see the moon and three stars.",
        "Turn the telescope a little to the north.",
        "Now I see a long silver tail.",
        "The comet returns every eighty years.",
        "Then tonight we watch the sky for both of us.",
    ),
    (
        "The horses are restless in the stable.",
        "A wolf walked around the farm last night.",
        "Did the dogs bark at the wolf?",
        "The dogs hid behind the hay.",
        "Bring the sheep down from the meadow.",
        "I will ride out before the snow falls.",
    ),
)

REMARKS = {
    "street": (
        "Every lorry in town drives down this street.",
        "The postman never rings at this door.",
        "They painted the houses again this spring.",
        "The tram stops at the next corner.",
        "I used to live above that shop.",
        "Nobody parks on this pavement any more.",
        "The market closes when the bells ring.",
    ),
    "park": (
        "The ducks come back to the lake in April.",
        "My father planted that oak tree.",
        "Sit with me on the bench for a while.",
        "Listen, a blackbird sings in the branches.",
        "The leaves are late this year.",
        "The path leads around the whole garden.",
        "We picked mushrooms under those trees.",
        "The grass is still wet from the rain.",
    ),
    "room": (
        "Someone moved the armchair to the window.",
        "The carpet still smells of his tobacco.",
        "There is dust on every picture frame.",
        "I hid the diary behind the curtains.",
    ),
    "kitchen": (
        "The kettle is still warm.",
        "Somebody washed the plates and the spoons.",
        "The soup has boiled over again.",
        "She kept sugar in the blue tin.",
    ),
    "cafe": (
        "The waiter forgot to wipe this table.",
        "An espresso, and the newspaper, please.",
        "The menu has not changed since the war.",
        "They serve the best lemon cake in the city.",
    ),
    "cellar": (
        "My candle is nearly burnt down.",
        "There must be a tunnel behind this wall.",
        "Rats have eaten through the barrels.",
        "Who left fresh footprints in the dust?",
        "The old wine has turned to vinegar.",
    ),
}
