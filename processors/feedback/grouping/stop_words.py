"""Words that say nothing of a problem, in the languages that are supported; written for this project."""

from __future__ import annotations

_ENGLISH = """
a about after again all also although always am an and another any anybody anyone anything are aren around as at away
back be because been before being below between both but by came can cannot could couldn did didn do does doesn doing
don done down during each either else enough even ever every everybody everyone everything few for from further get
gets getting give given go goes going gone got had hadn has hasn have haven having he hello help her here hers hey hi
him his hope how however i if in into is isn it its itself just keep keeps kind know let like ll made make many may
maybe me might mine more most much must my myself need needs never next no nobody none nor not nothing now of off often
ok okay on once one only onto or other others otherwise our ours out over own per perhaps please quite rather re really
regards right said same say says see seem seems seen shall she should shouldn since so some somebody someone something
sometimes soon still such sure take takes team than thank thanks that the their theirs them themselves then there these
they thing things think this those though through thus to today together told too took toward tried try trying two
under unless until up upon us use used using ve very via want wants was wasn way we well went were weren what whatever
when whenever where whether which while who whole whom whose why will with within without won would wouldn yes yet you
your yours yourself
"""
_GERMAN = """
aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bitte da dabei dadurch
dafür damit danach danke dann daran darauf darf das dass daß dazu dein deine dem den denn der deren des deshalb dessen
die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines einfach einige er es
etwas euch euer für gab ganz gar geht gegen gerade gern gewesen gibt grüße guten habe haben hallo hat hatte hatten hier
hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder jedes jetzt kam kann
kein keine keinem keinen keiner können könnte leider mal man mehr mein meine meinem meinen meiner mich mir mit möchte
muss müssen nach nachdem nein nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner seit
sich sie sind so sobald sollte sondern sonst sowie tag über um und uns unser unsere unter viel viele vielen vom von vor
wann war waren warum was weder wegen weil weiter welche welcher wenn wer werde werden wie wieder will wir wird wo
wollen wollte worden wurde wurden würde zu zum zur zwar zwischen
"""
_FRENCH = """
ai aie alors après as au aucun aucune aujourd aussi autre autres aux avais avait avant avec avez avoir avons beaucoup
bien bonjour bonne ça car ce ceci cela celle celui ces cet cette ceux chaque chez ci comme comment cordialement dans de
depuis des dès deux devrait dire dit doit donc dont du elle elles en encore entre es est et étaient était étant été
être eu eux fait faire faut fois font hui ici il ils jamais je jour jusqu la là le les leur leurs lors lorsque lui ma
mais malgré me même mêmes merci mes mien moi moins mon ne ni non nos notre nous on ont ou où par parce pas pendant peu
peut peux plus plusieurs pour pourquoi pourtant pouvez puis quand que quel quelle quelles quelque quelques quels qu qui
quoi sa sans se sera serait ses seulement si sien son sont sous souvent suis sur ta tel tes toi ton toujours tous tout
toute toutes très trop tu un une va vais vers veux voici voilà vont vos votre vous vraiment
"""
_SPANISH = """
a al algo algún alguna algunos allí antes aquí así aun aún aunque bien buenas buenos cada casi como cómo con contra
cual cuál cuando cuándo da de del desde después días donde dónde dos el él ella ellas ellos en entonces entre era eran
eres es esa ese eso esos esta está estaba están estar estas este esto estos estoy fue fueron gracias ha había hace
hacer hacia han has hasta hay he hola hoy igual ir jamás la las le les lo los luego mas más me menos mi mí mientras mis
mismo misma mucho muchos muy nada nadie ni ningún ninguna no nos nosotros nuestra nuestro nunca o os otra otro otros
para parece pero poco podemos podría por porque pues puede pueden puedo que qué quien quién quiero quiere saludos se
sea según ser si sí sido siempre sin sino sobre sólo solo somos son soy su sus tal también tampoco tan tanto te tengo
tener ti tiene tienen toda todas todavía todo todos tras tu tú tus un una unas uno unos usted ustedes va vamos veces
vez voy y ya yo
"""
_PORTUGUESE = """
a agora ainda além algo algum alguma alguns ali ao aos apenas após aquela aquele aquilo as assim até boa bom cada com
como contra da das de dela dele deles demais depois desde dessa desse desta deste dia do dois dos e é ela elas ele eles
em enquanto entre era eram essa essas esse esses esta está estão estar estas estava este estes estou eu faz fazer foi
fomos foram há isso isto já lá lhe logo mais mas me mesma mesmo meu meus minha minhas muita muito muitos na nada não nas
nem nenhum nenhuma ninguém no nos nós nossa nosso num numa nunca o obrigada obrigado olá onde ontem os ou outra outro
outros para pela pelas pelo pelos pode podem pois por porém porque posso pouco pra primeiro próprio qual quando quanto
que quê quem quer quero são se seja sem sempre sendo ser será seu seus si sido só sob sobre sou sua suas talvez também
tanto te tem têm tendo tenho ter teve tive toda todas todo todos tu tudo um uma umas uns vai vamos vão você vocês vou
"""
STOP_WORDS = frozenset(f"{_ENGLISH} {_GERMAN} {_FRENCH} {_SPANISH} {_PORTUGUESE}".split())
"""One list for all: the language of a short text is a guess, and a wrong guess must not change its words."""
STOP_CHARACTERS = frozenset("的了是我在有不他她它们你您这那和与也都就很吗呢吧啊请着过把被给让从到对为个么什怎")
"""Chinese characters that hold a sentence together; a pair of two of them says nothing."""
