# ruff: noqa: E501 - a wording stands on one line
"""English about paying, orders, messages and uploads: each line is ``title // text`` in the grammar's notation."""

from __future__ import annotations

PAYMENT = (
    "[Payment fails|Payment failed again] // I press pay, [it thinks for a while|a wheel turns] and then it says payment failed. My [cart|basket] is still full.",
    "[Cannot pay|Can't pay] // Tried to pay {count} times [on my {device}|with {browser}], [always an error|every time an error]. [Very annoying.|]",
    "Card refused // My card gets declined here [but works in every other shop|although my bank says nothing is wrong with it].",
    "[Was I charged?|Charged or not?] // The page broke after I confirmed {amount}. I do not know [if the money was taken|whether my account was debited]. Please check.",
    "Checkout is broken // [Checkout|The checkout] stops at the last step and throws me back to the [basket|cart]. Gave up on the {thing}.",
    "[Bad gateway|Gateway error] at the till // After the card details I get a white page with 'bad gateway'. {browser} on {device}.",
    "Pay button does nothing // The pay button [stays grey|just spins for ever|turns and turns], nothing happens [when I tap it|after I click].",
    "Transaction [aborted|cancelled] // 'Your transaction could not be completed' since {clock}. [Tried two cards.|Tried another card as well.]",
    "Double booking? // {amount} was debited twice on my statement but [you show no purchase|there is no confirmation here]. I want one of them back.",
    "Lost the sale // We wanted to buy {count} {thing}s, the wallet step [crashes|falls over] on {device}. Now we buy [elsewhere|from someone else].",
    "Bank confirmation comes, shop fails // My bank app approves the purchase, then your page says [something went wrong|it went wrong] and the {thing} is not mine.",
    "Voucher ok, money not // Everything works until I have to hand over the money: [red box, no explanation|red message, no reason given].",
    "[PayPal|Wallet] redirect // After the redirect back from the wallet I land on an error instead of the thank-you page.",
)
ORDER = (
    "[Order disappeared|My order is gone] // I placed order {order} [{part}|at {clock}] and now it is not in my account any more.",
    "No trace of my purchase // The confirmation page [never came|stayed empty] and under 'my orders' there is nothing. Did you get it?",
    "Cannot place an order // When I submit the order I get an [error|error message] and have to enter everything again.",
    "Order number unknown // Your hotline says number {order} does not exist. I have it [here on paper|in front of me]!",
    "[Empty order list|Order history empty] // My history is blank since {clock}, yesterday there were {count} entries.",
    "Half of it is missing // I bought {count} things, the overview shows only one. Where is the {thing}?",
    "Reordering is impossible // [Clicking|Pressing] 'buy again' ends on a page that says internal server error.",
    "[Stuck in processing|Still processing] // {order} has been 'processing' for hours, the detail page does not open at all.",
    "Cancelled by itself // Nobody cancelled it, still the {thing} I ordered says cancelled and I [get no answer|cannot undo it].",
    "Our buyers are blocked // Nobody in our team can send off orders at the moment, all end with a failure. [{count} people affected.|]",
    "Wrong order shown // I open my order and see [an error and somebody's empty page|nothing but an exclamation mark].",
    "The {thing} never got booked // Clicked 'order now', got a blank screen, and the shop pretends I never ordered it.",
)
NOTIFICATION = (
    "[No confirmation mail|Confirmation missing] // I never received a confirmation [e-mail|mail] for {order}. Spam folder is empty, too.",
    "No tracking number // Parcel should be on its way but [no tracking link came|I got no tracking message].",
    "Push messages stopped // Since {clock} my {device} gets no push notifications [any more|from your app], settings are on.",
    "[SMS code|The text with the code] does not arrive // Waiting for the text message for {waited} minutes, [nothing|no message].",
    "Nobody told us // We were not informed that the delivery moved. The alert we [subscribed to|set up] is silent.",
    "Bell stays empty // The bell in the corner shows zero although [colleagues|others] wrote to me.",
    "Shipping page gives an error // I click 'where is my parcel' and get an error, and no mail tells me either.",
    "Reminder did not come // The reminder for the {thing} [was never sent|never reached me], I missed the date.",
    "Where are the shipping updates? // Used to get an update at every stop, this time [radio silence|not a single one].",
    "Invitation lost // Invited a colleague {count} times, the invitation e-mail does not reach her.",
    "[Delivery notice|Dispatch note] never sent // The driver stood at the door and I had no notice at all. Your dispatch message failed?",
    "Alerts arrive empty // The few messages that arrive are blank, the link in them ends at an error page.",
)
UPLOAD = (
    "[Upload fails|Upload broken] // Uploading a {size} MB file [stops at 90 %|breaks off], then 'upload failed'.",
    "Cannot attach a photo // I [want to attach|try to add] a picture of the {thing} and the app says the attachment could not be saved.",
    "PDF is not accepted // The form refuses my PDF with a strange error although it is [small|only {size} MB].",
    "Progress bar hangs // I drop a file in, the bar goes to the end and stays there [for ever|for {minutes} minutes].",
    "[Import of our list|List import] dies // Importing our price list as a spreadsheet ends with error 500 [after {minutes} minutes|].",
    "Documents vanish // I sent in the papers {count} times, each time they are missing when I reload.",
    "[Avatar|Profile picture] cannot be changed // Choosing a new picture shows 'oops', the old one stays.",
    "Drag and drop is dead // Dropping files [does nothing|has no effect] in {browser}, not even a message.",
    "Can't hand in the form // The step where you add files is impossible to pass, it rejects everything.",
    "Scans get lost // Our scanner sends the pages, your side answers with a failure, no page is stored.",
    "File too large? // It claims the file is too large, {size} MB, [your help says 50 is fine|yesterday a bigger one went through].",
    "Offer without pictures // I add images to my offer, they never show up and saving ends in an error.",
)
LOGIN = (
    "[Cannot log in|Can't log in] // My password is right [but it says|yet I am told] 'login failed'. [Reset it, same.|]",
    "[Locked out|I am locked out] // Locked out of my account since {clock}, need it for work!",
    "Sign-in loops // After signing in I land on the sign-in page again, [over and over|in a circle]. {browser}.",
    "Password reset does not help // I changed the password {count} times, the new one is refused as well.",
    "[Thrown out|Logged out] every minute // The session ends [all the time|after a minute] and I have to enter everything again.",
    "Code is always wrong // The six digits from the authenticator are [rejected|called invalid] every time.",
    "My account does not open // Entering my credentials gives a server error instead of my start page.",
    "Single sign-on is down // None of us gets in through the company login, [{count} colleagues tried|all see the same error].",
    "Face ID no longer works // The app on my {device} asks for the fingerprint, then says it cannot verify me.",
    "Who am I? // It greets me as guest although I am registered, my profile [shows an error|stays blank].",
    "Registration fails // Tried to create an account, at the end: 'something went wrong, try later'.",
    "Unknown user // Suddenly my e-mail is unknown to you, yet I have been a customer for {count} years.",
)
