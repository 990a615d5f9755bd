"""Words by which the mask finds personal data: numbers, cues, streets. English and French in one.

Data only. In lower case; what an apostrophe joins is apart ("je m appelle").
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NUMBERS: Final = _words("""
    zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fourty fifty sixty seventy eighty ninety hundred
    hundreds thousand thousands million millions billion third fourth fifth sixth seventh eighth ninth
    tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth
    twentieth thirtieth zéro deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze
    seize vingt vingts trente quarante cinquante soixante septante huitante octante nonante cent cents
    mille milliard milliards deuxième troisième quatrième cinquième sixième septième huitième neuvième
    dixième onzième douzième
    """)
MAYBE_NUMBERS: Final = _words(
    "one un une oh o first second premier première seconde double triple plus half demi bis ter hash dièse"
)
"""Numbers only beside another number."""
MONTHS: Final = _words("""
    january february april june july september october november december janvier février avril juin
    juillet août septembre octobre novembre décembre
    """)
MAYBE_MONTHS: Final = _words("march may august mars mai")
JOINERS: Final = _words("and et point dot comma virgule dash tiret hyphen slash of the de du minus moins")
"""May stand between two numbers that belong together."""
LETTER_WORDS: Final = _words("a i y à ô")
"""Letters that are words."""
ELISIONS: Final = _words("c d j l m n s t qu")
"""What an apostrophe leaves of a word: j'ai, it's."""
UNITS: Final = _words("""
    percent degree degrees second seconds minute minutes hour hours pourcent degré degrés seconde
    secondes heure heures
    """)
"""A setting or a length of time: what stands before it says nothing of a person."""

AT: Final = _words("at arobase arobas arrobase chez")
SURE_AT: Final = _words("arobase arobas arrobase")
DOT: Final = _words("dot point")
TOP_LEVEL: Final = _words("com fr org net uk co io de eu be ch ca info me pl app dev tv edu gov")
ADDRESS_JOINERS: Final = _words("dot point underscore tiret bas dash hyphen minus moins plus slash")
"""Between two words of an e-mail address or a link, as said."""

FUNCTION: Final = _words("""
    a an the and or but if so then than that this these those there here i you he she it we they me him
    her us them my your his its our their who what which when where why how is am are was were be been
    being has have had do does did can could will would shall should may might must not no yes to of in on
    at by for from with about into over after before under again now today tonight tomorrow yesterday
    please thanks thank as up down off out just very too also s t m d ll ve re mail email write send
    message text says said le la les l un une des du de d et ou mais si que qu qui quoi dont où je j tu il
    elle on nous vous ils elles me te se m t s lui leur y en ce c cet cette ces mon ma mes ton ta tes son
    sa ses notre nos votre vos leurs est suis es sommes êtes sont était ai as a avons avez ont ne n pas
    plus moins très trop aussi à au aux dans par pour sur sous avec sans chez avant après maintenant
    aujourd hui demain hier ici là oui non merci écris envoie
    """)
"""Words of grammar: none of them ends up in a name or an address because of where it stands."""
PARTICLES: Final = _words(
    "de du des d la le les l van von der den ten ter el al ben bin o mac mc saint st san y"
)
"""May stand inside a name."""

TITLES: Final = _words("""
    mr mrs ms miss mister missus doctor dr prof professor monsieur madame mademoiselle mme mlle docteur
    maître professeur uncle aunt oncle tante tonton tata
    """)
"""Masked with the name behind them."""
NAME_CUES: Final = (
    "my name is", "his name is", "her name is", "name is", "name s", "called", "named", "surname is",
    "first name", "last name", "call me", "mr", "mrs", "ms", "mister", "missus", "doctor", "dr", "prof",
    "professor", "dear", "je m appelle", "t appelles", "s appelle", "se nomme", "me nomme", "nom est",
    "nom c est", "prénom est", "prénom c est", "moi c est", "nommé", "nommée", "monsieur", "madame",
    "mademoiselle", "mme", "mlle", "docteur", "maître", "cher", "chère", "professeur", "nom de famille",
)  # fmt: skip
"""The word behind one of these is a name, whatever it is."""
MAYBE_NAME_CUES: Final = (
    "call", "tell", "ask", "text", "phone", "ring", "remind", "with", "to", "from", "for", "hi", "hello",
    "hey", "this is", "i m", "i am", "it s", "meet", "birthday", "let", "promised", "invited", "visit",
    "saw", "met", "married", "vu", "rencontré", "épousé",
    "and", "is", "wife", "husband", "son", "daughter", "brother", "sister", "mother", "father", "friend",
    "boss", "neighbour", "neighbor", "uncle", "aunt", "cousin", "partner", "girlfriend", "boyfriend",
    "baby", "colleague", "appelle", "dis à", "demande à", "rappelle à", "parle à", "message à", "écris à",
    "promis à", "envoie à", "avec", "chez", "bonjour", "salut", "bonsoir", "coucou", "anniversaire",
    "je suis", "c est", "préviens", "invité", "femme", "mari", "fils", "fille", "frère", "sœur", "soeur",
    "mère", "père", "ami", "amie", "patron", "patronne", "voisin", "voisine", "oncle", "tante", "tonton",
    "tata", "cousine", "copain", "copine", "bébé", "collègue", "joindre", "et",
)  # fmt: skip
"""The word behind one of these is a name when it can be one."""
DOERS: Final = _words("is has and wants says said called s est a et dort veut dit vient arrive")
"""Behind the first word of a sentence: it was a name when it can be one."""

STREETS: Final = _words("""
    street road avenue lane crescent boulevard terrace mews rd ave blvd rue chemin impasse allée allées
    quai faubourg ruelle bd av
    """)
MAYBE_STREETS: Final = _words("""
    st drive dr way place court close square gardens grove hill row walk parkway highway alley route
    passage villa cours square résidence lotissement pl hameau sentier
    """)
"""Streets only with a number before them."""
FRENCH_STREETS: Final = _words("""
    rue avenue chemin impasse allée allées quai faubourg ruelle bd av boulevard place pl route passage
    villa cours square résidence lotissement hameau sentier
    """)
"""The name stands behind them."""
STREET_PARTICLES: Final = _words(
    "de du des d la le les l saint sainte docteur général maréchal vieux vieille grand"
)
LIVES: Final = _words(
    "live lives living moved stay staying habite habites habitons habitent habiter loge déménagé"
)
LIVES_AT: Final = _words("at in on to à au aux dans en sur")
ADDRESS_CUES: Final = ("address is", "adresse est", "adresse c est", "adresse postale est")
DWELLINGS: Final = _words("apartment apt flat suite unit floor appartement appt bâtiment bât étage")
NUMBER_CUES: Final = ("number", "number is", "numéro", "numéro est", "code", "pin", "age", "âge")
CODE_CUES: Final = (
    "password is", "password", "pin is", "passcode is", "mot de passe est", "mot de passe c est",
    "du wifi est", "code is", "code est", "code secret est",
)  # fmt: skip
CAPITALS: Final = _words("i monday tuesday wednesday thursday friday saturday sunday english french tv ok")
"""Everyday words that have a capital inside a sentence."""
