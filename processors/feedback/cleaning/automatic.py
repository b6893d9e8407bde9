"""Whether a message was written by a mail program: an automatic reply, or news of a mail that did not arrive."""

from __future__ import annotations

import re

from contracts.feedback import Feedback
from processors.feedback.cleaning.matter import FAULT, SECURITY
from processors.feedback.cleaning.readable import header

ENOUGH = 3
"""Points from which a message is automatic. A header or a subject alone is enough, phrases need two of them."""
_PREFIX = r"\s*(?:\[[^\]\n]{1,40}\]\s*)?(?:(?:re|aw|fwd?|wg|rv|tr|res|enc)\s?:\s*){0,3}"
_ENDS = r"\s*(?:[:\uff1a|\-\u2013(]|\Z|\n)"
_REPLY_SUBJECT = re.compile(
    rf"(?i){_PREFIX}(?:auto(?:matic|mated|mat(?:ed|ic))?[ \-]?(?:reply|response|answer)|autoreply"
    rf"|out of (?:the )?office(?: auto\w{{0,6}}[ \-]?reply)?"
    r"|automatische (?:antwort|rückantwort)|abwesenheits(?:notiz|nachricht|meldung|assistent)|abwesend"
    r"|nicht im (?:büro|hause)"
    r"|réponse automatique|absence du bureau|message d.absence|respuesta automática|fuera de (?:la )?oficina"
    r"|ausente de la oficina"
    r"|resposta automática|eingangsbestätigung|accusé de réception|acuse de recibo|confirmação de recebimento"
    r"|(?:fora do escritório|ausência temporária)|自动回复|自動回覆|外出自动回复)"
    rf"(?:{_ENDS})"
)
_BOUNCE_SUBJECT = re.compile(
    rf"(?i){_PREFIX}(?:undelivered mail returned to sender|undeliver(?:able|ed)(?: mail)?{_ENDS}"
    rf"|delivery status notification ?\(\w{{4,10}}\)"
    r"|mail delivery (?:failed|failure|subsystem)|returned mail:|delivery (?:has )?failed|failure notice\s*(?:\Z|\n)"
    r"|message undeliverable"
    r"|unzustellbar(?:e nachricht)?|nachricht unzustellbar|non remis|échec de (?:la )?remise|no se puede entregar"
    r"|no entregado"
    r"|não (?:foi possível|é possível) entregar|não entregue|退信|系统退信|邮件投递失败)"
)
_BOUNCE_OPENING = re.compile(
    r"(?i)\s*(?:this is the mail system at|this message was created automatically by mail"
    r"|hi\. this is the [\w\-]{1,30} (?:program|deliver)"
    r"|your message (?:to .{3,80} )?(?:could not|couldn.t|wasn.t|was not) (?:be )?delivered"
    r"|delivery to the following recipients? failed"
    r"|diese nachricht wurde automatisch vom mail|ihre nachricht (?:an .{3,80} )?konnte nicht zugestellt)"
)
_AWAY = re.compile(
    r"\b(?:i am|i.m|i will be) (?:currently |presently )?(?:out of (?:the )?office|away from (?:the office|my desk"
    r"|my e-?mail)|on (?:annual |parental |sick )?"
    r"(?:leave|vacation|holiday))\b|\bich bin (?:derzeit|zurzeit|zur zeit|aktuell|momentan|vom|bis"
    r"|ab)?.{0,60}\b(?:nicht im (?:büro|hause)|abwesend|im urlaub|nicht erreichbar)"
    r"|\bje suis (?:actuellement )?(?:absent|en congés?|hors du bureau)|\b(?:estoy"
    r"|estaré) (?:actualmente )?(?:fuera de (?:la )?oficina|ausente|de vacaciones)"
    r"|\b(?:estou|estarei) (?:atualmente )?(?:fora do escritório|ausente|de férias)|(?:我|本人)(?:目前|现在|正在"
    r"|将)?.{0,8}(?:休假|不在办公室|外出)"
)
_RECEIVED = re.compile(
    r"\W{0,5}(?:this is an auto\w{0,8} (?:reply|response|message|confirmation)"
    r"|(?:thank you[,.!]? )?we (?:have )?received your (?:request|message|e-?mail|ticket)"
    r"|(?:vielen )?(?:danke?[,.!] )?wir haben ihre (?:anfrage|nachricht|e-?mail) erhalten|(?:dies"
    r"|das) ist eine automati\w{1,8} (?:antwort|nachricht)"
    r"|(?:merci[,.!] )?nous avons bien reçu votre|(?:gracias[,.!] )?hemos recibido su"
    r"|(?:obrigado[,.!] )?recebemos (?:a )?su[ae]|我们已收到您的|此邮件由系统自动)"
)
_PROMISE = re.compile(
    r"thank you for your (?:e-?mail|mail|message)|dank für ihre (?:e-?mail|mail|nachricht)|merci (?:de"
    r"|pour) votre (?:message|mail|courriel)"
    r"|gracias por su (?:mensaje|correo)|obrigad[oa] pel[oa] su[ae] (?:mensagem|e-?mail)|感谢您的(?:来信|邮件)"
    r"|\b(?:(?:will|shall|.ll) (?:reply|respond|answer|get back|return|be back)|limited access to (?:my )?e-?mail"
    r"|urgent matters?|in urgent cases|upon my return"
    r"|this is an auto\w{0,8} (?:reply|response|message)|do not reply to this)\b|\bin dringenden fällen"
    r"|\bwieder (?:da|im büro|erreichbar|für sie da)|nicht weitergeleitet"
    r"|\bmeine vertretung|\bde retour|\ben cas d.urgence|\bà mon retour|\bde vuelta|\ben caso de urgencia"
    r"|\ba mi (?:regreso|vuelta)|\bem caso de urgência"
    r"|\bno meu (?:regresso|retorno)|\bde volta|尽快(?:回复|答复)|(?:紧急|急事)"
)
_ABSENCE = (
    "out of", "away from", "leave", "vacation", "holiday", "abwesend", "im büro", "im hause", "im urlaub",
    "erreichbar", "absent", "congé", "hors du", "oficina", "ausente", "vacaciones", "escritório", "férias",
    "休假", "办公室", "外出",
)  # fmt: skip
"""Cheap first look: without one of these nobody says to be away."""
_MACHINES = frozenset(("mailer-daemon", "mail-daemon", "maildaemon"))
_HEAD_CHARS = 600
_TELLING = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-failed-recipients")
_NO = frozenset(("", "no", "false", "0", "none"))


def automatic(feedback: Feedback, text: str) -> list[tuple[str, int]]:
    """Why a message seems to be automatic, each reason with its points; ``text`` is its readable text."""
    found = [*_by_header(feedback, text), *_by_sender(feedback)]
    head = text[:_HEAD_CHARS]
    subject = feedback.title or head.partition("\n")[0]
    if _REPLY_SUBJECT.match(subject[:_HEAD_CHARS]):
        found.append(("subject of an automatic reply", 3))
    if _BOUNCE_SUBJECT.match(subject[:_HEAD_CHARS]):
        found.append(("subject of a returned mail", 3))
    if _BOUNCE_OPENING.match(head):
        found.append(("text of a returned mail", 3))
    lower = head.lower()
    if FAULT.search(lower) or SECURITY.search(lower):
        return found
    if _RECEIVED.match(lower):
        found.append(("confirms that a message was received", 3))
    if any(word in lower for word in _ABSENCE) and _AWAY.search(lower):
        found.append(("says to be away", 2))
        if _PROMISE.search(lower):
            found.append(("promises an answer later", 1))
    return found


def _by_header(feedback: Feedback, text: str) -> list[tuple[str, int]]:
    if not feedback.attributes:
        return []
    found = []
    submitted = header(feedback.attributes, "auto-submitted")
    replied = submitted.startswith("auto-replied")
    if submitted not in _NO and (replied or not SECURITY.search(text.lower())):
        found.append(("auto-submitted", 3))  # RFC 3834; what a scanner or a form generates may tell of a hole
    found += [(name, 3) for name in _TELLING if header(feedback.attributes, name) not in _NO]
    precedence = header(feedback.attributes, "precedence")
    if precedence.replace("-", "_") == "auto_reply":
        found.append(("precedence", 3))
    elif precedence in {"bulk", "junk"}:
        found.append(("precedence", 1))
    if header(feedback.attributes, "content-type").startswith("multipart/report"):
        found.append(("delivery report", 3))  # RFC 6522
    return found


def _by_sender(feedback: Feedback) -> list[tuple[str, int]]:
    senders = (feedback.reporter.pseudonym, feedback.reporter.contact_ref, header(feedback.attributes, "from"))
    for sender in senders:
        local = (sender or "").casefold().rpartition("<")[2].partition("@")[0].strip()
        if local in _MACHINES:
            return [("sent by a mail system", 3)]
    return []
