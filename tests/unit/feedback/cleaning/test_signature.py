from __future__ import annotations

import pytest

from processors.feedback.cleaning.signature import cut_signature

SAID = "The cart stays empty.\nPlease help."


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nJane Doe\nHead of Nothing\nExample Ltd\n+44 20 7946 0000",
        "--\nJane",
        "Best regards,\nJane Doe\nExample Ltd",
        "Kind regards\n\nJane",
        "Mit freundlichen Grüßen\nMax Muster\n\nBeispiel GmbH\nMusterweg 1\n12345 Beispielstadt",
        "MfG\nM. Muster",
        "Cordialement,\nJean Dupont",
        "Saludos,\nJuan",
        "Atenciosamente,\nRui Silva",
        "此致\n敬礼\n王小明",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Gesendet mit der GMX Mail App",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "发自我的iPhone",
        "Get Outlook for Android",
        "This e-mail and any attachments are confidential and intended for the addressee only.\nDelete it otherwise.",
    ],
)
def test_signatures_are_cut(signature: str) -> None:
    left, cut = cut_signature(f"{SAID}\n\n{signature}")
    assert left.rstrip() == SAID
    assert cut == signature.count("\n") + 1


@pytest.mark.parametrize(
    "text",
    [
        "Thanks,\nthe code is E-4711\nfor order 5",
        "Best regards\nJane\n\nPS: it also happens in Firefox.",
        "Regards, the button hangs since yesterday and nobody answers my mails, so I write again.",
        "Steps:\n--\nopen the cart\nthe page stays white and the button is gone",
        "Attachments are lost\nbroken cart\nlga airport is missing",
        "This message is confidential: anybody can read the invoices of others.",
        "Hello\nBest regards\nOrder 4711 fails\nError PAY-502",
    ],
)
def test_the_matter_stays(text: str) -> None:
    assert cut_signature(text) == (text, 0)


def test_only_the_end_is_looked_at() -> None:
    text = "Best regards\nJane\n" + "and one more line of matter\n" * 40
    assert cut_signature(text) == (text, 0)
