"""Words that say how bad something is, by language: what blocks, what eases, and what is felt.

The same stems serve all languages at once: each is looked for in every text, because people mix them.
"""

from __future__ import annotations

BLOCKING = {
    "en": "blocker|blocked|blocking|blocks us|cannot work|can't work|unable to work|work stopped|nobody can|no one can"
    "|everyone is affected|all users|all customers|whole company|production down|prod is down|is down|outage|urgent"
    "|urgently|asap|emergency|critical|showstopper|data loss|lost data|lost all|lost everything|deadline|immediately"
    "|losing customers|losing money|losing orders|charged twice|cannot pay|can't pay|cannot log in"
    "|can't log in|unusable",
    "de": "blockiert|können nicht arbeiten|kann nicht arbeiten|nichts geht mehr|geht nichts mehr|niemand kann"
    "|alle nutzer|alle kunden|alle kollegen|stillstand|ausfall|dringend|eilt|sofort|notfall|kritisch|datenverlust"
    "|alles weg|alle daten|umsatzausfall|doppelt abgebucht|nicht bezahlen|nicht anmelden|unbrauchbar",
    "fr": "bloqué|bloquant|bloquée|impossible de travailler|plus personne|tous les utilisateurs|tous les clients"
    "|à l'arrêt|panne générale|urgent|urgence|critique|immédiatement|perte de données|tout perdu|débité deux fois"
    "|impossible de payer|impossible de me connecter|inutilisable",
    "es": "bloqueado|bloqueante|no podemos trabajar|no puedo trabajar|nadie puede|todos los usuarios|todos los clientes"
    "|caído|caída|urgente|emergencia|crítico|inmediatamente|pérdida de datos|perdí todo|cobraron dos veces"
    "|no puedo pagar|no puedo entrar|inutilizable|inservible",
    "pt": "bloqueado|não podemos trabalhar|não consigo trabalhar|ninguém consegue|todos os usuários|todos os clientes"
    "|fora do ar|parado|urgente|urgência|emergência|crítico|imediatamente|perda de dados|perdi tudo|cobrado duas vezes"
    "|não consigo pagar|não consigo entrar|inutilizável",
    "zh": "无法工作|没法工作|所有人|全部用户|所有用户|瘫痪|宕机|紧急|急|马上|立即|严重|数据丢失|全丢了"
    "|扣了两次|无法付款|无法登录",
}
EASING = {
    "en": "workaround|work around|works if|works when|restarting helps|restart helps|after a restart it works|minor"
    "|cosmetic|trivial|small issue|tiny|not urgent|no hurry|no rush|nice to have|sometimes|rarely|once in a while|typo",
    "de": "umgehung|umgehen|workaround|neustart hilft|nach einem neustart geht|kleinigkeit|kosmetisch|nicht"
    " dringend|eilt nicht|keine eile|gelegentlich|manchmal|selten|tippfehler|schönheitsfehler",
    "fr": "contournement|contourner|en redémarrant ça marche|mineur|cosmétique|pas urgent|rien d'urgent|parfois"
    "|rarement|faute de frappe|petit détail",
    "es": "solución alternativa|reiniciando funciona|menor|cosmético|no es urgente|sin prisa|a veces|rara vez"
    "|pequeño detalle|errata",
    "pt": "solução alternativa|reiniciando funciona|detalhe pequeno|cosmético|não é urgente|sem pressa|às vezes"
    "|raramente|pequeno detalhe",
    "zh": "临时办法|重启就好|重启后可以|不急|小问题|偶尔|有时|错别字",
}
NEGATIVE = {
    "en": "terrible|horrible|awful|unacceptable|ridiculous|furious|angry|frustrated|frustrating|disappointed|worst"
    "|useless|hate|annoying|fed up|sick of|disaster|nightmare|joke|shame|pathetic|garbage|crap|wtf|again and again",
    "de": "furchtbar|schrecklich|inakzeptabel|unverschämt|wütend|sauer|frustriert|enttäuscht|katastrophe|unzumutbar"
    "|ärgerlich|nervt|schlimm|frechheit|schrott|mist|zum kotzen",
    "fr": "horrible|inacceptable|scandaleux|furieux|énervé|frustrant|déçu|catastrophe|honteux|ras le bol|pénible|nul",
    "es": "horrible|inaceptable|ridículo|furioso|enojado|frustrante|decepcionado|pésimo|desastre|vergüenza|harto",
    "pt": "horrível|inaceitável|ridículo|furioso|irritado|frustrante|decepcionado|péssimo|desastre|vergonha|cansado de",
    "zh": "太差|垃圾|气死|愤怒|失望|无法接受|受不了|糟糕|坑",
}
POSITIVE = {
    "en": "great|love|thanks|thank you|happy|perfect|excellent|awesome|nice|good job|well done|helpful|satisfied",
    "de": "super|toll|danke|zufrieden|perfekt|klasse|prima|freundlich|hilfreich|gefällt",
    "fr": "super|merci|parfait|excellent|content|satisfait|bravo|j'adore",
    "es": "genial|gracias|perfecto|excelente|contento|satisfecho|me encanta|estupendo",
    "pt": "ótimo|obrigado|obrigada|perfeito|excelente|contente|satisfeito|adorei|legal",
    "zh": "谢谢|感谢|很好|满意|不错|喜欢|棒|赞",
}
