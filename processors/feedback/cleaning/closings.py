"""How letters are begun and ended, in the languages that are supported."""

from __future__ import annotations

FORMAL_CLOSING = (
    r"(?:(?:with )?(?:best|kind|warm|many|kindest|warmest)(?: (?:best|kind|warm))? (?:regards|wishes)|regards|rgds"
    r"|sincerely(?: yours)?"
    r"|yours (?:sincerely|faithfully|truly)|respectfully|all the best|br|kr"
    r"|mit (?:freundlichen|besten|lieben|herzlichen|vielen) gr(?:ü|ue)(?:ß|ss)en|mfg|lg|vg|bg"
    r"|(?:viele|liebe|beste|freundliche|schöne|herzliche|nette|sonnige) gr(?:ü|ue)(?:ß|ss)e|gr(?:u|ü)(?:ß|ss)e?"
    r"|hochachtungsvoll"
    r"|(?:bien |très )?cordialement|(?:bien|sincères|meilleures|cordiales) (?:à vous|salutations)"
    r"|salutations(?: distinguées)?"
    r"|(?:un |muchos |cordiales )?saludos?(?: cordial(?:es)?)?|atentamente|(?:muy )?atte|reciba un cordial saludo"
    r"|(?:muito )?atenciosamente|att|(?:melhores |com os melhores )?cumprimentos|(?:um )?abraços?"
    r"|此致\s*敬礼|此致|敬礼|祝好|顺祝商祺|致敬)"
)
"""After these comes a name, and nothing more that belongs to the matter."""
THANKS = (
    r"(?:(?:many |best )?thanks(?: again| a lot| so much| in advance| and regards)?|thank you(?: very much| so much"
    r"| in advance)?|thx|cheers"
    r"|best|love|(?:vielen |besten |herzlichen )?dank(?:e)?(?: (?:sehr|im voraus|vorab))?|(?:viele|lieben) dank"
    r"|merci(?: (?:beaucoup|d.avance|bien|à vous))?|(?:muchas |mil )?gracias(?: (?:de antemano|por su ayuda))?"
    r"|(?:muito )?obrigad[oa](?: desde já)?"
    r"|grat[oa]|谢谢|多谢|感谢)"
)
"""After these a name may come, and as well some more about the matter."""
GREETING = (
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|liebe[rs]?|guten (?:tag|morgen|abend)|moin"
    r"|servus"
    r"|sehr geehrte[rs]?|werte[rs]?|grüß gott|bonjour|bonsoir|salut|ch(?:er|ère)s?|hola|buen(?:os|as)? (?:d[ií]as?"
    r"|tardes|noches)"
    r"|estimad[oa]s?|querid[oa]s?|ol[áa]|oi|prezad[oa]s?|car[oa]|bom dia|boa (?:tarde|noite)|尊敬的|亲爱的|你好|您好)"
)
TITLE = (
    r"(?:(?:mr|mrs|ms|miss|dr|prof|herrn?|frau|m|mme|mlle|monsieur|madame|mademoiselle|sr|sra|srta|señor|señora"
    r"|senhor|senhora|don|doña)\b"
    r"\.? ?)"
)
NOBODY = frozenset(
    """
    all again anyone both colleagues customer customers everybody everyone folks friends guys madam moderator
    service sir sirs support team there together world admin administrator developer developers devs help
    helpdesk community alle damen herren kolleginnen kollegen kundendienst kundenservice leute miteinander
    zusammen hilfe à tous tout monde équipe messieurs mesdames madame monsieur client assistance collègues a
    todos todo mundo equipo señores señoras cliente soporte atención amigos pessoal equipe time senhores kunde
    kundin nutzer nutzerin besitzer mitarbeiter mitglied user member owner usuario senhoras suporte atendimento
    galera i we you it the this that my our please since when after ich wir es die der das mein bitte seit je
    nous le la les yo el los mi por eu o os meu a as um uma un una ein eine is are not no mr mrs ms dr prof herr
    herrn frau mme mlle sr sra srta don doña 客服 客户 用户 团队 领导 老师 各位
    """.split()  # noqa: SIM905 - readable so
)
"""Who is greeted without being named, and words a sentence goes on with."""
