# ruff: noqa: E501 - a phrase stands on one line
"""What people write, by story and language."""

from __future__ import annotations

Phrases = dict[str, tuple[tuple[str, str], ...]]
"""Language to pairs of subject and text; ``{minutes}`` and ``{thing}`` are filled in."""

PAYMENT: Phrases = {
    "en": (
        ("Payment fails on my iPhone", "I press pay and after a while it says payment failed. Cart is still full."),
        ("Cannot pay", "Tried to pay {minutes} times on my phone with Safari, always an error. Works on my laptop."),
        ("Error when paying", "The pay button spins and then I get 'bad gateway'. iPhone, Safari."),
        ("Checkout broken", "Checkout stops at the payment step on iPhone. I gave up and left the {thing} in the cart."),
        ("Was I charged?", "Payment page showed an error on my iPhone, I do not know if the money was taken."),
    ),
    "de": (
        ("Bezahlen geht nicht", "Beim Bezahlen auf dem iPhone kommt immer eine Fehlermeldung, der Warenkorb bleibt voll."),
        ("Zahlung fehlgeschlagen", "Ich habe {minutes} Mal versucht zu bezahlen, in Safari bricht die Zahlung ab."),
    ),
    "fr": (
        ("Paiement impossible", "Impossible de payer avec mon iPhone, le paiement échoue après quelques secondes."),
    ),
    "es": (
        ("No puedo pagar", "No puedo pagar con el iPhone, la página de pago muestra un error cada vez."),
    ),
}  # fmt: skip
WAITING: Phrases = {
    "en": (
        ("Stock report very slow", "The stock movements report takes minutes since this morning, customers are waiting."),
        ("Report hangs", "I opened the stock report and waited about {minutes} minutes. The caller hung up."),
        ("ERP slow", "Everybody here waits for the stock movements report. It used to take a second."),
    ),
    "de": (
        ("Bericht sehr langsam", "Der Bericht Lagerbewegungen lädt ewig, die Kunden am Telefon müssen warten."),
        ("Lagerbericht hängt", "Seit heute Vormittag dauert der Lagerbericht {minutes} Minuten, so kann ich nicht arbeiten."),
    ),
}  # fmt: skip
OTHER: Phrases = {
    "en": (
        ("Love the new look", "The new shop looks great and finding a {thing} was easy."),
        ("Wish list", "Please add a wish list, I would like to save a {thing} for later."),
        ("Delivery", "My {thing} arrived after {minutes} days, could be faster."),
        ("Search", "Searching for {thing} shows things that have nothing to do with it."),
        ("Dark mode", "A dark mode would be nice, the white page hurts in the evening."),
        ("Invoice", "Where can I download the invoice for the {thing} I bought?"),
        ("Assistant", "The assistant answered my question about the {thing} in a few seconds, well done."),
        ("Size table", "The size table for the {thing} is hard to read on a small screen."),
        ("Voucher", "I could not find the field for my voucher at first."),
        ("Thanks", "Everything went smoothly, thank you."),
    ),
    "de": (
        ("Schöner Shop", "Der neue Shop gefällt mir gut, {thing} schnell gefunden."),
        ("Rechnung", "Wo finde ich die Rechnung zu meiner letzten Bestellung?"),
    ),
    "fr": (
        ("Livraison", "La livraison a pris {minutes} jours, c'est un peu long pour une petite commande."),
        ("Bravo", "Le nouveau site est très clair et facile à utiliser, merci."),
    ),
    "es": (
        ("Buscador", "El buscador no encuentra lo que quiero, hay que mejorar los resultados."),
        ("Gracias", "Todo ha funcionado bien y el envío fue muy rápido, gracias."),
    ),
}  # fmt: skip
THINGS = ("lamp", "kettle", "backpack", "chair", "keyboard", "blanket", "tent", "bottle", "mirror", "clock")
CONTACT = (
    " You can reach me at {user}@example.com.",
    " Call me back: +1-555-01{digits}.",
    " My mail is {user}@example.com, phone +1-555-01{digits}.",
)
