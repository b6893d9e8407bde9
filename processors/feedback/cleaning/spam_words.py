"""What advertising offers, by language; a phrase counts once, and none is enough alone."""

from __future__ import annotations

import re

_ENGLISH = (
    r"casinos?|viagra|cialis|(?:sports?|online) betting|jackpots?|slot games?|free spins|(?:bitcoin"
    r"|crypto)(?:currency)? (?:investment|profits?|trading)|forex"
    r"|(?:earn|make) (?:up to )?[$€£]?\d[\d,.k]* ?(?:[$€£]|usd|eur|dollars)?(?: (?:per|a|every|each))? ?(?:day|week"
    r"|month|hour)|passive income|work(?:ing)? from home"
    r"|get rich|double your (?:money|income|bitcoin)|financial freedom|seo (?:services?|experts?|packages?|agency)"
    r"|(?:first|#1|top) (?:page )?(?:on|of|in) google"
    r"|rank(?:ing)? (?:higher|on google)|back ?links?|guest posts?|domain authority|(?:buy|cheap|real) (?:followers"
    r"|likes|subscribers|views|reviews)|(?:followers|likes) (?:and|or) (?:followers|likes)|website traffic"
    r"|web ?(?:site )?design (?:services?|company)|app development (?:services?|company)|lead generation"
    r"|email (?:list|database)s?|instant loans?|payday loans?"
    r"|loan (?:offer|approval)|bad credit|no credit check|debt relief|weight loss|lose weight|lose \d+ (?:pounds|kg)"
    r"|diet pills?|male enhancement|hot (?:singles|girls)"
    r"|adult dating|meet (?:singles|girls|women)|escorts?|porn|replica (?:watches|bags)|cheap (?:pills|meds|viagra"
    r"|watches|handbags)|online pharmacy|no prescription"
    r"|click (?:here|the link|below)|limited[ -]time offer|special offer|act now|order now|buy now|best (?:price"
    r"|deal)s?|discount code|exclusive deal|risk[ -]free"
    r"|money[ -]back guarantee|you (?:have )?(?:won|been selected)|congratulations,? you\b|claim your"
    r"|gift ?cards? giveaway"
    r"|lottery|inheritance|million (?:dollars|usd)"
    r"|dear (?:friend|beneficiary)|unsubscribe|buy (?:\w{1,15} )?essays?|essay writing|fake (?:passports?|ids?"
    r"|documents)|free trial|boost your (?:sales|traffic|business)"
    r"|grow your (?:business|audience|instagram)|visit (?:our|my) (?:site|website|page|store|shop)|check out (?:our"
    r"|my) (?:site|website|page|blog|store|shop)"
)
_GIFTS = (
    r"(?:win|get|claim|grab) (?:a |an |your )?free|free (?:iphone|ipad|money|bitcoins?|gift ?cards?|crypto)|(?:your"
    r"|a) prize|crypto(?:currency)? signals?|profits? guaranteed|guaranteed profits?"
    r"|\d{2} ?% (?:off|discount|rabatt|de (?:réduction|descuento|desconto))|special discounts?|lowest prices?"
    r"|(?:watch|see) the video|dm (?:me|us)|call now"
    r"|gewinnen sie|jetzt gewinnen|gagnez un|gane un|ganhe um|contactez[- ]nous|нов\w{2} клиент\w{0,3}"
)
_GERMAN = (
    r"sofort ?kredit|kredit ohne schufa|online[ -]?casino|gewinnspiel|sie haben gewonnen|geld verdienen"
    r"|verdienen sie|passives einkommen|potenzmittel"
    r"|abnehmen|ohne rezept|jetzt (?:kaufen|bestellen|klicken|sichern)|hier klicken|klicken sie hier|sonderangebot"
    r"|nur heute|gratis testen|günstig kaufen|sportwetten"
    r"|suchmaschinenoptimierung|erste seite bei google|besuchen sie unsere"
)
_FRENCH = (
    r"crédit rapide|prêt (?:rapide|sans justificatif|entre particuliers)|gagne[zr] (?:de l.argent|jusqu)"
    r"|casino en ligne|revenus? passifs?|perdre du poids|perdez \d+ kilos"
    r"|cliquez ici|offre (?:spéciale|exclusive|limitée)|achetez maintenant|sans ordonnance|vous avez gagné"
    r"|paris sportifs|première page de google|visitez notre"
)
_SPANISH = (
    r"préstamos? (?:rápidos?|inmediatos?|urgentes?)|gan[ea]r? dinero|dinero (?:fácil|desde casa)|casino en línea"
    r"|casino online|ingresos pasivos|bajar de peso|perder peso"
    r"|haga clic|haz clic (?:aquí)?|oferta (?:especial|exclusiva|limitada)|compre ahora|sin receta|ha(?:s)? ganado"
    r"|apuestas deportivas|primera página de google|visite nuestr[ao]"
)
_PORTUGUESE = (
    r"empréstimos? (?:rápidos?|imediatos?|pessoal)|ganh(?:e|ar) dinheiro|dinheiro fácil|renda extra|cassino"
    r"|casino online|renda passiva|emagrec\w{1,4}|perder peso"
    r"|clique aqui|oferta (?:especial|exclusiva|limitada)|compre (?:agora|já)|sem receita|você ganhou"
    r"|apostas (?:esportivas|desportivas)|primeira página do google|visite noss[ao]"
)
_RUSSIAN = (
    r"казино|ставки на спорт|заработ(?:ок|ай|ать)\w{0,3}|быстры[йе] кредит\w{0,2}|займ\w{0,3}|купить дешево"
    r"|купи(?:ть|те)? \w{3,20} (?:дешево|онлайн|недорого)|скидк\w{1,2}"
    r"|продвижение сайт\w{1,3}|раскрутка|виагра|знакомств[ао]|эскорт|бесплатн\w{1,3}|переходи(?:те)? по ссылке"  # noqa: RUF001 - Russian
)
_CHINESE = (
    "代开发票|开发票|博彩|赌场|娱乐城|棋牌|时时彩|六合彩|刷单|兼职日赚|日赚|月入\\d*万|快速贷款|无抵押|低息贷款"
    "|贷款秒批|网络推广|刷粉|代刷|加微信|加我微信|扫码领|免费领取"
    "|点击链接|限时优惠|特价|中奖|壮阳|减肥|办证|裸聊|同城交友|投资理财|稳赚|高回报|包赚"
)
BLATANT = re.compile(
    r"\b(?:viagra|cialis|replica (?:\w{1,12} )?(?:watches|bags)|cheap (?:pills|meds)|no prescription|diet pills?"
    r"|male enhancement"
    r"|(?:buy|cheap|real) (?:followers|likes|subscribers)|seo (?:services?|experts?|packages?|agency)|back ?links"
    r"|guest posts?"
    r"|targeted (?:visitors|traffic)|bulk e?-?mail|e?-?mail lists|lead generation|website design services"
    r"|web design services"
    r"|hot (?:singles|girls)|adult dating|looking for an? (?:man|woman|husband|wife)|(?:bitcoin"
    r"|crypto)\w{0,10} (?:investment|profits?)"
    r"|win a free|get rich|financial freedom|escorts?|cheap (?:\w{1,12} )?(?:watches|handbags|viagra|followers)"
    r"|(?:increase"
    r"|boost|grow) your (?:\w{1,12} )?(?:followers|sales|traffic)"
    r"|reich werden|crédit rapide|préstamos rápidos|empréstimo rápido|ganhe r\$|раскрутка|продвижение сайт\w{1,3}"
    r"|ставки на спорт"
    r"|doubles? (?:your|in) \S{1,20}|payday loans?|no credit check|essay writing|buy (?:\w{1,15} )?essays?"
    r"|million (?:dollars|usd|euros?)"
    r"|inheritance|make money|earn money|potenzmittel|ohne rezept|kredit ohne schufa|sofort ?kredit|geld verdienen"
    r"|verdienen sie \d[\d.]{0,9}|sans ordonnance|gagnez de l.argent|prêt sans justificatif|sin receta"
    r"|dinero (?:fácil|desde casa)|gane dinero"
    r"|sem receita|dinheiro fácil|ganhe dinheiro|виагра|казино)(?!\w)"
    r"|代开发票|刷单|日赚|办证|裸聊|博彩|六合彩|时时彩|壮阳|贷款秒批"
)
"""What nobody says about a product of theirs: each counts twice as much as an offer."""
OFFERS = re.compile(
    rf"\b(?:{_ENGLISH}|{_GIFTS}|{_GERMAN}|{_FRENCH}|{_SPANISH}|{_PORTUGUESE}|{_RUSSIAN})(?!\w)|{_CHINESE}"
)
"""Of a text in lower case: ignoring case costs three times as much."""
