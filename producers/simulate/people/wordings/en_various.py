# ruff: noqa: E501 - a wording stands on one line
"""English that no fault stands behind, hardly any sentence twice: what is spoken of varies, and how.

Those who write for reasons of their own repeat nobody's words; what several do say are the lines of `en_rest`.
"""

from __future__ import annotations

from producers.simulate.people.wordings.tongue import Lines

MATTER = (
    "[delivery note|gift card|returns label|price alert|shopping list|pick-up point|product video|assembly guide|care label"
    "|stock display|loyalty card|student discount|invoice copy|delivery map|wish box|size guide|colour chart|review section"
    "|comparison table|spare part page|registry|repair service|trade-in offer|order history|address book|tax receipt"
    "|newsletter|flyer|app icon|start page|photo gallery|basket view|barcode reader|voice search|night view|print view"
    "|packing slip|bundle offer|trial period|guest account|family account|points balance|birthday coupon|greeting card"
    "|store locator|parking hint|customer forum|how-to page|energy label|allergy note|recycling hint|donation box]"
)
WHO = (
    "[my mother|my daughter|our trainee|a friend of mine|my neighbour|the whole family|our book club|my flatmate|a colleague"
    "|my grandfather|our volunteers|my sister-in-law|the kids|our choir|my tailor|half the office|our landlord]"
)
WHERE = (
    "[on the train|at the kitchen table|in the garden|with gloves on|in bright sun|late in the evening|between two meetings"
    "|with one hand|on an old tablet|on a huge screen|in the waiting room|abroad|in the basement|over a slow line"
    "|without my glasses|with the sound off|from the sofa|in the shop itself]"
)
WHEN = (
    "[before the holidays|for my anniversary|last spring|after the move|during the sale|for the school fair|when I retired"
    "|in my second year here|for our reopening|since the redesign|ahead of the trip|for the christening|once a month"
    "|every other week|for the first time]"
)
LIKE = "[well made|clever|charming|cosy|neat|tidy|generous|thoughtful|handy|lovely|refreshing|solid|calm|elegant]"
DISLIKE = (
    "[cluttered|dull|too pale|too loud|old-fashioned|cramped|wordy|childish|bulky|hard to spot|oddly worded|crooked]"
)
PRAISE: Lines = (
    f"[Well done|Bravo|Nice one] // The {MATTER} is {LIKE}, {WHO} [noticed it|said so] {WHEN}.",
    f"[A compliment|Kind words] // [Used|Tried] the {MATTER} {WHERE} and found it {LIKE}.",
    f"Pleasant surprise // {WHO} and I [enjoy|are fond of] the {MATTER}, it is {LIKE} and {LIKE}.",
    f"[Keep it|Do not change it] // Whatever you do, keep the {MATTER}. {WHO} [relies on it|would miss it] {WHEN}.",
    f"[Thanks from us|Grateful] // [Somebody|One of you] helped {WHO} with the {MATTER} {WHEN}, [so patient|so kind|such a good mood].",
    f"[Made my day|A smile] // {WHO} sent a {{thing}} {WHEN} and the {MATTER} that came along was {LIKE}.",
    f"[Five stars|Top marks] // Top marks for the {MATTER}: {LIKE}, and it [works|does its job] {WHERE}.",
    f"[Better than others|Nobody else has it] // No other shop has a {MATTER} so {LIKE}, {WHO} [switched to you for it|agrees].",
)
QUESTION: Lines = (
    f"[A question|Quick question] // [Does the {MATTER} work|Will the {MATTER} work|Can I use the {MATTER}] {WHERE}?",
    f"About the {MATTER} // [Who decides about|Where do I read more on|What is behind] the {MATTER}? {WHO} [asked me|wants to know] {WHEN}.",
    f"[May I?|Allowed?] // May {WHO} use the {MATTER} of mine {WHEN}, or is that [against the rules|not meant]?",
    f"How many {{thing}}s // How many {{thing}}s fit into one parcel, and does the {MATTER} [say so|tell]?",
    f"[Difference|Which one] // What [sets apart|is the difference between] the {MATTER} and the {MATTER}?",
    f"[Planned?|Any plans?] // Do you plan anything with the {MATTER} [for companies|for schools|for clubs|for seniors|for parents]?",
    f"[Got this|What is it for] // {WHO} received a {MATTER} {WHEN} and wonders [what it is for|whether it expires|who sent it].",
    f"[By the way|Out of interest] // Out of interest: who [draws|writes|designs|prints] the {MATTER}? {WHO} works in that trade.",
)
FEATURE: Lines = (
    f"[Suggestion|Idea] // A {MATTER} for use {WHERE} would [help {WHO}|be welcome].",
    f"[Please consider|A wish] // Please [bring|offer|think about] a {MATTER} beside the {MATTER}, {WHO} would [love|like] that.",
    f"[Missing|I miss it] // {WHO} had a {MATTER} [in the old shop|elsewhere] {WHEN}. Could you [add|offer] one?",
    f"[Could be more|One step further] // Let us [link|combine] the {MATTER} with the {MATTER}.",
    f"[Colour of choice|My own colours] // I would like to [colour|rearrange|hide] the {MATTER} {WHERE}.",
    f"[For teams|For families] // Could {WHO} and I share one {MATTER}? We would use it {WHERE}.",
    f"[Remember it|Keep my choice] // The {MATTER} should remember what I chose {WHEN}.",
    f"[In big|Larger please] // A larger {MATTER}, readable {WHERE}, that is all {WHO} asks for.",
)
USABILITY: Lines = (
    f"[Hard to use|Awkward] // The {MATTER} is {DISLIKE} {WHERE}.",
    f"[Took me a while|Not obvious] // It took {WHO} {{count}} tries to [find|understand] the {MATTER} {WHERE}.",
    f"[Looks odd|Not pretty] // Next to the {MATTER} the {MATTER} looks {DISLIKE}.",
    f"[In the way|Covers things] // The {MATTER} [hides|covers|pushes away] the {MATTER} {WHERE}.",
    f"[Letters|Font] // Letters of the {MATTER} are {DISLIKE}, {WHO} [gave up reading|needs a magnifier].",
    f"[Lost again|Cannot find it] // {WHO} never finds the {MATTER} {WHERE}, it [moves|hides|folds away] each time.",
    f"[Wrong order|Upside down] // Why does the {MATTER} come before the {MATTER}? {WHO} reads it the other way round.",
    f"[What does that mean|Unclear] // What the {MATTER} says is {DISLIKE}, {WHO} took it for the {MATTER}.",
)
OTHER: Lines = (
    f"[My {{thing}}|About the {{thing}}] // The {{thing}} I bought {WHEN} is {DISLIKE}, {WHO} [laughed|was not amused].",
    f"[Carrier|Parcel] // The carrier left {WHO}'s {{thing}} [behind the bins|with a stranger|on the roof|in the hedge|under the car] {WHEN}.",
    f"[Paper post|Too much post] // {WHO} gets {{count}} letters about the {MATTER} {WHEN}, please stop.",
    f"[Smells|Material] // [The wood|The cloth|The lacquer|The glue] of the {{thing}} smells, {WHO} [noticed|complained] {WHEN}.",
    f"[Staff|In the branch] // In your branch {WHO} was [ignored|sent away|kept waiting] over a {MATTER} {WHEN}.",
    f"[Wrong size|Does not fit] // The {{thing}} is {{count}} centimetres [shorter|wider|higher|longer] than {WHO} measured {WHEN}.",
    f"[Cheaper elsewhere|Offer gone] // The {{thing}} was cheaper {WHEN}, {WHO} has the {MATTER} as proof.",
    f"[Gift|As a present] // {WHO} got the {{thing}} without a {MATTER} {WHEN}, the card said something else altogether.",
)
