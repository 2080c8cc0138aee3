// What the pages for review do besides links and forms: keys, evidence beside a statement, typed text that is kept.
"use strict";

document.documentElement.classList.add("js");

const all = (what, where = document) => [...where.querySelectorAll(what)];
const one = (what, where = document) => where.querySelector(what);
const store = {
  get: (box, name) => { try { return box.getItem(name); } catch { return null; } },
  set: (box, name, text) => { try { text === null ? box.removeItem(name) : box.setItem(name, text); } catch { /* full, or not allowed */ } },
};

document.addEventListener("DOMContentLoaded", () => {
  const dialog = one("#keys");
  const draft = one(".draft");
  const id = draft ? draft.dataset.draft : "";

  // --- time: only while the page is to be seen ---
  let shown = 0, since = document.hidden ? null : performance.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && since !== null) { shown += performance.now() - since; since = null; }
    else if (!document.hidden && since === null) since = performance.now();
  });
  const seconds = () => ((shown + (since === null ? 0 : performance.now() - since)) / 1000).toFixed(1);

  // --- typed text is kept until it is sent and taken ---
  const place = (field) => `wikiagent ${field.dataset.keep} ${id}`;
  const box = (field) => field.dataset.keep === "fix" ? localStorage : sessionStorage;
  const decided = one(".told");
  if (decided && !["undone", "skipped"].includes(decided.dataset.decision)) {
    for (const kind of ["fix", "note", "into"]) {
      for (const kept of [localStorage, sessionStorage]) store.set(kept, `wikiagent ${kind} ${decided.dataset.draft}`, null);
    }
  }
  for (const field of all("[data-keep]")) {
    const kept = store.get(box(field), place(field));
    const original = field.dataset.original;
    if (kept !== null && kept !== field.value && (original === undefined || field.value === original)) {
      if (field.value === "" || original !== undefined) field.value = kept;
      const said = one(".kept");
      if (original !== undefined && said) said.hidden = false;
      const panel = field.closest("details");
      if (panel && kept) panel.open = true;
    }
    if (original !== undefined && field.value !== original) store.set(box(field), place(field), field.value);
    field.addEventListener("input", () => store.set(box(field), place(field), field.value === (original ?? "") ? null : field.value));
  }
  const forget = one("#forget");
  if (forget) forget.addEventListener("click", () => {
    const field = one("#text");
    field.value = field.dataset.original;
    store.set(box(field), place(field), null);
    one(".kept").hidden = true;
    field.focus();
  });

  // --- a form is sent once ---
  for (const form of all("form[method=post]")) form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    const field = one("[name=seconds]", form);
    if (field) field.value = seconds();
    document.body.classList.add("sending");
  });
  window.addEventListener("pageshow", () => {  // back in the history: forms can be sent again
    for (const form of all("form[data-sent]")) delete form.dataset.sent;
    document.body.classList.remove("sending");
  });

  // --- statements and their evidence ---
  const statements = all(".stated > li");
  const figures = new Map(all("figure.evidence").map((figure) => [figure.dataset.id, figure]));
  const tabs = all(".tab");
  const follows = tabs.length > 0;
  let at = 0, span = null;

  const show = (name) => {  // null: no piece of evidence
    if (!follows || (name !== null && !figures.has(name))) return;
    span = name;
    for (const [each, figure] of figures) figure.classList.toggle("on", each === name);
    for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.id === name));
    const refs = named();
    one(".which").textContent = refs.includes(name) && refs.length > 1 ? `${refs.indexOf(name) + 1} of ${refs.length}` : "";
    for (const link of all(".evidence-link")) link.classList.toggle("on", link.textContent === name);
    if (name !== null) middle(figures.get(name));
  };
  const middle = (figure) => {
    const pre = one("pre", figure), line = one(".marked", figure);
    if (pre && line) pre.scrollTop += line.getBoundingClientRect().top - pre.getBoundingClientRect().top - pre.clientHeight / 4;
  };
  const named = () => statements[at] ? statements[at].dataset.refs.split(" ").filter((name) => figures.has(name)) : [];
  const choose = (number, focus = true) => {
    if (!statements.length) return;
    at = Math.max(0, Math.min(statements.length - 1, number));
    for (const [each, item] of statements.entries()) {
      if (each === at) item.setAttribute("aria-current", "true"); else item.removeAttribute("aria-current");
    }
    if (focus) {
      statements[at].focus({ preventScroll: true });
      statements[at].scrollIntoView({ block: "nearest" });
    }
    const refs = named();
    const none = one(".proof .none");
    if (none) none.hidden = refs.length > 0 || figures.size === 0;
    for (const tab of tabs) tab.classList.toggle("cited", refs.includes(tab.dataset.id));
    show(refs.length ? refs[0] : null);
    const up = one(".up a");
    if (up) up.href = `#${statements[at].id}`;
    store.set(sessionStorage, `wikiagent at ${id}`, String(at));
  };
  const turn = (step) => {
    const refs = named().length ? named() : [...figures.keys()];
    if (refs.length) show(refs[(refs.indexOf(span) + step + refs.length) % refs.length]);
  };
  if (follows) {
    one(".tabs").hidden = one(".up").hidden = false;
    one(".up a").addEventListener("click", (event) => {
      event.preventDefault();
      statements[at].focus({ preventScroll: true });
      statements[at].scrollIntoView({ block: "center" });
    });
    for (const tab of tabs) tab.addEventListener("click", () => show(tab.dataset.id));
    for (const [number, item] of statements.entries()) item.addEventListener("click", (event) => {
      const link = event.target.closest(".evidence-link");
      if (event.target.closest("a") && !link) return;
      if (!link && String(getSelection())) return;
      choose(number, !link);
      if (link && figures.has(link.textContent)) {
        event.preventDefault();
        show(link.textContent);
        if (matchMedia("(max-width: 60rem)").matches) one(".proof").scrollIntoView();
      }
    });
    choose(Number(store.get(sessionStorage, `wikiagent at ${id}`)) || 0, false);
  }

  // --- panels of a decision ---
  const open = (name) => {
    const panel = one(`#${name}`);
    for (const other of all("details.panel")) other.open = other === panel;
    panel.scrollIntoView({ block: "nearest" });
    enter(panel);
  };
  const enter = (panel) => {  // to the note, where words stand in it
    const fields = [one("textarea", panel), one("input:checked", panel), one("input:not([type=hidden])", panel)];
    fields.find((field) => field && (field.value || !field.matches("textarea"))).focus();
  };
  const close = () => {
    const panel = one("details.panel[open]");
    if (!panel) return false;
    panel.open = false;
    (statements[at] || one("main")).focus({ preventScroll: true });
    return true;
  };
  for (const link of all("[data-opens]")) link.addEventListener("click", (event) => { event.preventDefault(); open(link.dataset.opens); });
  for (const button of all(".panel .close")) { button.hidden = false; button.addEventListener("click", close); }
  const restored = one("details.panel[open]") || one(".fixing form");  // open when the page came: go on there
  if (restored) enter(restored);
  if (one("#problem") && one("details.panel[open]")) one("#problem").scrollIntoView({ block: "nearest" });
  for (const link of all("[data-line]")) if (link.tagName === "A") link.addEventListener("click", (event) => {
    event.preventDefault();
    const field = one("#text"), lines = field.value.split("\n");
    const start = lines.slice(0, link.dataset.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    field.focus();
    field.setSelectionRange(start, start + (lines[link.dataset.line - 1] || "").length);
    field.scrollTop = (link.dataset.line - 5) * parseFloat(getComputedStyle(field).lineHeight);
  });

  // --- keys ---
  const switched = one("#keys-on");
  switched.checked = store.get(localStorage, "wikiagent keys") !== "off";
  switched.addEventListener("change", () => store.set(localStorage, "wikiagent keys", switched.checked ? null : "off"));
  one("#keys-close").addEventListener("click", () => dialog.close());
  const help = one(".keys-button");
  help.hidden = false;
  help.addEventListener("click", () => dialog.showModal());

  const rows = all("table.queue tbody th a");
  const row = (step) => {
    const now = rows.indexOf(document.activeElement);
    const next = rows[Math.max(0, Math.min(rows.length - 1, now + step))];
    if (next) next.focus();
  };
  const moves = {
    j: () => statements.length ? choose(at + 1) : row(1),
    k: () => statements.length ? choose(at - 1) : row(-1),
    ArrowDown: () => statements.length ? choose(at + 1) : false,
    ArrowUp: () => statements.length ? choose(at - 1) : false,
    e: () => turn(1),
    E: () => turn(-1),
    o: () => { const link = figures.size && one("figure.evidence.on .host a"); if (link) window.open(link.href, "_blank", "noopener,noreferrer"); },
    "?": () => dialog.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (dialog.open) return;
    if (event.key === "Escape") {
      if (field && !field.closest(".panel")) field.blur();
      else if (!close() && field) field.blur();
      return;
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field && field.form) {
      event.preventDefault();
      field.form.requestSubmit();
      return;
    }
    if (field || event.ctrlKey || event.metaKey || event.altKey || !switched.checked || event.isComposing) return;
    const panel = one("details.panel[open]");
    if (panel) {
      const codes = all("[name=code]", panel);
      if (/^[1-9]$/.test(event.key) && codes[event.key - 1]) {
        event.preventDefault();
        codes[event.key - 1].checked = true;
        codes[event.key - 1].focus();
      } else if (event.key === "n" && one("textarea", panel)) {
        event.preventDefault();
        one("textarea", panel).focus();
      }
      return;
    }
    const inside = event.target.closest("a, button, summary, input");
    if (event.key === "Enter" && inside) return;
    if (event.key.startsWith("Arrow") && event.target.closest("pre, input")) return;
    if (event.key === "q" && !one("[data-key=q]")) { event.preventDefault(); location.href = one(".bar nav a").href; return; }
    const target = all("[data-key]").find((each) => each.dataset.key === event.key && each.offsetParent !== null);
    if (target) {
      event.preventDefault();
      if (event.repeat) return;  // a key that is held down decides once
      if (target.matches("input")) { target.focus(); target.select(); } else target.click();
    } else if (moves[event.key]) {
      if (moves[event.key]() !== false) event.preventDefault();
    }
  });

  // --- what came of drafts that are written again ---
  const news = one("#news");
  let after = Number(store.get(sessionStorage, "wikiagent news")) || 0;
  const ask = async () => {
    let running = 0;
    try {
      const answer = await (await fetch(`/news?after=${after}`)).json();
      for (const sentence of answer.told) news.appendChild(document.createElement("p")).textContent = sentence;
      if (answer.number < after || answer.told.length) store.set(sessionStorage, "wikiagent news", String(after = answer.number));
      running = answer.running;
    } catch { running = 1; }
    if (running) setTimeout(ask, 2000);
  };
  if (Number(document.body.dataset.redrafting)) ask();
});
