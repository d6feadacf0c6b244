// Runs before Gradio: takes a question out of the address, so that no request carries it; keeps what is asked before
// the page is drawn; says when the server cannot be reached, and goes on when it can. What a page around ours may want to
// know is said as events of the document: wenbao:drawn, wenbao:lost, wenbao:answer, wenbao:cited.
(() => {
  const wenbao = window.wenbao;
  const PROBE = 2000; // milliseconds between two looks whether the server is back

  // The address: ?q= or #q= is a question for the box, #c= the conversation, #s= a shared answer.
  const plainly = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  const fragment = {};
  for (const part of location.hash.slice(1).split("&")) {
    const at = part.indexOf("=");
    if (at === 1) fragment[part[0]] = plainly(part.slice(2));
  }
  const query = new URLSearchParams(location.search);
  wenbao.offered = query.get("q") ?? fragment.q ?? "";
  wenbao.conversation = fragment.c ?? "";
  // A link that was cut short is one that nobody shared, and the page says so.
  wenbao.share = !("s" in fragment) || /^[0-9a-f]{32}$/.test(fragment.s) ? (fragment.s ?? "") : "0".repeat(32);
  wenbao.tell = (what, detail) => document.dispatchEvent(new CustomEvent(`wenbao:${what}`, { detail }));
  // How a portal that frames the page wants it (bot/embed): it stays in the address.
  const look = ["l", "k", "b"].filter((name) => name in fragment).map((name) => `${name}=${encodeURIComponent(fragment[name])}`);
  query.delete("q");
  wenbao.show = () => {
    const search = query.toString();
    const shown = wenbao.share ? [`s=${wenbao.share}`] : wenbao.conversation ? [`c=${wenbao.conversation}`] : [];
    const place = [...shown, ...look].join("&");
    history.replaceState(history.state, "", location.pathname + (search && `?${search}`) + (place && `#${place}`));
  };
  if (wenbao.offered || fragment.q !== undefined) wenbao.show();

  // What was in the box when the page had to be loaded anew. Storage is dead in some frames.
  const BOX = "wenbao-box";
  try {
    wenbao.saved = JSON.parse(sessionStorage.getItem(BOX)) ?? {};
    sessionStorage.removeItem(BOX);
  } catch {
    wenbao.saved = {};
  }
  addEventListener("pagehide", () => {
    if (vanished || (!wenbao.isLost && !wenbao.keeps)) return;
    const text = document.querySelector("#wb-ask textarea")?.value ?? "";
    const box = { text, again: wenbao.again ?? [], of: wenbao.of };
    try {
      sessionStorage.setItem(BOX, JSON.stringify(box));
    } catch {
      // then the question is gone with the page
    }
  });

  // Whoever was here leaves: nothing of what is shown stays for the next.
  let vanished = false;
  wenbao.vanish = () => {
    vanished = true;
    wenbao.forget();
    wenbao.conversation = wenbao.share = "";
  };

  // Gradio asks for everything through fetch. What breaks under its hands (no answer at all, no stream of results) it
  // mends by loading the page anew as soon as the server is there, so the page must not go on before that.
  const line = document.createElement("p");
  line.id = "wb-lost";
  line.setAttribute("role", "alert");
  const plain = window.fetch.bind(window);
  let appId = null;
  let probing = 0;
  let broken = false;
  const CALLS = /\/gradio_api\/(queue\/join|run\/predict)$/;

  async function appNow() {
    const answer = await plain("gradio_api/app_id", { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).app_id;
  }
  function lose(status) {
    line.textContent = { 401: wenbao.words.unauthorised, 429: wenbao.words.busy, 503: wenbao.words.busy }[status] ?? wenbao.words.lost;
    wenbao.isLost = true;
    wenbao.lost?.();
    wenbao.tell("lost", status);
    clearTimeout(probing);
    probing = setTimeout(probe, PROBE);
  }
  async function probe() {
    let found;
    try {
      found = await appNow();
    } catch (error) {
      const status = Number(error.message) || 0;
      return lose(status);
    }
    // Another process knows nothing of this page.
    if (broken || (appId && found !== appId)) return location.reload();
    line.textContent = "";
    wenbao.back?.();
    wenbao.isLost = false;
  }
  wenbao.probe = () => {
    clearTimeout(probing);
    if (wenbao.isLost) probe();
  };
  window.fetch = async (resource, options) => {
    const url = new URL(resource?.url ?? resource, document.baseURI);
    if (url.origin !== location.origin) return plain(resource, options);
    try {
      const call = plain(resource, options);
      wenbao.called(call, url.pathname);
      const answer = await call;
      // No stream of results, or a session that is not ours any more (our cookie is gone): the page is begun anew.
      const cut = (!answer.ok && url.pathname.endsWith("/queue/data")) || (answer.status === 404 && CALLS.test(url.pathname));
      broken ||= cut;
      if (cut || [401, 429, 503].includes(answer.status)) lose(answer.status);
      return wenbao.results(answer, url.pathname, options?.signal ?? resource.signal);
    } catch (error) {
      if (error.name !== "AbortError" && !leaving) cutOff();
      throw error;
    }
  };
  let leaving = false;
  addEventListener("beforeunload", () => (leaving = true));
  addEventListener("pageshow", () => (leaving = false));
  function cutOff() {
    broken = true;
    lose(0);
  }
  wenbao.cutOff = cutOff; // an answer that broke off

  // The box that is there before Gradio's.
  wenbao.early = [];
  const shell = document.createElement("main");
  shell.id = "wb-shell";
  const early = document.createElement("textarea");
  const sent = document.createElement("ul");
  let composing = false;

  function open() {
    document.body.prepend(shell);
    document.body.append(line);
    if (document.activeElement === document.body) early.focus();
    appNow().then((id) => (appId = id), () => lose(0));
  }
  {
    const name = document.createElement("h1");
    name.textContent = wenbao.words.name;
    const status = document.createElement("p");
    status.textContent = wenbao.words.opening;
    status.setAttribute("role", "status");
    early.rows = 1;
    early.placeholder = wenbao.words.ask;
    early.setAttribute("aria-label", wenbao.words.question);
    early.value = wenbao.saved.text || wenbao.offered;
    early.addEventListener("compositionstart", () => (composing = true));
    early.addEventListener("compositionend", () => (composing = false));
    early.addEventListener("keypress", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      if (!early.value.trim()) return;
      wenbao.early.push(early.value);
      sent.append(Object.assign(document.createElement("li"), { textContent: early.value }));
      early.value = "";
    });
    const label = document.createElement("label");
    label.append(early);
    shell.append(name, status, sent, label);
  }
  if (document.body) open();
  else document.addEventListener("readystatechange", open, { once: true });

  // Gives the box over to Gradio's; a word that is being composed is finished first.
  wenbao.handOver = (box, fill) => {
    if (composing) return early.addEventListener("compositionend", () => setTimeout(() => wenbao.handOver(box, fill)), { once: true });
    const focused = document.activeElement === early;
    const at = [early.selectionStart, early.selectionEnd];
    if (early.value) fill(early.value);
    shell.remove();
    if (focused) {
      box.focus();
      box.setSelectionRange(...at);
    }
    wenbao.early.splice(0).forEach((question) => wenbao.send(question));
  };
})();
