"""demo"""

VERBS = ()
