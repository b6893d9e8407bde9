# ruff: noqa: E501 - a concept is easier to keep with few, long lines
"""Concepts that complaints and API names share, and the words for them in six languages.

A route is named in English by a programmer, a complaint is written by anybody: ``Beim Bezahlen`` and ``/payments`` meet
in the concept ``payment``. Entries are beginnings of words, folded (lower case, without accents); one that ends with a
dot is the whole word, and Chinese ones are looked for anywhere, because there are no spaces. Written for this project.
"""

from __future__ import annotations

from collections.abc import Mapping

TROUBLE, NEGATED, SLOW, REFUSED = "trouble", "negated", "slow", "refused"
WISH, PRAISE, QUESTION = "wish", "praise", "question"
TONES = frozenset({TROUBLE, NEGATED, WISH, PRAISE, QUESTION})
"""What a person wants with a text; not what it is about."""

CONCEPTS: Mapping[str, str] = {
    "payment": (
        "pay. pays. paid. paying payment pago. pagos. pagar pagament paye. payer paiement bezahl zahlung kasse. "
        "checkout charge. charged charges. card. cards. creditcard carte. karte. kreditkart tarjeta cartao billing "
        "cobro cobrad 支付 付款 结账 扣款 银行卡"
    ),
    "order": "order bestell auftrag auftrage commande pedido encomend purchase einkauf achat compra 订单 下单 购买",
    "cart": "cart. carts. basket warenkorb panier carrito cesta. carrinho 购物车",
    "login": (
        "login log. signin sign. anmeld einlogg passwor contrasen connexion connecter senha. inicia sesion. session "
        "auth account konto. konten compte. cuenta. conta. locked kennwort oauth 登录 登陆 密码 账号 账户"
    ),
    "search": "search such. suche. suchen. sucht. finde. finden. recherch chercher buscar buscador busca. busqued "
    "pesquis query filter 搜索 查找 检索",
    "report": "report bericht rapport informe relatori reporting auswertung statisti dashboard export 报表 报告 统计",
    "upload": "upload hochlad hochgelad anhang attach televers joindre subir. subo. adjunt carregar anexo enviar. "
    "file. files. datei dateien fichier archivo arquivo document 上传 附件 文件",
    "download": "download herunterlad telecharg descarg baixar 下载",
    "invoice": "invoice rechnung factur fatura receipt beleg quittung 发票 账单",
    "delivery": "deliver shipping shipment ship. ships. shipped lieferung lieferant versand sendung livraison expedition "
    "entrega envio. envios. enviado paket parcel package 配送 快递 物流 发货",
    "stock": "stock inventory lager bestand inventar existenc estoque warehouse 库存 仓库",
    "price": "price. prices. pricing preis prix. precio preco cost. costs. discount rabatt voucher gutschein coupon "
    "descuent desconto offer. offers. angebot promotion 价格 优惠 折扣",
    "product": "product produkt produit producto produto catalog katalog article artikel item. items. 商品 产品",
    "user": "user. users. profil customer kunde. kunden client. clients. cliente utilisateur usuari 用户 个人资料 客户",
    "message": "message nachricht mensaje mensagem notif benachrichtig mail. mails. email e-mail sms. chat. courriel "
    "correo 通知 消息 邮件 短信",
    "assistant": "assist chatbot bot. bots. model. models. prompt llm. gpt antwortet asistente ia. ki. 助手 机器人 智能",
    "image": "image bild. bilder photo foto. fotos. picture imagen imagem 图片 照片",
    "map": "map. maps. karte. geo location standort adresse address direccion endereco 地址 地图",
    "booking": "book. booking buchung buchen reserv appointment termin. termine. cita. rendez 预订 预约",
    "menu": "menu navig button knopf bouton boton botao 按钮 菜单",
    TROUBLE: (
        "error errors fehler erreur erro. erros. fail fehlgeschlag fehlschlag echoue echec falla. fallo. fallos. fallan "
        "falha broken break. breaks. broke. kaputt defekt crash absturz sturzt plant. plante bug. bugs. issue. issues. problem "
        "defect stuck freez frozen froze friert dead. tot. doesn doesnt don't cannot cant. can't won't unable unmoglich "
        "impossib imposib impossivel klappt funktionier fonctionne funciona marche. lost verloren perdu perdid missing "
        "verschwund vanish disappear disparu desapare sumiu gone. weg. empty leer. vide. vacio vazio wrong falsch faux. "
        "incorrect abbricht abgebrochen bricht abort blank. weiss retry unexpected exception. exceptions. incident outage "
        "down. ausgefall panne. caido caida stops. stopped refuses reject bounce useless expired invalid ungultig twice. "
        "doppelt kicked locked ausgesperrt bloque 错误 失败 报错 崩溃 不能 无法 打不开 出错 问题 异常 卡住 不了 丢失 空白"
    ),
    NEGATED: (
        "not. no. never. nothing without nicht. nichts nie. kein keine keinen ohne pas. jamais. rien. aucun sans nunca. "
        "nada. sin. ningun nao. nem. sem. nenhum 不 没"
    ),
    SLOW: (
        "slow langsam lent. lente. lentes. lentement lento. lenta. lentidao lentitud wait warte. warten. wartet. attend "
        "attente esper timeout timed. forever ages. ewig. ewigkeit eternit eternidad demora minutes. minuten dauert lange. "
        "longtemps tarda. tardan hang. hangs. hangt. hanging. crawl sluggish lag. lags. laggy zah. loading ladt. laden. "
        "charge. chargement cargand carregand spinner spinning spins. 慢 超时 等待 很久 半天 加载 转圈"
    ),
    REFUSED: "denied forbidden unauthor verboten refus rechaz recus abgelehnt verweigert limit. limits. toomany many. "
    "throttl quota blocked gesperrt bloque 拒绝 限制 频繁 权限",
    WISH: (
        "wish would. could. like. feature suggest idea. ideas. improv wunsch wunsche hatte. ware. vorschlag schlage. "
        "konnte. konntet verbesser souhait serait. pourrai ajout sugger sugiero gustari seria. anad podria poderia "
        "gostaria adicionar mejor. 希望 建议 能否 可以增加 如果能 增加"
    ),
    PRAISE: (
        "love. loved great. good. nice. perfect excellent super. smooth easy. happy toll. schon. prima. klasse. gefallt "
        "bravo. genial facile. bien. bueno facil. rapido. otimo. parabens well-done gelungen 很好 喜欢 不错 方便 满意"
    ),
    QUESTION: (
        "how. where. which. wie. wo. welche comment. ou. quand. quel. quelle. como. donde. cuando. cual. onde. quando. "
        "qual. question frage. pregunta duvida 怎么 如何 请问 哪里 吗"
    ),
}
BY_STATUS: Mapping[int, str] = {
    400: "bad request",
    401: "unauthorized login",
    403: "forbidden denied",
    404: "not found",
    408: "request timeout slow",
    409: "conflict",
    413: "too large upload",
    422: "invalid",
    429: "too many requests limit",
    499: "timeout slow",
    500: "internal server",
    502: "bad gateway",
    503: "unavailable",
    504: "gateway timeout slow",
}
"""What a page shows of a status, and what it feels like (RFC 9110, section 15; 499 is NGINX's)."""
_EVERYDAY = (
    "please thank thanks hello morning bitte danke hallo merci bonjour gracias hola obrigado ola help hope "
    "the and for that this with from have has had was were are not but you your our his her its all any can did does "
    "der die das und ich ist ein eine einen mit von auf den dem des sie wir mein meine auch noch nur wenn dass aber "
    "les des une est que qui pour dans sur avec pas mon mes vous nous plus mais ete fait cela tout "
    "los las una por con del para que mas pero esta este mis muy cada todo desde hay "
    "uma com nao meu minha seu isso foi tem mais ainda quando sempre toda "
    "api http https www com example internal service server app index html rest public"
)
EVERYDAY = frozenset(_EVERYDAY.split())
"""Words that say nothing of what a text, or an API, is about."""
