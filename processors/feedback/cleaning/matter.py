"""Words by which somebody speaks of a system: what holds them is neither advertising nor a signature."""

from __future__ import annotations

import re

_FAULT = (
    r"errors?|bugs?|crash\w{0,3}|fail(?:s|ed|ing|ure)?|broken|exceptions?|timeouts?|timed out|timing out|times out"
    r"|hang(?:s|ing)?|frozen"
    r"|freezes|stack ?trace|(?:http|status|code|a|returns?|gives?|shows?|gets?) ?[45]\d\d|not working|(?:does|do"
    r"|did)(?: ?not|n.t|nt) work|stopped working"
    r"|cannot (?:log|open|pay|load|see)"
    r"|fehler\w{0,8}|absturz|abgestürzt|stürzt|kaputt|hängt|geht nicht|funktioniert nicht|lädt nicht|erreurs?"
    r"|en panne|plante"
    r"|(?:fonctionne|marche) (?:pas|plus)|fallos?|falla|no (?:funciona|carga|abre|puedo)|se cuelga|erros?|falha"
    r"|trava(?:ndo)?"
    r"|não (?:funciona|abre|carrega|consigo)|ошибк\w{1,3}|не работает"
)
_THING = (
    r"log ?in|logged|sign ?in|checkout|cart|orders?|invoices?|payments?|refund(?:ed)?|charged|buttons?|browser"
    r"|version|release|screen"
    r"|api|endpoint|unable|slow|report(?:s|ed)?|password|account|bestell\w{1,8}|rechnung\w{0,3}|zahlung\w{0,3}"
    r"|anmeld\w{1,5}|passwort"
    r"|konto|langsam|lädt|warenkorb|knopf|commande|facture|paiement|connexion|lent|bouton|pedidos?|facturas?|pagos?"
    r"|sesión|lento"
    r"|botón|fatura|pagamento|conta|botão|carregar"
)
_SECURITY = (
    r"phishing|scams?|scammers?|spam|fraud\w{0,5}|hacked|hackers?|stolen|credentials|passwords of|open redirect"
    r"|is this (?:e-?mail|mail|message) from you|(?:sell|sold|sells|share[sd]?) my (?:data|e-?mail|address|details)"
    r"|log in as|logged in as|without (?:logging in|(?:a )?log ?in|(?:a )?password|permission)|privacy|gdpr|dsgvo"
    r"|rgpd|lgpd"
    r"|betrug\w{0,3}|gehackt|datenschutz\w{0,10}|hameçonnage|arnaque|piraté|estafa|hackeado|golpe|fraude|suplantación"
    r"|vulnerab\w{1,12}|exploits?|exploitable|xss|csrf|ssrf|xxe|idor|rce|sql ?i(?:njection)?|injection"
    r"|cve-\d{4}-\d{3,7}|poc|proof of concept"
    r"|security (?:hole|issue|bug|flaw|problem|report|leak|risk|gap)|path traversal|privilege escalation|remote code"
    r"|data leak|leaks?|exposed"
    r"|other (?:customers?|users?|people)['\u2019]?s? (?:data|orders?|accounts?|invoices?|address\w{0,2})"
    r"|someone else.s|unauthori[sz]ed|bypass\w{0,3}"
    r"|sicherheits(?:lücke|problem|leck|risiko)\w{0,2}|schwachstelle\w{0,2}|datenleck|fremde (?:daten|bestellungen"
    r"|rechnungen|konten)"
    r"|faille\w{0,2}|vulnérabilit\w{1,4}|fuite de données|données d.autres|vulnerabilidad\w{0,2}|fuga de datos"
    r"|datos de otr\w{1,2}|inyección"
    r"|vulnerabilidade\w{0,2}|falha de segurança|vazamento|dados de outr\w{1,2}|injeção"
)
_SHAPES = (
    r"\bat [\w.$]{3,100}\([\w.]{1,60}:\d{1,6}\)|\bTraceback \(most recent|\bFile \"[^\"\n]{1,200}\", line \d"
    r"|\b[A-Z]\w{2,60}(?:Exception|Error)\b"
    r"|\b(?:GET|POST|PUT|PATCH|DELETE) /|\b[A-Z]{2,8}-\d{3,6}\b|<script|\b0x[0-9a-fA-F]{4,16}\b"
)
_CHINESE_FAULT = "错误|报错|失败|崩溃|闪退|打不开|无法|卡住|卡死|白屏|超时|用不了"
_CHINESE_THING = "不能|登录|订单|支付|页面|按钮|加载|系统|版本|慢|退款|发票|密码"
_CHINESE_SECURITY = (
    "钓鱼|诈骗|盗号|被盗|隐私|漏洞|注入|越权|泄露|泄漏|别人的(?:订单|数据|信息)|他人(?:订单|数据|信息)|安全问题|攻击"
)
FAULT = re.compile(rf"\b(?:{_FAULT})\b|{_CHINESE_FAULT}")
THING = re.compile(rf"\b(?:{_THING})\b|{_CHINESE_THING}")
SECURITY = re.compile(rf"\b(?:{_SECURITY})\b|{_CHINESE_SECURITY}")
"""These three look at a text in lower case: ignoring case costs three times as much."""
TECHNICAL = re.compile(_SHAPES)
"""What only a program writes: frames of a stack, requests, codes of errors."""
