/* Feedback from inside an application. No dependencies; works under a strict content security policy:
   script-src and connect-src have to allow the intake, no style and no inline script is needed.

   <script src="https://intake.example.com/widget/v1.js" integrity="…" crossorigin="anonymous" defer
     data-key="TOKEN" data-release="shop-web@2.3.1" data-lang="de"></script>

   window.hypercareFeedback: open(), close(), key, texts, and context(), which may return session, trace_id, route,
   journey, release, user. */
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || window.hypercareFeedback) return;
  const said = script.dataset;
  const intake = said.intake || new URL(script.src).origin;
  const STORE = "hypercare.unsent", MOST_KEPT = 10, MOST_CHARS = 10000, AGAIN_MS = 60000, WAIT_MS = 15000;
  const WORDS = {
    en: { open: "Feedback", title: "Tell us what happened", text: "What happened?", rating: "How satisfied are you?",
      none: "No rating", stars: "of 5", send: "Send", close: "Close", sending: "Sending …",
      receipt: "Thank you. Your reference: ", kept: "We could not be reached. Your message is kept and sent later.",
      empty: "Please write a few words.", refused: "This could not be taken: " },
    de: { open: "Feedback", title: "Sagen Sie uns, was passiert ist", text: "Was ist passiert?",
      rating: "Wie zufrieden sind Sie?", none: "Keine Wertung", stars: "von 5", send: "Senden", close: "Schließen",
      sending: "Wird gesendet …", receipt: "Danke. Ihr Zeichen: ",
      kept: "Wir sind gerade nicht erreichbar. Ihre Nachricht bleibt gespeichert und wird später gesendet.",
      empty: "Bitte schreiben Sie ein paar Worte.", refused: "Das wurde nicht angenommen: " },
    fr: { open: "Votre avis", title: "Dites-nous ce qui s’est passé", text: "Que s’est-il passé ?",
      rating: "Êtes-vous satisfait ?", none: "Sans note", stars: "sur 5", send: "Envoyer", close: "Fermer",
      sending: "Envoi …", receipt: "Merci. Votre référence : ",
      kept: "Nous sommes injoignables. Votre message est gardé et sera envoyé plus tard.",
      empty: "Écrivez quelques mots, s’il vous plaît.", refused: "Cela n’a pas été accepté : " },
    es: { open: "Opinión", title: "Cuéntenos qué ha pasado", text: "¿Qué ha pasado?",
      rating: "¿Está satisfecho?", none: "Sin valoración", stars: "de 5", send: "Enviar", close: "Cerrar",
      sending: "Enviando …", receipt: "Gracias. Su referencia: ",
      kept: "No podemos recibirlo ahora. Su mensaje se guarda y se enviará más tarde.",
      empty: "Escriba unas palabras, por favor.", refused: "No se ha aceptado: " },
  };
  const lang = (said.lang || document.documentElement.lang || navigator.language || "en").slice(0, 2).toLowerCase();
  const api = { key: said.key || "", texts: { ...WORDS.en, ...WORDS[lang] }, context: () => ({}), open, close };
  window.hypercareFeedback = api;

  const STYLE = `
    :host { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #59636e; --deed: #0b57d0; --on: #fff; }
    @media (prefers-color-scheme: dark) {
      :host { --ink: #f0f3f6; --paper: #1c2128; --line: #9aa4af; --deed: #8ab4f8; --on: #10151c; } }
    * { box-sizing: border-box; font: 16px/1.45 system-ui, sans-serif; }
    button { cursor: pointer; border-radius: 6px; padding: .55em 1em; min-height: 44px; border: 1px solid var(--line);
      background: var(--paper); color: var(--ink); }
    button.deed { background: var(--deed); color: var(--on); border-color: var(--deed); }
    button[disabled] { opacity: .6; cursor: default; }
    :focus-visible { outline: 3px solid var(--deed); outline-offset: 2px; }
    #open { position: fixed; inset-block-end: 1rem; inset-inline-end: 1rem; z-index: 2147483000;
      box-shadow: 0 2px 8px #0006; }
    dialog { width: min(28rem, calc(100vw - 2rem)); border: 1px solid var(--line); border-radius: 10px; padding: 1.2rem;
      background: var(--paper); color: var(--ink); }
    dialog::backdrop { background: #0008; }
    h2 { margin: 0 0 .8rem; font-size: 1.2rem; font-weight: 600; }
    label, legend { display: block; padding: 0; font-weight: 600; }
    textarea { width: 100%; min-height: 7.5rem; margin: .3rem 0 .9rem; padding: .5rem; border: 1px solid var(--line);
      border-radius: 6px; background: var(--paper); color: var(--ink); resize: vertical; }
    fieldset { border: 0; margin: 0 0 .9rem; padding: 0; }
    fieldset div { display: flex; flex-wrap: wrap; gap: .2rem .9rem; margin-top: .2rem; }
    fieldset label { display: inline-flex; align-items: center; gap: .35rem; min-height: 44px; font-weight: 400; }
    input { width: 1.2rem; height: 1.2rem; margin: 0; accent-color: var(--deed); }
    p { min-height: 1.45em; margin: 0 0 .8rem; overflow-wrap: anywhere; }
    footer { display: flex; gap: .6rem; justify-content: flex-end; }
    @media print { #open { display: none; } }
    @media (forced-colors: active) { button { border: 2px solid ButtonText; } }`;

  const host = document.createElement("hypercare-feedback");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  function make(name, fields = {}, ...inner) {
    const made = document.createElement(name);
    for (const [field, value] of Object.entries(fields)) {
      if (field in made && field !== "form") made[field] = value; else made.setAttribute(field, value);
    }
    made.append(...inner);
    return made;
  }

  const opener = make("button", { id: "open", type: "button", "aria-haspopup": "dialog", onclick: open });
  const title = make("h2", { id: "title" });
  const label = make("label", { htmlFor: "text" });
  const text = make("textarea", { id: "text", required: true, maxLength: MOST_CHARS, "aria-describedby": "note" });
  const legend = make("legend"), stars = make("div");
  const note = make("p", { id: "note", role: "status", "aria-live": "polite" });
  const send = make("button", { className: "deed", type: "submit" });
  const closer = make("button", { type: "button", onclick: close });
  const form = make("form", { noValidate: true, onsubmit: submit },
    title, label, text, make("fieldset", {}, legend, stars), note, make("footer", {}, closer, send));
  const dialog = make("dialog", { "aria-labelledby": "title", onclose: () => opener.focus() }, form);
  root.append(opener, dialog);

  function write() {
    const words = api.texts;
    opener.textContent = words.open;
    title.textContent = words.title;
    label.textContent = words.text;
    legend.textContent = words.rating;
    send.textContent = words.send;
    closer.textContent = words.close;
    stars.replaceChildren(...["", 1, 2, 3, 4, 5].map((value) => {
      const input = make("input", { type: "radio", name: "rating", value: String(value), defaultChecked: value === "" });
      const shown = value === "" ? words.none : String(value);
      if (value) input.setAttribute("aria-label", `${value} ${words.stars}`);
      return make("label", {}, input, make("span", { "aria-hidden": value ? "true" : "false" }, shown));
    }));
  }

  function open() {
    write();
    note.textContent = "";
    if (!dialog.open) dialog.showModal();
    text.focus();
  }

  function close() { dialog.close(); }

  function tracked() {
    return !(navigator.doNotTrack === "1" || window.doNotTrack === "1" || navigator.globalPrivacyControl === true);
  }

  function browser() {
    const brands = navigator.userAgentData ? navigator.userAgentData.brands : [];
    const known = brands.find((one) => !/not.?a.?brand|chromium/i.test(one.brand));
    if (known) return known.brand;
    const agent = navigator.userAgent;
    const found = [["Firefox", /Firefox\//], ["Edge", /Edg\//], ["Chrome", /Chrome\//], ["Safari", /Safari\//]];
    return (found.find(([, sign]) => sign.test(agent)) || [])[0];
  }

  function traced() {
    const meta = document.querySelector('meta[name="traceparent"]');
    const parts = meta ? meta.content.split("-") : [];
    return parts.length === 4 ? parts[1] : undefined;
  }

  function event() {
    const rated = form.elements.rating.value;
    const made = { id: newId(), occurred_at: new Date().toISOString(), channel: "in_app", text: text.value.trim() };
    if (rated) made.rating = { scale: "stars", value: Number(rated) };
    const release = said.release;
    made.context = { release };
    if (!tracked()) return made; /* only what was written, and the version it is about */
    const more = api.context() || {};
    made.context = { release: more.release || release, route: more.route || location.pathname, journey: more.journey,
      browser: browser(), device: matchMedia("(pointer: coarse)").matches ? "mobile" : "desktop",
      locale: navigator.language };
    made.session = more.session || said.session;
    made.trace = { trace_id: more.trace_id || said.trace || traced() };
    if (more.user) made.reporter = { pseudonym: String(more.user) };
    return made;
  }

  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID();
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  }

  async function deliver(made) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), WAIT_MS);
    try {
      const answer = await fetch(`${intake}/v1/feedback`, {
        method: "POST", body: JSON.stringify(made), signal: stop.signal, credentials: "omit", keepalive: true,
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${api.key}` },
      });
      if (answer.status === 202) return { done: true };
      const later = answer.status === 408 || answer.status === 429 || answer.status >= 500;
      const problem = later ? {} : await answer.json().catch(() => ({}));
      return { later, why: problem.detail || String(answer.status) };
    } catch { return { later: true }; } finally { clearTimeout(timer); }
  }

  async function submit(given) {
    given.preventDefault();
    if (!text.value.trim()) {
      note.textContent = api.texts.empty;
      text.setAttribute("aria-invalid", "true");
      text.focus();
      return;
    }
    text.removeAttribute("aria-invalid");
    const made = event();
    send.disabled = true;
    note.textContent = api.texts.sending;
    const answer = await deliver(made);
    send.disabled = false;
    if (answer.done) note.textContent = api.texts.receipt + made.id.slice(0, 8);
    else if (answer.later) { keep(made); note.textContent = api.texts.kept; }
    else { note.textContent = api.texts.refused + answer.why; return; }
    form.reset();
    closer.focus();
  }

  function kept() {
    try { return JSON.parse(localStorage.getItem(STORE)) || []; } catch { return []; }
  }

  function store(list) {
    try { list.length ? localStorage.setItem(STORE, JSON.stringify(list)) : localStorage.removeItem(STORE); } catch { /* no room */ }
  }

  function keep(made) { store([...kept(), made].slice(-MOST_KEPT)); }

  async function later() {
    if (!api.key || navigator.onLine === false) return;
    for (const made of kept()) {
      const answer = await deliver(made); /* the same id: sent twice it stays one */
      if (answer.later) return;
      store(kept().filter((one) => one.id !== made.id));
    }
  }

  function start() {
    write();
    document.body.append(host);
    later();
    addEventListener("online", later);
    setInterval(later, AGAIN_MS);
  }

  if (document.body) start(); else addEventListener("DOMContentLoaded", start);
})();
