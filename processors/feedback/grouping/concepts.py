# ruff: noqa: E501 - a concept stands on few lines
"""Words that mean nearly the same when people complain of software; written for this project, in six languages.

A word is compared by its concept: "pay", "payment" and "Zahlung" are one. Only words of products in general are listed;
what a product calls its own things is learnt from its reports by the weights of words.
"""

from __future__ import annotations

from processors.feedback.grouping.endings import stem

_CONCEPTS = {
    "pay": """pay pays paid paying payment payer payments purchase purchasing buy buying bought checkout transaction charged
        bezahlen bezahlt zahlen zahlung bezahlung kaufen gekauft kasse abgebucht payer paiement paye payé régler acheter
        pagar pago pagos pagado pagamento paguei comprar compra cobro cobrado cobrança 支付 付款 结账 购买 扣款 付钱""",
    "login": """login logon signin logging password passwords credential credentials authenticate authentication
        anmelden anmeldung einloggen eingeloggt passwort kennwort connexion connecter mdp identifiant contraseña acceder
        sesión entrar senha logar acessar 登录 登陆 密码""",
    "slow": """slow slower slowly slowness sluggish lag laggy lagging latency delay delayed spin spins spinning spinner
        hang hangs hanging hung freeze freezes frozen froze stuck timeout timeouts forever ages crawl crawls crawling load
        loads loading langsam lahm ewig dauert dauern hängt hängen lädt laden lent lente lenteur lentement rame ramer
        charge chargement lento lenta lentitud lentidão tarda tardar demora demorado demorar cargar carga carregar
        carregando trava travando 很慢 太慢 缓慢 卡住 超时 加载 卡顿""",
    "search": """search searches searching searched find finder results suche suchen gesucht suchergebnis suchergebnisse
        finden treffer recherche rechercher résultats búsqueda buscar busco buscador resultados busca pesquisa pesquisar
        procurar 搜索 搜寻 查找 结果""",
    "upload": """upload uploads uploading uploaded attach attachment attachments attaching hochladen hochgeladen anhang
        anhängen téléverser téléversement télécharger joindre subir adjuntar adjunto archivo enviar anexar anexo arquivo
        上传 附件""",
    "report": """report reports reporting dashboard statistics chart charts totals bericht berichte auswertung auswertungen
        statistik rapport rapports tableau informe informes reporte relatório relatórios 报表 报告 统计""",
    "order": """order orders ordered ordering bestellung bestellungen bestellt bestellen auftrag commande commandes
        commandé commander pedido pedidos encargué encomenda encomendas 订单 下单""",
    "notify": """notification notifications notify notified alert alerts reminder reminders push benachrichtigung
        benachrichtigungen benachrichtigt erinnerung notifications notifié rappel notificación notificaciones aviso avisos
        notificação notificações lembrete 通知 提醒""",
    "mail": """mail mails email emails inbox postfach courriel courriels correo correos caixa 邮件 邮箱""",
    "limit": """limit limits limited throttle throttled throttling quota quotas exceeded 429 drosselung kontingent
        limite limites límite límites cota 限制 限流 频繁""",
    "assistant": """assistant chatbot bot ai chat assistent assistentin ki assistante asistente ia assistente 助手 机器人""",
    "crash": """crash crashes crashed crashing abstürzen absturz abgestürzt stürzt plante plantage planté bloquea falla
        cierra colgado travou fecha 崩溃 闪退""",
    "fail": """fail fails failed failing failure failures error errors fault broken breaks break broke bug buggy problem
        problems issue issues wrong fehler fehlgeschlagen fehlermeldung schlägt scheitert kaputt defekt problem probleme
        erreur erreurs échec échoue échoué panne problème problèmes bug error errores fallo fallos falla problema problemas
        erro erros falha falhas falhou 错误 失败 出错 问题 故障""",
    "refuse": """reject rejects rejected decline declines declined refuse refuses refused denied deny abgelehnt ablehnung
        verweigert refuse refusé refusée rejeté rechazado rechazada rechaza denegado recusado recusada negado 拒绝""",
    "invoice": """invoice invoices bill billing receipt receipts rechnung rechnungen quittung beleg facture factures reçu
        factura facturas recibo fatura faturas 发票 账单""",
    "delivery": """delivery deliveries delivered deliver shipping shipment shipped parcel package lieferung geliefert liefern
        versand paket livraison livré livrer colis envío entrega entregado paquete envio entregue pacote 配送 送货 快递""",
    "account": """account accounts profile konto profil compte profil cuenta perfil conta 账户 账号""",
    "price": """price prices pricing cost costs preis preise prix precio precios preço preços 价格""",
    "discount": """discount discounts voucher vouchers coupon coupons promo gutschein gutscheine rabatt remise cupón
        descuento cupom desconto 优惠 折扣""",
    "phone": """phone phones mobile smartphone iphone android handy téléphone portable móvil celular telemóvel 手机""",
    "save": """save saves saved saving speichern gespeichert enregistrer enregistré sauvegarder guardar guardado guarda
        salvar gravar 保存""",
    "print": """print printing printed printer drucken druck drucker imprimer impression imprimir impresora impressora 打印""",
    "export": """export exports exporting exported download downloads downloading downloaded herunterladen exportieren
        exporter exportar descargar descarga baixar 导出 下载""",
    "data": """figures numbers amounts totals sums zahlen summen beträge chiffres montants cifras números importes valores
        数字 数据 金额""",
    "missing": """missing lost vanished disappeared gone loses lose verschwunden fehlt fehlen weg verloren perdu perdue
        disparu disparue manquant perdido perdida desaparecido falta sumiu desapareceu 丢失 消失 不见""",
    "blank": """blank empty white leer leere leeren vide vides blanche vacío vacía blanco vazio vazia branco 空白""",
}
CONCEPTS = {stem(word): f"~{concept}" for concept, words in _CONCEPTS.items() for word in words.split()}
"""Stem to concept, which no word can be: it begins with a tilde."""
PHRASES = {
    ("log", "in"): "~login",
    ("log", "on"): "~login",
    ("logged", "in"): "~login",
    ("logged", "out"): "~login",
    ("logs", "out"): "~login",
    ("sign", "in"): "~login",
    ("signed", "in"): "~login",
    ("signing", "in"): "~login",
    ("mot", "passe"): "~login",
    ("iniciar", "sesión"): "~login",
    ("time", "out"): "~slow",
    ("times", "out"): "~slow",
    ("timed", "out"): "~slow",
    ("too", "many"): "~limit",
    ("zu", "viele"): "~limit",
    ("trop", "requêtes"): "~limit",
    ("demasiadas", "solicitudes"): "~limit",
    ("bad", "gateway"): "~fail",
}
"""Two words that stand side by side, or with one between them."""
