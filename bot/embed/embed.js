// Our page in a portal's frame. Signs in with a token that the page around us gives, puts the chat page into this very
// document, and carries messages between the two. What proves who is here stays in this closure: no storage, address,
// attribute or global ever holds it. Every message is checked: who sent it, from which origin, and its shape.
(() => {
  const PATIENCE = 15000; // milliseconds in which the page around us has to give a token
  const AGAIN = 2000; // between two requests for one: whoever listens may have come late
  const CALM = 10000; // after a request that failed in mid-page
  const ROOM = 24; // pixels around a conversation
  const told = JSON.parse(document.querySelector('meta[name="wenbao"]').content);
  if (window.parent === window) return location.replace("./" + location.hash);

  const plain = window.fetch.bind(window);
  const home = new URL("./", location.href).href;
  // Where the browser says who is around us, nobody else is spoken to.
  const around = location.ancestorOrigins?.[0];
  const origins = told.origins.filter((origin) => around === undefined || origin === around);
  let bearer = ""; // "" where cookies do it
  let subject = ""; // whose session it is, as a hash
  let drawn = false;
  let take = null; // what waits for a token: (token or null) => …
  let renewing = false;
  let calmUntil = 0;
  const unasked = []; // questions of the host's that came before the page was drawn
  const cited = new Map(); // citations of the answers given here, by their links and articles
  let filled = ""; // what the host put into the box

  const say = (message) => origins.forEach((origin) => window.parent.postMessage(message, origin));

  // What the page around us may say.
  const text = (most) => (value) => typeof value === "string" && value.length > 0 && value.length <= most;
  const flag = (value) => typeof value === "boolean";
  const colour = (value) => value === undefined || (typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value));
  const language = (value) => value === undefined || value === "zh" || value === "en";
  const token = (value) => text(8192)(value) && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value);
  const MAY_SAY = {
    "wenbao:token": [{ token }, (said) => take?.(said.token)],
    "wenbao:no-token": [{}, () => take?.(null)],
    "wenbao:ask": [{ text: text(2000), send: flag }, ask],
    "wenbao:look": [{ colour, language }, look],
    "wenbao:sign-out": [{}, signOut],
  };
  function hear(event) {
    if (event.source !== window.parent || !origins.includes(event.origin)) return;
    const said = event.data;
    if (Object.prototype.toString.call(said) !== "[object Object]" || !Object.hasOwn(MAY_SAY, said.type)) return;
    const [shape, act] = MAY_SAY[said.type];
    const strange = Object.keys(said).some((name) => name !== "type" && !Object.hasOwn(shape, name));
    if (!strange && Object.keys(shape).every((name) => shape[name](said[name]))) act(said);
  }

  // Signing in
  function tokenOf(type) {
    return new Promise((resolve) => {
      const please = () => say({ type, token: true });
      const asking = setInterval(please, AGAIN);
      const end = setTimeout(() => take(null), PATIENCE);
      take = (given) => {
        take = null; // one is enough: what comes unasked is ignored
        clearInterval(asking);
        clearTimeout(end);
        resolve(given);
      };
      please();
    });
  }
  async function whose(given) {
    const claims = JSON.parse(atob(given.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${claims.iss}\n${claims.sub}`));
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  // Whether the same person is here as before; throws what keeps anybody from being so.
  async function signIn(type) {
    const given = await tokenOf(type);
    if (given === null) throw new Error("unsigned");
    const headers = { Authorization: `Bearer ${given}`, ...(bearer && { "X-Wenbao-Session": bearer }) }; // of somebody else, it ends
    const answer = await reach("embed/session", { method: "POST", headers });
    if (!answer.ok) throw new Error(answer.status < 500 && answer.status !== 429 ? "refused" : "lost");
    const session = await answer.json();
    const back = await reach("embed/session", {}); // with the cookie alone: does it come back?
    const known = back.ok && (await back.json()).until === session.until;
    const [was, now] = [subject, await whose(given)];
    bearer = known ? "" : session.session;
    subject = now;
    return !was || was === now;
  }
  async function reach(path, options) {
    try {
      return await plain(path, { cache: "no-store", ...options });
    } catch {
      throw new Error("lost");
    }
  }
  async function end() {
    const headers = bearer ? { Authorization: `Bearer ${bearer}` } : {};
    await plain("embed/session", { method: "DELETE", headers }).catch(() => {}); // then it ends by itself
  }
  async function signOut() {
    await end();
    restart();
  }
  function restart() {
    if (drawn) window.wenbao.vanish();
    document.body.replaceChildren();
    history.replaceState(null, "", location.pathname + location.search + lookPlace());
    location.reload();
  }
  // The session is over in mid-page: another token, and the page asks again by itself what got no answer.
  async function renew() {
    if (renewing || !told.signsIn || Date.now() < calmUntil) return;
    renewing = true;
    try {
      if (!(await signIn("wenbao:token-please"))) return restart();
      window.wenbao.probe();
    } catch {
      calmUntil = Date.now() + CALM; // the page's own line says that somebody has to sign in
    } finally {
      renewing = false;
    }
  }

  // The chat page, in this document: its address stays, so that loading it anew begins here again.
  const wrapped = (resource, options) => {
    if (!new URL(resource?.url ?? resource, document.baseURI).href.startsWith(home)) return plain(resource, options);
    const request = new Request(resource, options);
    if (bearer) request.headers.set("Authorization", `Bearer ${bearer}`);
    if (wish.language) request.headers.set("Accept-Language", wish.language);
    return plain(request);
  };
  async function show() {
    const answer = await wrapped("./").catch(() => null);
    if (!answer?.ok) throw new Error(answer && answer.status < 500 && answer.status !== 429 ? "refused" : "lost");
    const page = await answer.text();
    forgetOthers();
    window.fetch = wrapped;
    document.open(); // takes all listeners off
    document.write(page);
    document.close();
    document.documentElement.classList.add("wb-framed");
    document.documentElement.classList.toggle("wb-bare", wish.bare);
    window.wenbao.of = subject;
    if (wish.language) window.wenbao.chosen = wish.language;
    addEventListener("message", hear);
    document.addEventListener("wenbao:drawn", begin);
    document.addEventListener("wenbao:lost", (event) => event.detail === 401 && renew());
    document.addEventListener("wenbao:answer", (event) => answered(event.detail));
    document.addEventListener("wenbao:cited", (event) => opened(event.detail));
    document.addEventListener("click", outside, true);
    document.addEventListener("keydown", escape);
    paint();
  }
  // What somebody else left in this tab's box is not shown to who is here now.
  function forgetOthers() {
    try {
      const box = JSON.parse(sessionStorage.getItem("wenbao-box") ?? "{}");
      if (box.of !== subject) sessionStorage.removeItem("wenbao-box");
    } catch {
      // no storage: nothing was left
    }
  }
  function begin() {
    drawn = true;
    const box = document.querySelector("#wb-ask textarea");
    // A frame may not take the focus; where it is given to the frame, it is for the box. A phone's keyboard is not called.
    const enter = () => document.activeElement === document.body && matchMedia("(pointer: fine)").matches && box.focus();
    addEventListener("focus", enter);
    if (document.hasFocus()) enter();
    unasked.splice(0).forEach(ask);
    addEventListener("resize", measure);
    new MutationObserver(measure).observe(document.querySelector("#wb-sides"), { childList: true, subtree: true });
    say({ type: "wenbao:shown" });
    measure();
  }
  function ask(said) {
    if (!drawn) return void unasked.push(said);
    if (said.send) return window.wenbao.send(said.text);
    filled = window.wenbao.offer(said.text, filled);
  }

  // What the page around us is told
  function answered({ question, refused, citations }) {
    for (const citation of citations) {
      cited.set(citation.href, citation);
      cited.set(citation.href.split(".")[0], citation);
    }
    say({ type: "wenbao:answer", question, refused, citations: citations.map(plainly) });
  }
  function plainly({ n, paper, date, page, title, article_id }) {
    return { n, paper, date, page, title, article_id };
  }
  function opened({ href, n }) {
    const article = href.split(".")[0];
    // Of an earlier visit's answers only the link is known.
    const known = cited.get(href) ?? cited.get(article);
    const unknown = { n, paper: null, date: null, page: null, title: null, article_id: article.replace("#cite-", "") };
    say({ type: "wenbao:citation", ...(known ? plainly(known) : unknown) });
  }
  let height = 0;
  let measuring = 0;
  function measure() {
    cancelAnimationFrame(measuring);
    measuring = requestAnimationFrame(() => {
      // As high as it would be if the conversation did not scroll inside; the article beside or under it scrolls anyway.
      const scroller = document.querySelector("#wb-chat .panel-wrap");
      const rows = scroller?.firstElementChild?.children;
      if (!rows?.length) return;
      const inside = rows[rows.length - 1].getBoundingClientRect().bottom - rows[0].getBoundingClientRect().top;
      const now = Math.max(320, Math.ceil(innerHeight - scroller.clientHeight + inside + ROOM));
      if (Math.abs(now - height) < 2) return;
      height = now;
      say({ type: "wenbao:height", height });
    });
  }
  function escape(event) {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") || event.target.closest?.("#wb-source-side, #wb-filter")) return;
    say({ type: "wenbao:close" });
  }
  function outside(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || link.getAttribute("href").startsWith("#")) return;
    link.target = "_blank";
    link.rel = "noopener";
  }

  // The look that the host wants; it is in the address as #l=zh&k=0b5a8a&b=1, or said.
  const parts = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const wish = { language: "", colour: "", bare: parts.b === "1" };
  if (parts.l && language(parts.l)) wish.language = parts.l;
  if (parts.k && colour(`#${parts.k}`)) wish.colour = `#${parts.k}`;
  const lookPlace = () =>
    "#" + [wish.language && `l=${wish.language}`, wish.colour && `k=${wish.colour.slice(1)}`, wish.bare && "b=1"].filter(Boolean).join("&");
  function look(said) {
    if (said.colour) wish.colour = said.colour;
    if (said.colour && drawn) paint();
    if (!said.language || said.language === wish.language) return;
    wish.language = said.language;
    if (drawn) window.wenbao.speak(said.language);
  }
  const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const luminance = (hex) => {
    const [r, g, b] = channels(hex).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (hex, grounds) =>
    Math.min(...grounds.map((ground) => {
      const [dark, light] = [luminance(hex), luminance(ground)].sort((one, other) => one - other);
      return (light + 0.05) / (dark + 0.05);
    }));
  const lighter = (hex) => "#" + channels(hex).map((value) => Math.min(255, value + 1 + Math.floor((255 - value) / 12)).toString(16).padStart(2, "0")).join("");
  const sheet = new CSSStyleSheet();
  function paint() {
    document.adoptedStyleSheets = [sheet];
    if (!wish.colour) return;
    // As WENBAO_COLOUR is looked at (bot/look.py): readable by everybody, lighter by night.
    const found = contrast(wish.colour, told.grounds.day);
    if (found < 4.5) return console.warn(`WenBao: the colour ${wish.colour} has a contrast of ${found.toFixed(1)}, 4.5 is needed; it is left out.`);
    let night = wish.colour;
    while (contrast(night, told.grounds.night) < 5.5) night = lighter(night);
    const names = ["link-text-color", "color-accent", "border-color-accent", "input-border-color-focus"];
    const set = (value) => names.map((name) => `--${name}:${value}`).join(";");
    sheet.replaceSync(
      `:root,.gradio-container{${set(wish.colour)}}.dark,.dark .gradio-container{${set(night)}}` +
        `#wb-lost{background:${wish.colour}}@media(prefers-color-scheme:dark){#wb-lost{background:${night}}}`,
    );
  }

  // The boot page itself
  const again = document.querySelector("button");
  function tell(what) {
    document.querySelectorAll("[data-said]").forEach((one) => (one.hidden = one.dataset.said !== what));
    again.hidden = what === "opening";
  }
  async function start() {
    tell("opening");
    try {
      if (told.signsIn) await signIn("wenbao:ready");
      else say({ type: "wenbao:ready", token: false });
      await show();
    } catch (error) {
      const what = ["unsigned", "refused"].includes(error.message) ? error.message : "lost";
      if (what === "lost" && error.message !== "lost") console.error(error);
      tell(what);
    }
  }
  addEventListener("message", hear);
  again.addEventListener("click", start);
  start();
})();
