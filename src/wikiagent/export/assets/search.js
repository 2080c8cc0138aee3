// Search without a server: ranks the pages of `wikiPages` (search-data.js) by the words of the box, as they are typed.
"use strict";

(() => {
  const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  const wordsOf = (text) => fold(text).match(/[\p{L}\p{N}]+/gu) || [];
  const pages = (window.wikiPages || []).map((page) => ({ ...page, title: fold(page.t), body: fold(page.x) }));
  const box = document.querySelector("#q");
  const list = document.querySelector("#results");
  const status = document.querySelector("#status");
  const MOST = 50;

  const count = (text, word) => {
    let n = 0;
    for (let at = text.indexOf(word); at >= 0 && n < 20; at = text.indexOf(word, at + word.length)) n += 1;
    return n;
  };
  // A word weighs more the rarer it is; in a title more than in the text. Pages with all words come first.
  const rank = (words) => {
    const scores = new Map(), had = new Map();
    for (const word of words) {
      const hits = [];
      for (const page of pages) {
        const inTitle = count(page.title, word);
        const inBody = count(page.body, word);
        if (inTitle || inBody) hits.push([page, 6 * Math.min(inTitle, 1) + inBody / (inBody + 2)]);
      }
      const weight = Math.log(1 + pages.length / (1 + hits.length));
      for (const [page, score] of hits) {
        scores.set(page, (scores.get(page) || 0) + weight * score);
        had.set(page, (had.get(page) || 0) + 1);
      }
    }
    const whole = (page) => Number(had.get(page) === words.length);
    return [...scores].sort((a, b) => whole(b[0]) - whole(a[0]) || b[1] - a[1] || a[0].t.localeCompare(b[0].t));
  };
  const marked = (text, words) => {
    const out = document.createDocumentFragment();
    const folded = fold(text);
    if (folded.length !== text.length) return out.append(text), out;
    let end = 0;
    while (end < text.length) {
      const next = words.map((word) => [folded.indexOf(word, end), word.length]).filter(([at]) => at >= 0);
      if (!next.length) break;
      const [at, length] = next.sort((a, b) => a[0] - b[0] || b[1] - a[1])[0];
      const mark = document.createElement("mark");
      mark.textContent = text.slice(at, at + length);
      out.append(text.slice(end, at), mark);
      end = at + length;
    }
    out.append(text.slice(end));
    return out;
  };
  const excerpt = (page, words) => {
    const at = words.map((word) => page.body.indexOf(word)).filter((n) => n >= 0).sort((a, b) => a - b)[0] || 0;
    const start = Math.max(0, at - 80);
    return (start ? "…" : "") + page.x.slice(start, start + 240) + (start + 240 < page.x.length ? "…" : "");
  };
  const result = (page, words) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = page.a;
    link.append(marked(page.t, words));
    const kind = document.createElement("span");
    kind.className = "kind";
    kind.textContent = ` ${page.k}`;
    const text = document.createElement("p");
    text.append(marked(excerpt(page, words), words));
    item.append(link, kind, text);
    return item;
  };
  const search = () => {
    const words = [...new Set(wordsOf(box.value))];
    const found = words.length ? rank(words) : [];
    list.replaceChildren(...found.slice(0, MOST).map(([page]) => result(page, words)));
    const more = found.length > MOST ? `, the best ${MOST} are shown` : "";
    const order = words.length > 1 && found.length > 1 ? ", those with all words first" : "";
    status.textContent = words.length ? `${found.length} ${found.length === 1 ? "page" : "pages"} found${order}${more}` : "Type words to look for.";
  };

  box.value = new URLSearchParams(window.location.search).get("q") || "";
  box.addEventListener("input", search);
  box.form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
  box.addEventListener("input", () => {
    const address = new URL(window.location.href);
    address.searchParams.set("q", box.value);
    try { window.history.replaceState(null, "", address); } catch { /* a folder that is opened from disk */ }
  });
  search();
  box.focus();
})();
