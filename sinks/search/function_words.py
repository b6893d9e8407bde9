"""Words that hold a sentence together and say nothing of what it is about, in the languages that are searched.

The analyser of each language leaves out its own, but a text is searched in all languages: "the" would count as a rare
word of German. A question of nothing else is asked as it is.
"""

from __future__ import annotations

_SAID = """
a an the and or but if of at by for with to from in on is are was were be been am it its this that these those i me
my we us our you your he she they them their as so than then when while where which who what how why not no do does
did has have had can could will would should may there here about into any all just very
der die das den dem des ein eine einen einem einer und oder aber wenn als von vom zu zum zur mit bei nach aus auf im
ist sind war waren sein bin es dies diese dieser dieses ich mich mir mein meine wir uns unser du sie ihr ihre er man
sich nicht kein keine hat haben hatte kann konnte wird werden würde soll dass da hier dort so auch nur noch sehr wie
was wer wo warum über für
le la les un une des du de et ou mais si à au aux en dans par pour avec sur est sont était été être ce cet cette ces
je me moi mon ma mes nous notre vous votre il elle ils elles on se ne pas plus a ai ont avait peut qui que quoi où
quand comment pourquoi y
el los las una unos unas y o pero al del con sin por para es son era ser esto esta este estos estas yo mi mis
nosotros tu su sus él ella ellos no ha he han había puede qué cuando cómo dónde muy lo se
o os as um uma uns umas e ou mas no na nos nas do da dos das com sem por é são foi ser isto esta este eu meu minha
nós você seu sua ele ela eles não tem tenho pode que quando como onde muito
"""
WORDS = frozenset(_SAID.split())
