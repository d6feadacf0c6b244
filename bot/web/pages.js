// The archive's pages without a framework: they are whole without this. With it, a quoted place is marked, words that are
// looked for stand behind the # of the address, so that back, reload and bookmarks work and no server hears of them,
// topics come as soon as they are counted, and "print" prints.
"use strict";
(() => {
  const QUOTED = /^#(text|title|byline)\.(\d{1,8})\.(\d{1,8})$/;

  // The archive counts characters as Python does, a browser in halves of them (UTF-16).
  function units(text, characters) {
    let at = 0;
    for (const character of text) {
      if (characters-- <= 0) break;
      at += character.length;
    }
    return at;
  }

  function unmark() {
    document.querySelectorAll(".article mark").forEach((mark) => {
      const parent = mark.parentNode;
      mark.replaceWith(...mark.childNodes);
      parent.normalize();
    });
  }

  function markQuoted() {
    const quoted = QUOTED.exec(location.hash);
    if (!quoted || !document.querySelector(".article")) return;
    unmark();
    const [part, start, end] = [quoted[1], Number(quoted[2]), Number(quoted[3])];
    let first = null;
    document.querySelectorAll(`[data-part="${part}"]`).forEach((piece) => {
      const node = piece.firstChild;
      if (!node) return;
      const text = node.data;
      const offset = Number(piece.dataset.start);
      const from = units(text, Math.max(0, start - offset));
      const to = units(text, Math.max(0, end - offset));
      if (from >= to) return;
      const range = document.createRange();
      range.setStart(node, from);
      range.setEnd(node, to);
      const mark = document.createElement("mark");
      range.surroundContents(mark);
      first ??= mark;
    });
    first?.scrollIntoView({ block: "center", behavior: "instant" });
  }

  const FIELDS = ["words", "since", "until", "paper", "place", "byline", "order", "part"];
  const searching = () => document.querySelector("#results") !== null;

  function said(form, submitter) {
    const fields = new URLSearchParams();
    new FormData(form, submitter).forEach((value, name) => value && FIELDS.includes(name) && fields.set(name, value));
    return fields;
  }

  let latest = 0;

  async function show(fields, form) {
    const mine = ++latest;
    const found = await fetch(form.action, { method: "POST", body: fields, credentials: "same-origin" });
    const main = new DOMParser().parseFromString(await found.text(), "text/html").querySelector("main");
    if (mine !== latest) return; // another search has begun since
    if (!main) throw new Error("refused"); // nobody is signed in any more, or too much was looked for
    document.querySelector("main").replaceWith(main);
    document.querySelector("#results")?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.search");
    if (!form) return;
    const fields = said(form, event.submitter);
    event.preventDefault();
    if (!searching()) {
      location.assign(`${form.action}#${fields}`);
    } else if (fields.has("words")) {
      if (`#${fields}` !== location.hash) history.pushState(null, "", `${form.action}#${fields}`);
      show(fields, form).catch(() => form.submit());
    } else {
      location.assign(`${form.action}?${fields}`); // days, papers and places are no question
    }
  });

  function again() {
    const fields = new URLSearchParams(location.hash.slice(1));
    const form = document.querySelector("form.seek");
    if (searching() && form && fields.has("words")) show(fields, form).catch(() => {});
  }

  // Topics are counted beside the pages: where they were not there yet, they are asked for once more.
  async function later() {
    const place = document.querySelector("#later");
    if (!place) return;
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const found = await fetch(location.pathname, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await found.text(), "text/html");
    const words = page.querySelector(".worded");
    if (words) place.replaceWith(words);
  }

  addEventListener("hashchange", () => (searching() ? again() : markQuoted()));
  addEventListener("popstate", () => {
    if (searching() && !location.hash.includes("words=")) location.reload();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.(".print")) print();
    const language = event.target.closest?.('a[href^="?language="]');
    if (language && location.hash) language.href = language.getAttribute("href") + location.hash; // the place stays
  });
  document.querySelectorAll(".print").forEach((button) => (button.hidden = false));
  again();
  markQuoted();
  later().catch(() => {}); // then the page goes without
})();
