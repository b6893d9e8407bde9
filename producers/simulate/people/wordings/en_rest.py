# ruff: noqa: E501 - a wording stands on one line
"""English that no fault stands behind, and what people put around it."""

from __future__ import annotations

from producers.simulate.people.wordings.tongue import Lines, Mood

PRAISE = (
    "[Love it|Great job] // The new [shop|site] looks great, [finding a {thing} was easy|I found my {thing} at once].",
    "Thank you // Everything went smoothly, [thank you|well done].",
    "Very [fast|quick] // Ordered at {clock}, the {thing} was here the next day. Impressive!",
    "Friendly hotline // The lady on the phone was so helpful, five stars for her.",
    "Much better than before // So much clearer than the old one. Keep going.",
    "Nice app // Works like a charm on my {device}.",
    "Compliments // Compliments to your team, the {screen} page is a joy to use.",
    "Happy customer // My {count}th purchase and never a problem.",
)
QUESTION = (
    "Invoice // Where can I download the invoice for the {thing} I bought?",
    "Delivery time // How long does delivery of a {thing} to the islands take?",
    "[Change my address|New address] // How do I change the delivery address of {order}?",
    "Warranty // Is there a warranty on the {thing}, and for how many years?",
    "Opening hours // Until when can I reach you by phone on Saturdays?",
    "Which {thing}? // What is the difference between the two {thing}s you offer?",
    "Return // Can I return the {thing} without the box?",
    "Export format // Which formats does {screen} offer for exporting?",
)
FEATURE = (
    "Wish list // Please add a wish list, I would like to save a {thing} for later.",
    "[Dark mode|Night mode] // A dark mode would be nice, the white page hurts in the evening.",
    "Pay by instalments // It would be great to [split|spread] {amount} over several months.",
    "Keyboard shortcuts // Could you add keyboard shortcuts to {screen}? It would save us hours.",
    "Compare // I miss a way to compare {count} {thing}s side by side.",
    "Calendar // Suggestion: let us put the delivery date into our calendar.",
    "API for {screen} // We need an API for {screen}, is that planned?",
    "Language // I wish the app were available in more languages.",
)
USABILITY = (
    "Size table // The size table for the {thing} is hard to read on a small screen.",
    "Voucher field // I could not find the field for my voucher at first.",
    "Too many clicks // It takes {count} clicks to get from {screen} to the start page.",
    "Confusing menu // The menu is confusing, I always end up in {screen} by mistake.",
    "Tiny buttons // Buttons are so small on my {device} that I hit the wrong one.",
    "Unclear wording // What does 'proceed with variant' mean? Nobody here understands that text.",
    "Grey on grey // Light grey letters on a white ground, my parents cannot read that.",
    "Where is the back button? // In {screen} I do not see how to get back without losing my entries.",
)
SECURITY = (
    "[Somebody else's data|Other people's data] // I am logged in as me but see the address and orders of another customer!",
    "Phishing // I got an e-mail that looks like yours and asks for my card number. Was your customer list stolen?",
    "Account taken over? // Somebody ordered a {thing} with my account from another country, my password was changed.",
    "Possible vulnerability // If you change the number at the end of the link in {screen} you can open other users' documents.",
    "Script in the name field // The comment box runs the script I typed, so anyone could steal a session.",
    "Password in plain text // You sent me my password in plain text by mail. That is a serious leak.",
    "Old link still works // After logging out, the link to {screen} still shows my private data without asking who I am.",
    "Token visible // There is an access token in the address bar of {screen}, everyone behind me could copy it.",
)
OTHER = (
    "Late parcel // My {thing} arrived {count} days late, the carrier left it in the rain.",
    "Damaged // The {thing} came with a scratch, I want another one.",
    "[Too expensive|Price] // {amount} for a {thing} is too much, your competitor is cheaper.",
    "Unfriendly driver // The driver threw the parcel over the fence.",
    "Refund // I sent the {thing} back weeks ago and still wait for my {amount}.",
    "Smell // The {thing} smells of plastic, even after days.",
    "Unsubscribe // Please take me off your paper catalogue.",
    "Wrong colour // I ordered a blue {thing} and the one in the box is green.",
    "Packaging // So much cardboard for one {thing}, please think of the environment.",
    "Job // I would like to apply for a job in your warehouse.",
)
SPAM = (
    "You have won // Congratulations dear winner!! Claim your {amount} gift at https://prize.example.com/{count} now",
    "SEO offer // We put your website on page one of all engines in {count} days, guaranteed traffic, reply for price list",
    "Cheap pills // Best pills no prescription {count}0 % discount https://pills.example.com",
    "Crypto // Double your coins in {count} hours, join our secret group https://coins.example.com/join",
    "Business proposal // I am the lawyer of a late client who left {amount} million, I need your bank details",
)
AUTOMATIC = (
    "Automatic reply: out of office // I am out of the office until {later} and have no access to my mail. In urgent cases write to my deputy.",
    "Undeliverable // This is an automatically generated message. Your mail could not be delivered to one or more recipients.",
    "We received your message // Your request has been received under number {order}. Please do not reply to this e-mail.",
)
OPENERS: dict[Mood, Lines] = {
    "calm": ("", "", "Hi, ", "Hello, ", "Good morning, "),
    "polite": ("Dear team, ", "Hello, could you please have a look: ", "Sorry to bother you. "),
    "annoyed": ("Again: ", "Seriously, ", "Not the first time: ", ""),
    "angry": ("This is unacceptable! ", "I have had enough. ", "What are you doing there? "),
    "worried": ("I am a bit worried. ", "Please help, ", "I hope this is the right place. "),
}
CLOSERS: dict[Mood, Lines] = {
    "calm": ("", "", " Thanks."),
    "polite": (" Many thanks in advance!", " Thank you for your help."),
    "annoyed": (" Please fix it.", " When will this be solved?", ""),
    "angry": (" Fix this NOW!", " I will go to a competitor.", " Never again!"),
    "worried": (" What should I do?", " Please let me know soon.", ""),
}
NUDGES = ("Any news on this?", "Is somebody looking into it? Still the same here.", "I have not heard from you yet.")
GREETINGS = ("Dear Sir or Madam,", "Hello,", "Hi there,")
FAREWELLS = ("Kind regards", "Best wishes", "Sent from my phone")
NOTED = ("Customer on the phone: ", "Call noted: ", "Caller says: ")
FORWARDED, QUOTED = "Fwd: ", "you wrote:"
THINGS = ("lamp", "kettle", "backpack", "chair", "keyboard", "blanket", "tent", "bottle", "mirror", "clock")
SCREENS = {
    "order": "orders", "stock": "stock", "price": "prices", "user": "my account", "cart": "cart", "ship": "shipping",
    "pay": "payment", "search": "search", "offer": "offers", "report": "reports", "login": "sign-in",
    "assistant": "assistant", "orders": "orders", "invoices": "invoices", "customers": "customers",
    "planning": "planning", "home": "start",
}  # fmt: skip
